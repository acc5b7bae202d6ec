using System.Buffers.Text;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using CaServer.IntegrationTests.Acme;
using CaServer.IntegrationTests.Host;
using CaServer.TestKit.Acme;
using CaServer.TestKit.Processes;

namespace CaServer.IntegrationTests.Commands;

/// <summary><c>caserver renewal</c> beside a running server, and what clients then hear (RFC 9773).</summary>
public sealed class RenewalCommandTests(AcmeServer acme)
{
    private const string Explanation = "https://status.example/incident/7";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Clients_hear_of_a_moved_window_at_once_and_of_the_usual_one_when_it_is_taken_back()
    {
        var account = await acme.NewAccountAsync();
        using var certificate = await IssueAsync(account, "heard.renewal.localhost");
        var usual = await InfoAsync(account, certificate);
        Assert.False(usual.Json.TryGetProperty("explanationURL", out _));

        string[] wish = ["--serial", certificate.SerialNumber, "--start", "2028-01-01", "--end", "2028-01-02", "--explanation", Explanation, "--note", "why"];
        var rehearsed = await JsonAsync(["renewal", "move", .. wish, "--dry-run"]);
        Assert.Equal(("wouldBeMoved", 0), (Result(rehearsed), rehearsed.GetProperty("moved").GetInt32()));
        Assert.Equal(usual.Text, (await InfoAsync(account, certificate)).Text);

        // A window beyond the certificate's end would be none: it ends with the certificate.
        var far = await JsonAsync(["renewal", "move", "--serial", certificate.SerialNumber, "--length", "400d"]);
        Assert.Equal("moved", Result(far));
        Assert.Equal(new DateTimeOffset(certificate.NotAfter), Window(await InfoAsync(account, certificate)).End);

        var now = DateTimeOffset.UtcNow;
        var moved = await JsonAsync(["renewal", "move", "--serial", certificate.SerialNumber, "--length", "6h", "--explanation", Explanation, "--note", "why"]);
        var info = await InfoAsync(account, certificate);
        Assert.Equal((200, Explanation), (info.Status, info["explanationURL"]));
        var (start, end) = Window(info);
        Assert.InRange(start, now.AddSeconds(-1), DateTimeOffset.UtcNow);
        Assert.Equal(TimeSpan.FromHours(6), end - start);
        Assert.NotNull(info.Header("Retry-After"));

        var number = moved.GetProperty("move").GetInt64();
        var listed = (await JsonAsync("renewal", "list")).GetProperty("moves").EnumerateArray().Single(m => m.GetProperty("move").GetInt64() == number);
        Assert.Equal((1, 0, "why"), (listed.GetProperty("certificates").GetInt32(), listed.GetProperty("replaced").GetInt32(), listed.GetProperty("note").GetString()));

        Assert.Equal(1, (await JsonAsync("renewal", "clear", $"{number}", "--dry-run")).GetProperty("certificates").GetInt32());
        Assert.Equal(1, (await JsonAsync("renewal", "clear", $"{number}")).GetProperty("certificates").GetInt32());
        Assert.Equal(usual.Text, (await InfoAsync(account, certificate)).Text);
        (await RunAsync("renewal", "clear", $"{number}")).IsRefusedInOneLine($"there is no move '{number}'");
    }

    [Fact]
    public async Task A_set_is_chosen_by_what_its_certificates_have_in_common_and_what_is_replaced_is_counted()
    {
        var (account, other) = (await acme.NewAccountAsync(), await acme.NewAccountAsync());
        using var first = await IssueAsync(account, "a.set.renewal.localhost");
        using var second = await IssueAsync(account, "b.set.renewal.localhost");
        using var third = await IssueAsync(other, "c.set.renewal.localhost");

        Assert.Equal([Serial(third), Serial(second), Serial(first)], await ChosenAsync("--name", "set.renewal.localhost", "--below"));
        Assert.Equal([Serial(second), Serial(first)], await ChosenAsync("--account", account.Url));
        Assert.Equal([Serial(second)], await ChosenAsync("--account", account.Url, "--name", "b.set.renewal.localhost", "--issuer", "issuing", "--profile", "dv", "--issued-from", "2026-01-01"));
        Assert.Empty(await ChosenAsync("--account", account.Url, "--issued-before", "2026-01-01"));
        Assert.Empty(await ChosenAsync("--account", account.Url, "--issuer", "another"));
        Assert.Superset(new HashSet<string?>([Serial(third), Serial(second), Serial(first)]), (await ChosenAsync("--all")).ToHashSet());

        await account.PostAsync(account.Session.Url("revokeCert"), $$"""{"certificate":"{{Base64Url.EncodeToString(first.RawData)}}"}""");
        using var scratch = new ScratchDirectory();
        var file = scratch.File("serials");
        await File.WriteAllTextAsync(file, $"{Serial(first)}\n{Serial(second)}\n{Serial(third)}\n{new string('4', 32)}\n", Cancellation);
        var run = await RunAsync("renewal", "move", "--file", file, "--length", "1h", "--json");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("1 of the serial numbers are not of certificates", Assert.Single(run.Errors), StringComparison.Ordinal);
        var moved = JsonElement.Parse(run.Output);
        Assert.Equal(["revoked", "moved", "moved", "notFound"], moved.GetProperty("certificates").EnumerateArray().Select(c => c.GetProperty("result").GetString()));
        // What is revoked stays over.
        Assert.True(Window(await InfoAsync(account, first)).End <= DateTimeOffset.UtcNow);

        using var renewed = await IssueAsync(account, "b.set.renewal.localhost", replaces: second);
        var number = moved.GetProperty("move").GetInt64();
        var listed = (await JsonAsync("renewal", "list")).GetProperty("moves").EnumerateArray().Single(m => m.GetProperty("move").GetInt64() == number);
        Assert.Equal((2, 1), (listed.GetProperty("certificates").GetInt32(), listed.GetProperty("replaced").GetInt32()));
        Assert.Equal(1, (await JsonAsync("renewal", "clear", "--serial", third.SerialNumber)).GetProperty("certificates").GetInt32());
        Assert.Equal(0, (await JsonAsync("renewal", "clear", "--serial", third.SerialNumber)).GetProperty("certificates").GetInt32());
    }

