using System.Security.Cryptography.X509Certificates;
using CaServer.Bench.Acme;
using CaServer.Bench.Load;

namespace CaServer.Bench.Servers;

/// <summary>How one kind of server is configured and started on a stage, with an empty data directory.</summary>
internal abstract class ServerRecipe
{
    protected static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);

    public abstract string Name { get; }

    /// <summary>Work that must be over before this process is pinned to a core, such as a build.</summary>
    public virtual Task PrepareAsync(string directory, CancellationToken ct) => Task.CompletedTask;

    /// <exception cref="AcmeFailure">It did not start, or cannot work on this stage; the message says why.</exception>
    public abstract Task<RunningServer> StartAsync(Stage stage, string directory, CancellationToken ct);

    public static ServerRecipe Of(string name, string? caserver) => name switch
    {
        "pebble" => new PebbleRecipe(),
        "caddy" => new CaddyRecipe(),
        "caserver" => new CaServerRecipe(caserver),
        _ => throw new AcmeFailure($"no server is called {name}; known are caserver, pebble, caddy"),
    };

    /// <summary>Waits for the root file and the directory, then describes the target. The TLS root and the issuing root are the same file.</summary>
    protected static async Task<RunningServer> WhenReadyAsync(
        string description, ServerProcess process, Uri directory, string tlsRootFile, Func<CancellationToken, Task<X509Certificate2Collection>> issuingRoots, CancellationToken ct)
    {
        try
        {
            ServerTrust? trust = null;
            var readyIn = await process.ReadyAsync(async attempt =>
            {
                trust = ServerTrust.FromFile(tlsRootFile);
                using var http = trust.CreateClient(connections: 1);
                await AcmeDirectory.FetchAsync(http, directory, attempt);
            }, StartLimit, ct);
            return new RunningServer(description, new LoadTarget(directory, trust!, await issuingRoots(ct), process.Usage), readyIn, process);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    protected static Task<X509Certificate2Collection> RootsIn(string file)
    {
        var roots = new X509Certificate2Collection();
        roots.ImportFromPemFile(file);
        return Task.FromResult(roots);
    }
}
