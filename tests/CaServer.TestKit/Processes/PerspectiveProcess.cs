using System.Security.Cryptography;

namespace CaServer.TestKit.Processes;

/// <summary>A <c>caserver serve --roles validator --perspective NAME</c>: a data directory with a key, and an admin port of its own.</summary>
public sealed class PerspectiveProcess : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private readonly ScratchDirectory _scratch = new();
    private readonly int _adminPort = LoopbackPorts.Next();
    private readonly HttpClient _client = new();
    private ChildProcess? _process;

    /// <summary>Makes the perspective's key; nothing runs yet.</summary>
    public PerspectiveProcess(string name)
    {
        Name = name;
        var keys = Directory.CreateDirectory(_scratch.File("data"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute)
            .CreateSubdirectory("perspectives");
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var file = Path.Combine(keys.FullName, $"{name}.key.pem");
        File.WriteAllText(file, key.ExportPkcs8PrivateKeyPem());
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        PublicPem = key.ExportSubjectPublicKeyInfoPem();
    }

    /// <summary>The perspective's name.</summary>
    public string Name { get; }

    /// <summary>Its public key.</summary>
    public string PublicPem { get; }

    /// <summary>What it wrote to its standard streams.</summary>
    public string Log => _process?.Output ?? "";

    /// <summary>Lets a server know the key, under this name or another one.</summary>
    public void Introduce(CaServerProcess server, string? asName = null)
    {
        var directory = Directory.CreateDirectory(server.DataDirectory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute)
            .CreateSubdirectory("perspectives");
        File.WriteAllText(Path.Combine(directory.FullName, $"{asName ?? Name}.pub.pem"), PublicPem);
    }

    /// <summary>Starts it and waits until it is ready.</summary>
    public async Task StartAsync(IReadOnlyDictionary<string, string> settings, CancellationToken cancellation)
    {
        var environment = new Dictionary<string, string>
        {
            ["CASERVER_Data__Directory"] = _scratch.File("data"),
            ["CASERVER_Server__AdminListen"] = $"127.0.0.1:{_adminPort}",
        };
        foreach (var (key, value) in settings)
            environment["CASERVER_" + key.Replace(":", "__", StringComparison.Ordinal)] = value;
        _process = ChildProcess.Start(CaServerProcess.Program, ["serve", "--roles", "validator", "--perspective", Name], environment, _scratch.Path);
        await Readiness.WaitAsync(_process, _adminPort, cancellation);
    }

    /// <summary>Its metrics.</summary>
    public Task<string> MetricsAsync(CancellationToken cancellation) => _client.GetStringAsync(new Uri($"http://127.0.0.1:{_adminPort}/metrics"), cancellation);

    /// <summary>Asks it to stop; its exit code.</summary>
    public async Task<int> StopAsync(CancellationToken cancellation)
    {
        _process!.Terminate();
        return await _process.WaitForExitAsync(cancellation).WaitAsync(Deadline, cancellation);
    }

    /// <summary>Ends it without warning.</summary>
    public Task KillAsync() => _process!.KillAsync();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        _client.Dispose();
        _scratch.Dispose();
    }
}