    [Theory]
    [InlineData("move", "--serial", "00")]
    [InlineData("move", "--length", "1h")]
    [InlineData("move", "--all", "--length", "1h", "--end", "2030-01-01")]
    [InlineData("move", "--all", "--account", "1", "--length", "1h")]
    [InlineData("move", "--serial", "00", "--file", "x", "--length", "1h")]
    [InlineData("move", "--profile", "dv", "--below", "--length", "1h")]
    [InlineData("move", "--all", "--length", "soon")]
    [InlineData("move", "--all", "--end", "tomorrow")]
    [InlineData("move", "--all", "--length", "1h", "--explanation", "ftp://a.example")]
    [InlineData("clear")]
    [InlineData("clear", "1", "--all")]
    public async Task A_wrong_command_line_is_told(params string[] arguments)
    {
        var run = await RunAsync(["renewal", .. arguments]);
        Assert.Equal(2, run.ExitCode);
        Assert.Empty(run.Output);
        Assert.StartsWith("caserver: ", run.Errors[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_window_that_is_none_is_told()
    {
        (await RunAsync("renewal", "move", "--all", "--start", "2027-01-02", "--end", "2027-01-01")).IsRefusedInOneLine("--end", "must be later");
        (await RunAsync("renewal", "move", "--all", "--start", "2000-01-01", "--end", "2000-01-02")).IsRefusedInOneLine("--start", "within 1000 days");
    }

    private async Task<IReadOnlyList<string?>> ChosenAsync(params string[] choice) =>
        [.. (await JsonAsync(["renewal", "move", .. choice, "--length", "1h", "--dry-run"])).GetProperty("certificates").EnumerateArray().Select(c => c.GetProperty("serial").GetString())];

    private static string? Result(JsonElement moved) => Assert.Single(moved.GetProperty("certificates").EnumerateArray()).GetProperty("result").GetString();

    private static string Serial(X509Certificate2 certificate) => certificate.SerialNumber.ToLowerInvariant();

    private static (DateTimeOffset Start, DateTimeOffset End) Window(AcmeAnswer answer)
    {
        var window = answer.Json.GetProperty("suggestedWindow");
        return (window.GetProperty("start").GetDateTimeOffset(), window.GetProperty("end").GetDateTimeOffset());
    }

    // A plain GET: no account, no nonce, no signature.
    private static Task<AcmeAnswer> InfoAsync(TestAccount account, X509Certificate2 certificate) =>
        account.Session.SendAsync(HttpMethod.Get, account.Session.Url("renewalInfo") + "/" + Identifier(certificate));

    private static string Identifier(X509Certificate2 certificate)
    {
        var authority = certificate.Extensions.OfType<X509AuthorityKeyIdentifierExtension>().Single().KeyIdentifier!.Value;
        return Base64Url.EncodeToString(authority.Span) + "." + Base64Url.EncodeToString(certificate.SerialNumberBytes.Span);
    }

    private async Task<X509Certificate2> IssueAsync(TestAccount account, string name, X509Certificate2? replaces = null)
    {
        var order = replaces is null
            ? await account.OrderAsync(name)
            : await account.PostAsync(
                account.Session.Url("newOrder"), $$"""{"identifiers":[{"type":"dns","value":"{{name}}"}],"replaces":"{{Identifier(replaces)}}"}""");
        await acme.ProveAsync(account, order);
        await account.PostAsync(order["finalize"]!, $$"""{"csr":"{{TestCsr.For(name)}}"}""");
        var done = await account.PollAsync(order.Location!, TimeSpan.FromSeconds(15), Cancellation);
        Assert.True(done["status"] == "valid", done.ToString());
        return X509Certificate2.CreateFromPem((await account.GetAsync(done["certificate"]!)).Text);
    }

    private async Task<JsonElement> JsonAsync(params IEnumerable<string> arguments)
    {
        var run = await RunAsync([.. arguments, "--json"]);
        Assert.Empty(run.Errors);
        Assert.Equal(0, run.ExitCode);
        return JsonElement.Parse(run.Output);
    }

    private Task<CommandRun> RunAsync(params IEnumerable<string> arguments) => CommandRun.OfAsync(
        [.. arguments],
        new Dictionary<string, string>
        {
            ["Data:Directory"] = acme.Server.DataDirectory,
            ["Server:PublicUrl"] = acme.Server.PublicUrl.GetLeftPart(UriPartial.Authority),
        });
}
