namespace CaServer.TestKit.Processes;

/// <summary>A <c>caserver serve --roles status</c> beside another process: ports of its own, a module for tokens that does not exist, and the database.</summary>
public sealed class StatusProcess : IAsyncDisposable
{
    private readonly ScratchDirectory _scratch = new();
    private readonly int _httpPort = LoopbackPorts.Next();
    private readonly int _adminPort = LoopbackPorts.Next();
    private readonly HttpClient _client = new();
    private ChildProcess _process = null!;

    private StatusProcess()
    {
    }

    /// <summary>Base of the status URLs, as this process serves them.</summary>
    public Uri Url => new($"http://127.0.0.1:{_httpPort}");

    /// <summary>The files that it has open, and whether it may write them.</summary>
    public IReadOnlyList<(string Path, bool IsWritable)> OpenFiles => [.. Directory.GetFiles($"/proc/{_process.Id}/fd").Select(DescriptorOf).Where(f => f.Path.StartsWith('/'))];

    /// <summary>What it wrote to its standard streams.</summary>
    public string Log => _process.Output;

    /// <summary>Starts it and waits until it is ready.</summary>
    /// <param name="settings">The database, and what else it is to be told.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<StatusProcess> StartAsync(IReadOnlyDictionary<string, string> settings, CancellationToken cancellation)
    {
        var server = new StatusProcess();
        var environment = new Dictionary<string, string>
        {
            ["CASERVER_Server__HttpListen"] = $"127.0.0.1:{server._httpPort}",
            ["CASERVER_Server__AdminListen"] = $"127.0.0.1:{server._adminPort}",
            ["CASERVER_Hsm__Module"] = server._scratch.File("no-such-module.so"),
        };
        foreach (var (key, value) in settings)
            environment["CASERVER_" + key.Replace(":", "__", StringComparison.Ordinal)] = value;
        server._process = ChildProcess.Start(CaServerProcess.Program, ["serve", "--roles", "status"], environment, server._scratch.Path);
        await Readiness.WaitAsync(server._process, server._adminPort, cancellation);
        return server;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _client.Dispose();
        _scratch.Dispose();
    }

    // The access mode is the lowest two bits of the flags, which are octal; 0 is to read only.
    private (string Path, bool IsWritable) DescriptorOf(string descriptor)
    {
        try
        {
            var flags = File.ReadLines($"/proc/{_process.Id}/fdinfo/{Path.GetFileName(descriptor)}").First(l => l.StartsWith("flags:", StringComparison.Ordinal));
            return (File.ResolveLinkTarget(descriptor, returnFinalTarget: false)?.FullName ?? "", (flags[^1] - '0' & 3) != 0);
        }
        catch (IOException)
        {
            // Closed meanwhile.
            return ("", false);
        }
    }
}
