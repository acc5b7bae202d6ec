using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CaServer.TestKit.Acme;

namespace CaServer.IntegrationTests.Acme;

/// <summary>RFC 8555 §7.6.</summary>
public sealed class RevocationTests(AcmeServer acme)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_issuing_account_revokes_once_and_the_CRL_lists_it_within_seconds()
    {
        var account = await acme.NewAccountAsync();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = await IssueAsync(account, key, "revoke-me.localhost");
        Assert.False(await IsOnCrlAsync(certificate));
        Assert.Equal(200, (await RevokeAsync(account, certificate, 4)).Status);
        var again = await RevokeAsync(account, certificate, 4);
        Assert.Equal((400, "alreadyRevoked"), (again.Status, again.ProblemType));

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        deadline.CancelAfter(TimeSpan.FromSeconds(20));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!await IsOnCrlAsync(certificate))
            await timer.WaitForNextTickAsync(deadline.Token);
    }

    [Fact]
    public async Task Whoever_has_the_certificates_key_may_revoke()
    {
        var account = await acme.NewAccountAsync();
        var holder = TestAccountKey.Create();
        using var certificate = await IssueAsync(account, holder.Ecdsa!, "by-key.localhost");
        var url = account.Session.Url("revokeCert");
        var stranger = await account.Session.PostWithKeyAsync(TestAccountKey.Create(), url, Payload(certificate, null));
        Assert.Equal((403, "unauthorized"), (stranger.Status, stranger.ProblemType));
        Assert.Equal(200, (await account.Session.PostWithKeyAsync(holder, url, Payload(certificate, 1))).Status);
    }

    [Fact]
    public async Task An_account_that_holds_authorizations_for_all_names_may_revoke()
    {
        var (issuedTo, owner) = (await acme.NewAccountAsync(), await acme.NewAccountAsync());
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = await IssueAsync(issuedTo, key, "one.owned.localhost", "two.owned.localhost");
        await acme.ProveAsync(owner, await owner.OrderAsync("one.owned.localhost"));
        var half = await RevokeAsync(owner, certificate, null);
        Assert.Equal((403, "unauthorized"), (half.Status, half.ProblemType));
        await acme.ProveAsync(owner, await owner.OrderAsync("two.owned.localhost"));
        Assert.Equal(200, (await RevokeAsync(owner, certificate, null)).Status);
    }

    [Theory]
    [InlineData("2", "badRevocationReason")]
    [InlineData("6", "badRevocationReason")]
    [InlineData("7", "badRevocationReason")]
    [InlineData("9", "badRevocationReason")]
    [InlineData("-1", "badRevocationReason")]
    [InlineData("\"1\"", "malformed")]
    [InlineData("1.5", "malformed")]
    public async Task A_reason_that_no_subscriber_may_give_is_refused(string reason, string type)
    {
        var account = await acme.NewAccountAsync();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = await IssueAsync(account, key, "reason.localhost");
        var answer = await account.PostAsync(
            account.Session.Url("revokeCert"), $$"""{"certificate":"{{Base64Url.EncodeToString(certificate.RawData)}}","reason":{{reason}}}""");
        Assert.Equal((400, type), (answer.Status, answer.ProblemType));
    }

    [Fact]
    public async Task A_certificate_that_was_not_issued_here_is_404()
    {
        var account = await acme.NewAccountAsync();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var foreign = new CertificateRequest("CN=foreign", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        var answer = await RevokeAsync(account, foreign, null);
        Assert.Equal((404, "malformed"), (answer.Status, answer.ProblemType));
    }

    private async Task<X509Certificate2> IssueAsync(TestAccount account, ECDsa key, params string[] names)
    {
        var order = await account.OrderAsync(names);
        await acme.ProveAsync(account, order);
        await account.PostAsync(order["finalize"]!, $$"""{"csr":"{{TestCsr.For(key, names)}}"}""");
        var done = await account.PollAsync(order.Location!, TimeSpan.FromSeconds(15), Cancellation);
        Assert.True(done["status"] == "valid", done.ToString());
        return X509Certificate2.CreateFromPem((await account.GetAsync(done["certificate"]!)).Text);
    }

    private static Task<AcmeAnswer> RevokeAsync(TestAccount account, X509Certificate2 certificate, int? reason) =>
        account.PostAsync(account.Session.Url("revokeCert"), Payload(certificate, reason));

    private static string Payload(X509Certificate2 certificate, int? reason) =>
        $$"""{"certificate":"{{Base64Url.EncodeToString(certificate.RawData)}}"{{(reason is null ? "" : $",\"reason\":{reason}")}}}""";

    // The serial number as it stands in an entry: 16 octets, unlikely to occur anywhere else.
    private async Task<bool> IsOnCrlAsync(X509Certificate2 certificate)
    {
        var crl = await acme.Server.Client.GetByteArrayAsync(new Uri(acme.Server.StatusUrl, "/crl/issuing/0.crl"), Cancellation);
        return crl.AsSpan().IndexOf(certificate.SerialNumberBytes.Span) >= 0;
    }
}
