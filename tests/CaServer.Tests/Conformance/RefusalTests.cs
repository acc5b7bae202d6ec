using System.Net;
using CaServer.Conformance.Cases;
using CaServer.Conformance.Suite;
using CaServer.TestKit.Processes;

namespace CaServer.Tests.Conformance;

/// <summary>Every case of the conformance suite that wants a refusal fails where nothing is refused, so none passes for nothing.</summary>
public sealed class RefusalTests
{
    // They wait for a certificate, which that server never makes.
    private static readonly string[] s_notReached = ["RFC 8555 §6.3 (7)", "RFC 8555 §7.4 (23)"];

    [Fact]
    public async Task No_case_that_wants_a_refusal_passes_at_a_server_that_agrees_to_everything()
    {
        using var credulous = new CredulousServer();
        using var server = await ServerUnderTest.OpenAsync(
            new Target
            {
                Directory = credulous.Directory,
                Domains = ["example.com"],
                Address = IPAddress.Loopback,
                Http01Listen = new IPEndPoint(IPAddress.Loopback, LoopbackPorts.Next()),
                ExternalKey = new ExternalKey("kid", new byte[32]),
            }, TestContext.Current.CancellationToken);
        Section[] sections =
        [
            NonceCases.Section, SignedRequestCases.Section, KeyChangeCases.Section, ExternalAccountCases.Section, OrderCases.Section,
            FinalizeCases.Section, PreAuthorizationCases.Section, ErrorCases.Section,
        ];
        ConformanceCase[] refusals = [.. sections.SelectMany(section => section.Cases).Where(WantsRefusal)];

        var results = await new SuiteRun(server, parallel: 8).RunAsync(refusals, TestContext.Current.CancellationToken);

        Assert.InRange(refusals.Length, 100, int.MaxValue);
        Assert.Empty(results.Where(result => result.Verdict != Verdict.Failed).Select(result => $"{result.Case.Clause}: {result.Verdict} {result.Reason}"));
    }

    private static bool WantsRefusal(ConformanceCase item) =>
        !item.IsOverTraffic && !s_notReached.Contains(item.Clause)
        && (item.Sentence.Contains("is refused", StringComparison.Ordinal) || item.Sentence.Contains("are refused", StringComparison.Ordinal));
}
