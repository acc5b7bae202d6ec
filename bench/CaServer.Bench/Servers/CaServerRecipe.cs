using System.Diagnostics;
using CaServer.Bench.Acme;

namespace CaServer.Bench.Servers;

/// <summary>
/// This server as it ships: a published Release build, SQLite with synchronous=FULL, keys in SoftHSM2, HTTPS. Only what the benchmark
/// must change is changed: addresses, resolver, http-01 port, loopback allowed, rate limits off.
/// </summary>
/// <param name="executable">A published <c>caserver</c>; null publishes one from this repository.</param>
/// <param name="settings">Further settings, as environment variables without their prefix.</param>
internal sealed class CaServerRecipe(string? executable, IReadOnlyDictionary<string, string>? settings = null) : ServerRecipe
{
    private string? _executable = executable;

    public override string Name => "caserver";

    public override async Task PrepareAsync(string directory, CancellationToken ct)
    {
        if (_executable is not null)
            return;
        var repository = Repository();
        var output = Path.Combine(directory, "published");
        using var publish = Process.Start(new ProcessStartInfo("dotnet",
            ["publish", Path.Combine(repository, "src", "CaServer", "CaServer.csproj"), "--configuration", "Release", "--output", output, "--verbosity", "quiet", "--nologo"])
        {
            WorkingDirectory = repository,
        }) ?? throw new AcmeFailure("dotnet did not start");
        try
        {
            await publish.WaitForExitAsync(ct);
        }
        finally
        {
            if (!publish.HasExited)
                publish.Kill(entireProcessTree: true);
        }
        if (publish.ExitCode != 0)
            throw new AcmeFailure("dotnet publish of src/CaServer failed; its output is above");
        _executable = Path.Combine(output, "caserver");
    }

    public override Task<RunningServer> StartAsync(Stage stage, string directory, CancellationToken ct)
    {
        var (https, http, admin) = (Stage.FreePort(), Stage.FreePort(), Stage.FreePort());
        var data = Path.Combine(directory, "data");
        var environment = new Dictionary<string, string>
        {
            ["CASERVER_Server__PublicUrl"] = $"https://localhost:{https}",
            ["CASERVER_Server__HttpsListen"] = $"127.0.0.1:{https}",
            ["CASERVER_Server__HttpListen"] = $"127.0.0.1:{http}",
            ["CASERVER_Server__StatusUrl"] = $"http://localhost:{http}",
            ["CASERVER_Server__AdminListen"] = $"127.0.0.1:{admin}",
            ["CASERVER_Data__Directory"] = data,
            ["CASERVER_Validation__Http01Port"] = $"{stage.Http.EndPoint.Port}",
            ["CASERVER_Validation__Resolvers__0"] = stage.Dns.EndPoint.ToString(),
            ["CASERVER_Validation__AllowedNetworks__0"] = "127.0.0.0/8",
            ["CASERVER_Limits__Enabled"] = "false",
        };
        foreach (var (name, value) in settings ?? new Dictionary<string, string>())
            environment["CASERVER_" + name] = value;
        var process = ServerProcess.Start(directory, environment, _executable!, "serve");
        var rootFile = Path.Combine(data, "root.pem");
        return WhenReadyAsync("CaServer, SQLite FULL, P-256 issuer in SoftHSM2", process, new Uri($"https://localhost:{https}/acme/directory"),
            rootFile, _ => RootsIn(rootFile), ct);
    }

    private static string Repository()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "CaServer.sln")))
                return directory.FullName;
        }
        throw new AcmeFailure("the repository was not found above this program; name a published server with --caserver FILE");
    }
}
