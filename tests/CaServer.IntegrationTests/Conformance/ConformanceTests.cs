using System.Buffers.Text;
using System.Text.RegularExpressions;
using CaServer.IntegrationTests.Acme;
using CaServer.TestKit.Processes;

namespace CaServer.IntegrationTests.Conformance;

/// <summary>The conformance suite against this server, and against another one as a check on the suite itself.</summary>
public sealed partial class ConformanceTests
{
    private static readonly string[] s_onlyNewAccount = ["--only", "RFC 8555 §7.3", "--only", "RFC 8555 §6.2"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_MUST_and_SHOULD_holds_for_this_server_whether_or_not_it_requires_a_binding(bool isBindingRequired)
    {
        await using var dns = await DnsTestServer.StartAsync(Cancellation);
        await using var server = await CaServerProcess.StartAsync(
            new Dictionary<string, string>
            {
                ["Validation:Resolvers:0"] = $"{dns.Endpoint}",
                ["Acme:ExternalAccountRequired"] = isBindingRequired ? "true" : "false",
            }, Cancellation);
        var key = await new EabCommandLine(server.DataDirectory).CreateAsync("--accounts", "1000");

        var outcome = await ConformanceSuite.RunAsync(
            server.Directory, server.RootCertificateFile, [
                .. Means(dns, server.Http01Port, server.TlsAlpn01Port), "--eab-kid", key.Kid, "--eab-key", Base64Url.EncodeToString(key.MacKey),
                // What depends on the setting is about newAccount.
                .. isBindingRequired ? s_onlyNewAccount : []]);

        Assert.Empty(outcome.Cases("failed", "MUST", "SHOULD"));
        Assert.Empty(outcome.Cases("undecided", "MUST", "SHOULD", "MAY"));
        Assert.Equal(0, outcome.ExitCode);
        if (!isBindingRequired)
            Assert.InRange(outcome.Count("MUST", "passed"), 300, int.MaxValue);
    }

    [Fact]
    public async Task Pebble_differs_where_the_suite_s_README_says_so_and_nowhere_else()
    {
        var readme = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "tests", "CaServer.Conformance", "README.md"), Cancellation);
        await using var dns = await DnsTestServer.StartAsync(Cancellation);
        await using var pebble = await PebbleServer.StartAsync(dns.Endpoint, Cancellation);

        var outcome = await ConformanceSuite.RunAsync(
            pebble.Directory, pebble.TlsCertificateFile, [
                .. Means(dns, pebble.Http01Port, pebble.TlsAlpn01Port), "--eab-kid", PebbleServer.ExternalKid, "--eab-key", pebble.ExternalKey,
                .. Listed(readme, "not run").SelectMany(Except)]);

        Assert.Empty(outcome.Cases("undecided", "MUST", "SHOULD"));
        Assert.Equal(Listed(readme, "fails").Order(StringComparer.Ordinal), outcome.Clauses("failed", "MUST", "SHOULD").Order(StringComparer.Ordinal));
        Assert.Equal(1, outcome.ExitCode);
    }

    [Fact]
    public async Task Without_a_directory_the_suite_says_so_and_ends_with_2()
    {
        var result = await ConformanceSuite.RunPlainAsync($"https://127.0.0.1:{LoopbackPorts.Next()}/dir", "--insecure");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("cannot be read", result.Output, StringComparison.Ordinal);
    }

    private static string[] Means(DnsTestServer dns, int http01Port, int tlsAlpn01Port) =>
    [
        "--domain", "example.com", "--ip", "127.0.0.1", "--dns-management", dns.Management.AbsoluteUri,
        "--http01-listen", $"127.0.0.1:{http01Port}", "--tls-alpn01-listen", $"127.0.0.1:{tlsAlpn01Port}",
    ];

    private static string[] Except(string clause) => ["--except", clause];

    // Rows such as: | RFC 8555 §7.2 (4) | MUST | fails | why |
    private static IReadOnlyList<string> Listed(string readme, string outcome) =>
        [.. Difference().Matches(readme).Where(row => row.Groups["outcome"].Value == outcome).Select(row => row.Groups["clause"].Value)];

    [GeneratedRegex(@"^\| (?<clause>[^|]+ §[0-9.]+ \(\d+\)) \| (MUST|SHOULD) \| (?<outcome>fails|not run) \| [^|]+ \|$", RegexOptions.Multiline)]
    private static partial Regex Difference();
}
