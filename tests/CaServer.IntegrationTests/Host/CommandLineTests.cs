using System.Text.Json;
using CaServer.TestKit.Processes;

namespace CaServer.IntegrationTests.Host;

public sealed class CommandLineTests
{
    private static readonly Dictionary<string, string> s_none = [];

    [Theory]
    [InlineData("--help")]
    [InlineData("serve", "--help")]
    [InlineData("init", "--help")]
    [InlineData("config", "check", "--help")]
    [InlineData("eab", "create", "--help")]
    [InlineData("validate", "--help")]
    [InlineData("--version")]
    public async Task Help_and_version_are_no_faults(params string[] arguments)
    {
        var run = await CommandRun.OfAsync(arguments, s_none);
        Assert.Equal(0, run.ExitCode);
        Assert.NotEmpty(run.Output);
        Assert.Empty(run.Errors);
    }

    [Theory]
    [InlineData("caserver: Unrecognized command or argument 'sevre'.", "sevre")]
    [InlineData("caserver: Unrecognized command or argument '--port'.", "serve", "--port")]
    [InlineData("caserver: --roles must list acme, validator, signer, status, not 'all'", "serve", "--roles", "all")]
    [InlineData("caserver: --roles cannot include portal in this version, which has none", "serve", "--roles", "acme,portal")]
    public async Task A_wrong_command_line_has_exit_code_2(string expected, params string[] arguments)
    {
        var run = await CommandRun.OfAsync(arguments, s_none);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(expected, run.Errors);
        Assert.StartsWith("Try 'caserver", run.Errors[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Config_check_tells_every_fault_and_makes_nothing()
    {
        using var scratch = new ScratchDirectory();
        var run = await CommandRun.OfAsync(["config", "check"], new Dictionary<string, string> { ["Data:Directory"] = scratch.File("data"), ["Hsm:Sessions"] = "0", ["Foo"] = "1" });
        Assert.Equal(1, run.ExitCode);
        Assert.Equal(2, run.Errors.Count);
        Assert.False(Directory.Exists(scratch.File("data")));
    }

    [Fact]
    public async Task Config_check_writes_JSON()
    {
        var run = await CommandRun.OfAsync(["config", "check", "--json"], new Dictionary<string, string> { ["Hsm:Sessions"] = "0" });
        Assert.Equal(1, run.ExitCode);
        Assert.Empty(run.Errors);
        var fault = Assert.Single(JsonDocument.Parse(run.Output).RootElement.GetProperty("faults").EnumerateArray());
        Assert.Equal("Hsm:Sessions", fault.GetProperty("key").GetString());
        Assert.Equal("CASERVER_Hsm__Sessions", fault.GetProperty("origin").GetString());
    }

    [Fact]
    public async Task Config_check_refuses_what_a_start_in_those_roles_would_refuse_in_the_same_words()
    {
        using var scratch = new ScratchDirectory();
        await File.WriteAllTextAsync(scratch.File("suffixes"), "com\norg\n", TestContext.Current.CancellationToken);
        var settings = new Dictionary<string, string>
        {
            ["Data:Directory"] = scratch.File("data"),
            ["Policy:Preset"] = "webpki",
            ["Policy:PublicSuffixList"] = scratch.File("suffixes"),
            ["Validation:Resolvers:0"] = "127.0.0.1:53",
            ["Validation:Dnssec"] = "true",
        };
        string[] roles = ["--roles", "validator,signer"];

        var check = await CommandRun.OfAsync(["config", "check", .. roles], settings);
        check.IsRefusedInOneLine("Validation:Remotes are too few for webpki: ");
        var json = await CommandRun.OfAsync(["config", "check", "--json", .. roles], settings);
        Assert.Equal(1, json.ExitCode);
        Assert.Equal("Validation:Remotes", Assert.Single(JsonDocument.Parse(json.Output).RootElement.GetProperty("faults").EnumerateArray()).GetProperty("key").GetString());

        Assert.Equal(check.Errors, (await CommandRun.OfAsync(["serve", .. roles], settings)).Errors);
        Assert.False(Directory.Exists(scratch.File("data")));
        Assert.Equal(0, (await CommandRun.OfAsync(["config", "check", "--roles", "status"], settings)).ExitCode);
        Assert.Equal(0, (await CommandRun.OfAsync(["config", "check", "--roles", "validator", "--perspective", "tokyo"], settings)).ExitCode);
    }

    [Fact]
    public async Task Init_writes_JSON_and_nothing_else_to_standard_output()
    {
        using var scratch = new ScratchDirectory();
        var run = await CommandRun.OfAsync(["init", "--json"], new Dictionary<string, string> { ["Data:Directory"] = scratch.File("data") });
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(scratch.File("data/root.pem"), JsonDocument.Parse(run.Output).RootElement.GetProperty("rootCertificate").GetString());
    }
}
