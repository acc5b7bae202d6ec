using CaServer.Domain;
using CaServer.Signing;
using CaServer.TestKit.Acme;
using CaServer.TestKit.Evidence;

namespace CaServer.Tests.Signing;

/// <summary>RFC 8555 §7.4: who asked, for which order, for which key and names.</summary>
public sealed class FinalizeRequestTests
{
    private readonly SigningWorld _world = new();

    [Fact]
    public Task A_request_signed_by_another_key_is_refused() =>
        _world.IsRefusedAsync(_world.Evidence().FinalizedBy(TestAccountKey.Create()), RefusalReason.FinalizeForged);

    [Fact]
    public Task A_request_signed_by_a_key_that_the_account_has_given_up_is_refused()
    {
        var evidence = _world.Evidence();
        var old = evidence.Account;
        return _world.IsRefusedAsync(evidence.ChangeKey(TestAccountKey.Create()).FinalizedBy(old), RefusalReason.FinalizeForged);
    }

    [Fact]
    public Task A_request_for_another_order_is_refused() =>
        _world.IsRefusedAsync(_world.Evidence().FinalizedAt(_world.Urls.Finalize(new OrderId(43))), RefusalReason.FinalizeForAnotherOrder);

    [Fact]
    public Task A_request_for_another_resource_of_the_order_is_refused() =>
        _world.IsRefusedAsync(_world.Evidence().FinalizedAt(_world.Urls.Order(new OrderId(42))), RefusalReason.FinalizeForAnotherOrder);

    [Fact]
    public Task A_request_in_the_name_of_another_account_is_refused() =>
        _world.IsRefusedAsync(_world.Evidence().FinalizedAs(_world.Urls.Account(new AccountId(8))), RefusalReason.FinalizeForAnotherAccount);

    [Fact]
    public Task A_request_taken_from_another_order_of_the_same_account_is_refused()
    {
        // Both orders are the account's own; only the row that the bundle claims differs.
        var evidence = _world.Evidence().Tampered(b => b with { Order = 43, FinalizeUrl = _world.Urls.Finalize(new OrderId(43)) });
        return _world.IsRefusedAsync(evidence, RefusalReason.FinalizeForAnotherOrder);
    }

    [Fact]
    public Task An_order_row_that_is_not_the_one_of_the_URL_is_refused() =>
        _world.IsRefusedAsync(_world.Evidence().Tampered(b => b with { Order = 43 }), RefusalReason.ForeignUrl);

    [Fact]
    public Task An_account_row_that_is_not_the_one_of_the_URL_is_refused() =>
        _world.IsRefusedAsync(_world.Evidence().Tampered(b => b with { Account = 8 }), RefusalReason.ForeignUrl);

    [Fact]
    public Task A_CSR_put_in_the_place_of_the_signed_one_is_refused()
    {
        var foreign = _world.Evidence().Build().FinalizeJws;
        return _world.IsRefusedAsync(_world.Evidence().Tampered(b => b with { FinalizeJws = WithPayloadOf(b.FinalizeJws, foreign) }), RefusalReason.FinalizeForged);
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"CSR":"AA"}""")]
    [InlineData("""{"csr":7}""")]
    [InlineData("""{"csr":"AA="}""")]
    [InlineData("""[]""")]
    [InlineData("")]
    public Task A_payload_that_carries_no_CSR_is_refused(string payload) =>
        _world.IsRefusedAsync(_world.Evidence().WithFinalizePayload(_ => payload), RefusalReason.FinalizeMalformed);

    [Fact]
    public async Task Another_member_of_the_payload_changes_nothing()
    {
        var evidence = _world.Evidence().WithFinalizePayload(csr => $$"""{"csr":"{{csr}}","notAfter":"2036-01-01T00:00:00Z"}""").Build();
        var result = await _world.Core.IssueAsync(evidence, SigningWorld.Now, TestContext.Current.CancellationToken);
        var issued = Assert.IsType<IssuanceResult.Issued>(result);
        using var certificate = System.Security.Cryptography.X509Certificates.X509CertificateLoader.LoadCertificate(issued.Certificate);
        Assert.True(certificate.NotAfter.ToUniversalTime() < SigningWorld.Now.AddDays(91).UtcDateTime);
    }

    [Fact]
    public Task A_request_that_is_no_JWS_is_refused() =>
        _world.IsRefusedAsync(_world.Evidence().Tampered(b => b with { FinalizeJws = "{}"u8.ToArray() }), RefusalReason.FinalizeMalformed);

    [Fact]
    public Task A_request_with_an_embedded_key_is_refused()
    {
        var evidence = _world.Evidence();
        var stranger = TestAccountKey.Create();
        var jws = stranger.Jws($$"""{"alg":"ES256","jwk":{{stranger.Jwk}},"nonce":"n","url":"{{evidence.FinalizeUrl}}"}""", """{"csr":"AA"}""");
        return _world.IsRefusedAsync(evidence.Tampered(b => b with { FinalizeJws = System.Text.Encoding.UTF8.GetBytes(jws) }), RefusalReason.FinalizeForAnotherAccount);
    }

    [Fact]
    public Task A_huge_request_is_refused_unread() =>
        _world.IsRefusedAsync(_world.Evidence().Tampered(b => b with { FinalizeJws = new byte[70_000] }), RefusalReason.FinalizeMalformed, "70000 octets");

    private static byte[] WithPayloadOf(byte[] jws, byte[] other)
    {
        var own = System.Text.Json.Nodes.JsonNode.Parse(jws)!;
        own["payload"] = (string?)System.Text.Json.Nodes.JsonNode.Parse(other)!["payload"];
        return System.Text.Encoding.UTF8.GetBytes(own.ToJsonString());
    }
}
