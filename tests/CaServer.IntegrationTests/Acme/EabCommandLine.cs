using System.Text.Json;
using CaServer.IntegrationTests.Host;
using CaServer.TestKit.Acme;

namespace CaServer.IntegrationTests.Acme;

/// <summary><c>caserver eab</c> on a data directory, which a server may be using.</summary>
internal sealed class EabCommandLine(string dataDirectory)
{
    /// <summary>Makes a key.</summary>
    public async Task<TestBinding> CreateAsync(params IEnumerable<string> options)
    {
        var key = await JsonAsync(["create", .. options]);
        return TestBinding.Of(key.GetProperty("kid").GetString()!, key.GetProperty("macKey").GetString()!);
    }

    /// <summary>Runs a command that succeeds and prints JSON.</summary>
    public async Task<JsonElement> JsonAsync(params IEnumerable<string> arguments)
    {
        var run = await RunAsync([.. arguments, "--json"]);
        Assert.Empty(run.Errors);
        Assert.Equal(0, run.ExitCode);
        return JsonElement.Parse(run.Output);
    }

    /// <summary>Runs a command.</summary>
    public Task<CommandRun> RunAsync(params IEnumerable<string> arguments) =>
        CommandRun.OfAsync(["eab", .. arguments], new Dictionary<string, string> { ["Data:Directory"] = dataDirectory });
}
