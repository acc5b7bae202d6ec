using CaServer.IntegrationTests.Acme;
using CaServer.TestKit.Processes;

namespace CaServer.IntegrationTests.Host;

/// <summary><c>caserver eab</c> while the server is stopped; the protocol's tests run it beside one.</summary>
public sealed class EabCommandTests(InitializedData data)
{
    [Fact]
    public async Task A_key_is_made_shown_without_its_MAC_key_rotated_listed_and_revoked()
    {
        using var scratch = data.Copy();
        var eab = new EabCommandLine(scratch.File("data"));
        var made = await eab.JsonAsync("create", "--domain", "example.org", "--domain", "192.0.2.1", "--profile", "dv", "--accounts", "5", "--expires", "30d", "--note", "web team");
        var kid = made.GetProperty("kid").GetString()!;
        Assert.Matches("^[0-9a-f]{20}$", kid);
        Assert.Matches("^[A-Za-z0-9_][A-Za-z0-9_-]{85}$", made.GetProperty("macKey").GetString());
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(scratch.File("data/eab.key")));

        var shown = await eab.JsonAsync("show", kid);
        Assert.False(shown.TryGetProperty("macKey", out _));
        Assert.Equal(("valid", 0, 5, "web team"), (shown.GetProperty("state").GetString(), shown.GetProperty("accounts").GetInt32(), shown.GetProperty("maxAccounts").GetInt32(), shown.GetProperty("note").GetString()));
        Assert.Equal(["example.org", "192.0.2.1"], shown.GetProperty("domains").EnumerateArray().Select(d => d.GetString()));
        Assert.Equal(["dv"], shown.GetProperty("profiles").EnumerateArray().Select(d => d.GetString()));
        Assert.True(shown.GetProperty("expiresAt").GetDateTimeOffset() > shown.GetProperty("createdAt").GetDateTimeOffset());

        var rotated = await eab.JsonAsync("rotate", kid);
        Assert.NotEqual(made.GetProperty("macKey").GetString(), rotated.GetProperty("macKey").GetString());
        Assert.Equal("revoked", (await eab.JsonAsync("revoke", kid)).GetProperty("state").GetString());
        Assert.Equal("revoked", (await eab.JsonAsync("list")).EnumerateArray().Single().GetProperty("state").GetString());
        (await eab.RunAsync("revoke", kid)).IsRefusedInOneLine(kid, "was revoked before");
        (await eab.RunAsync("rotate", kid)).IsRefusedInOneLine(kid, "was revoked before");
        (await eab.RunAsync("show", "nobody")).IsRefusedInOneLine("there is no external account key 'nobody'");
        Assert.Contains(kid, (await eab.RunAsync("list")).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--domain", "*.example.org")]
    [InlineData("--domain", "exa mple")]
    [InlineData("--accounts", "0")]
    [InlineData("--accounts", "many")]
    [InlineData("--expires", "2001-01-01")]
    [InlineData("--expires", "soon")]
    [InlineData("--note", "two\nlines")]
    public async Task A_value_that_cannot_be_is_a_wrong_command_line(params string[] options)
    {
        using var scratch = new ScratchDirectory();
        var run = await new EabCommandLine(scratch.Path).RunAsync(["create", .. options]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(options[0], run.Errors[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_profile_that_does_not_exist_and_a_directory_without_database_are_told()
    {
        using var scratch = data.Copy();
        (await new EabCommandLine(scratch.File("data")).RunAsync("create", "--profile", "gold")).IsRefusedInOneLine("no profile 'gold'", "dv");
        (await new EabCommandLine(scratch.File("nothing")).RunAsync("list")).IsRefusedInOneLine("Data:Directory", "has no database");
        Assert.False(Directory.Exists(scratch.File("nothing")));
    }

    [Fact]
    public async Task A_lost_key_file_is_not_replaced_while_keys_need_it()
    {
        using var scratch = data.Copy();
        var eab = new EabCommandLine(scratch.File("data"));
        var key = await eab.CreateAsync();
        File.Delete(scratch.File("data/eab.key"));
        (await eab.RunAsync("create")).IsRefusedInOneLine("eab.key", "is missing");
        Assert.False(File.Exists(scratch.File("data/eab.key")));
        await eab.JsonAsync("rotate", key.Kid);
        await eab.CreateAsync();
    }
}
