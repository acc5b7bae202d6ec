using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CaServer.TestKit.Acme;

namespace CaServer.IntegrationTests.Acme;

/// <summary>RFC 9773.</summary>
public sealed class RenewalInfoTests(AcmeServer acme)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_window_lies_within_the_certificates_life_and_in_the_past_once_it_is_revoked()
    {
        var account = await acme.NewAccountAsync();
        using var certificate = await IssueAsync(account, "ari.localhost");
        var url = account.Session.Url("renewalInfo") + "/" + IdentifierOf(certificate);
        var answer = await account.Session.SendAsync(HttpMethod.Get, url);
        Assert.Equal(200, answer.Status);
        Assert.Matches("^[0-9]+$", answer.Header("Retry-After"));
        var (start, end) = Window(answer);
        Assert.True(start < end);
        Assert.True(start > certificate.NotBefore.ToUniversalTime().AddDays(45) && end < certificate.NotAfter.ToUniversalTime());

        await account.PostAsync(account.Session.Url("revokeCert"), $$"""{"certificate":"{{Base64Url.EncodeToString(certificate.RawData)}}"}""");
        (start, end) = Window(await account.Session.SendAsync(HttpMethod.Get, url));
        Assert.True(start < end);
        Assert.True(end <= DateTimeOffset.UtcNow);
    }

    [Theory]
    [InlineData("nonsense", 400)]
    [InlineData("AAAA.AAAA", 400)]
    [InlineData("AAAA.QAAAAAAAAAAAAAAAAAAAAA", 404)]
    public async Task An_identifier_that_names_no_certificate_is_refused(string identifier, int status)
    {
        var session = await acme.OpenAsync();
        var answer = await session.SendAsync(HttpMethod.Get, session.Url("renewalInfo") + "/" + identifier);
        Assert.Equal((status, "malformed"), (answer.Status, answer.ProblemType));
    }

    [Fact]
    public async Task A_certificate_is_replaced_once()
    {
        var account = await acme.NewAccountAsync();
        using var certificate = await IssueAsync(account, "replace.localhost");
        var payload = Payload("replace.localhost", IdentifierOf(certificate));
        var first = await account.PostAsync(account.Session.Url("newOrder"), payload);
        Assert.Equal((201, IdentifierOf(certificate)), (first.Status, first["replaces"]));
        Assert.Equal(IdentifierOf(certificate), (await account.GetAsync(first.Location!))["replaces"]);
        var second = await account.PostAsync(account.Session.Url("newOrder"), payload);
        Assert.Equal((409, "alreadyReplaced"), (second.Status, second.ProblemType));
    }

    [Fact]
    public async Task Only_a_certificate_of_the_same_account_with_a_name_in_common_can_be_replaced()
    {
        var (account, stranger) = (await acme.NewAccountAsync(), await acme.NewAccountAsync());
        using var certificate = await IssueAsync(account, "mine-to-replace.localhost");
        var foreign = await stranger.PostAsync(stranger.Session.Url("newOrder"), Payload("mine-to-replace.localhost", IdentifierOf(certificate)));
        Assert.Equal((403, "unauthorized"), (foreign.Status, foreign.ProblemType));
        var other = await account.PostAsync(account.Session.Url("newOrder"), Payload("other.localhost", IdentifierOf(certificate)));
        Assert.Equal((400, "malformed"), (other.Status, other.ProblemType));
    }

    private async Task<X509Certificate2> IssueAsync(TestAccount account, string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var order = await account.OrderAsync(name);
        await acme.ProveAsync(account, order);
        await account.PostAsync(order["finalize"]!, $$"""{"csr":"{{TestCsr.For(key, name)}}"}""");
        var done = await account.PollAsync(order.Location!, TimeSpan.FromSeconds(15), Cancellation);
        Assert.True(done["status"] == "valid", done.ToString());
        return X509Certificate2.CreateFromPem((await account.GetAsync(done["certificate"]!)).Text);
    }

    private static string IdentifierOf(X509Certificate2 certificate)
    {
        var authority = certificate.Extensions.OfType<X509AuthorityKeyIdentifierExtension>().Single().KeyIdentifier!.Value;
        return Base64Url.EncodeToString(authority.Span) + "." + Base64Url.EncodeToString(certificate.SerialNumberBytes.Span);
    }

    private static string Payload(string name, string replaces) =>
        $$"""{"identifiers":[{"type":"dns","value":"{{name}}"}],"replaces":"{{replaces}}"}""";

    private static (DateTimeOffset Start, DateTimeOffset End) Window(AcmeAnswer answer)
    {
        var window = answer.Json.GetProperty("suggestedWindow");
        return (Time("start"), Time("end"));

        DateTimeOffset Time(string name) => DateTimeOffset.Parse(window.GetProperty(name).GetString()!, CultureInfo.InvariantCulture);
    }
}
