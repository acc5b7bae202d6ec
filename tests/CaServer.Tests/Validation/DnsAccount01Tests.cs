using CaServer.Domain;
using CaServer.TestKit.Dns;
using CaServer.Validation;

namespace CaServer.Tests.Validation;

/// <summary>draft-ietf-acme-dns-account-label, BR §3.2.2.4.21.</summary>
public sealed class DnsAccount01Tests : IAsyncDisposable
{
    private const string AccountUrl = "https://example.com/acme/acct/ExampleAccount";
    private const string Record = "_ujmmovf2vn55tgye._acme-challenge." + CheckRig.Name;

    private static readonly string s_value = Dns01.RecordValue(CheckRig.KeyAuthorization);
    private readonly ScriptedDnsServer _dns = new();

    public ValueTask DisposeAsync() => _dns.DisposeAsync();

    [Fact]
    public async Task The_accounts_own_record_proves_the_name_for_that_account()
    {
        _dns.With(Record, DnsReply.Texts(s_value));

        var statement = CheckRig.Statement(await CheckAsync(AccountUrl));

        Assert.Equal((ValidationMethod.DnsAccount01, "3.2.2.4.21", AccountUrl), (statement.Method, statement.Section, statement.AccountUrl));
    }

    [Theory]
    [InlineData("_acme-challenge." + CheckRig.Name)] // that of dns-01
    [InlineData("_vkbgbqfhr6yv2asd._acme-challenge." + CheckRig.Name)] // that of another account
    public async Task Another_record_does_not_and_the_answer_names_the_one_wanted(string record)
    {
        _dns.With(record, DnsReply.Texts(s_value));

        var failed = Assert.IsType<ValidationOutcome.Failed>(await CheckAsync(AccountUrl));

        Assert.Equal((FailureCause.NameUnknown, ProblemType.Dns), (failed.Cause, failed.Problem.Type));
        Assert.Contains($"Publish a TXT record at {Record} with the value \"{s_value}\".", failed.Problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_accounts_URL_it_is_not_begun()
    {
        Assert.Equal(FailureCause.BadRequest, Assert.IsType<ValidationOutcome.Failed>(await CheckAsync(null)).Cause);
        Assert.Empty(_dns.Questions);
    }

    private async Task<ValidationOutcome> CheckAsync(string? accountUrl)
    {
        using var perspective = new Perspective(new PerspectiveSettings { Name = "lab", Resolvers = [_dns.Endpoint] }, CheckRig.Key, TimeProvider.System);
        return await perspective.CheckAsync(
            CheckRig.Request(Identifier.Dns(CheckRig.Name), ValidationMethod.DnsAccount01) with { AccountUrl = accountUrl },
            TestContext.Current.CancellationToken);
    }
}
