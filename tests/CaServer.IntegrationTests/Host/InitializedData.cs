using System.Diagnostics;
using CaServer.IntegrationTests.Host;
using CaServer.TestKit.Processes;

[assembly: AssemblyFixture(typeof(InitializedData))]

namespace CaServer.IntegrationTests.Host;

/// <summary>A data directory as <c>init</c> leaves it, made once; tests spoil copies of it.</summary>
public sealed class InitializedData : IAsyncLifetime
{
    private readonly ScratchDirectory _scratch = new();

    /// <summary>How long <c>init</c> took here and now.</summary>
    public TimeSpan Took { get; private set; }

    /// <summary>A copy, below a directory of its own.</summary>
    public ScratchDirectory Copy()
    {
        var copy = new ScratchDirectory();
        using var process = Process.Start("cp", ["-a", _scratch.File("data"), copy.Path]);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return copy;
    }

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        var begun = Stopwatch.GetTimestamp();
        var run = await CommandRun.OfAsync(["init"], new Dictionary<string, string> { ["Data:Directory"] = _scratch.File("data") });
        Took = Stopwatch.GetElapsedTime(begun);
        Assert.Empty(run.Errors);
        Assert.Equal(0, run.ExitCode);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _scratch.Dispose();
        return ValueTask.CompletedTask;
    }
}
