using System.Security.Cryptography;
using CaServer.Domain;
using CaServer.Pki.X509;
using CaServer.Signing;
using CaServer.TestKit.Evidence;

namespace CaServer.Tests.Signing;

/// <summary>Names, keys and profiles: RFC 8555 §7.4, BR §6.1.5.</summary>
public sealed class RequestedCertificateTests
{
    private readonly SigningWorld _world = new();

    [Fact]
    public Task A_CSR_with_a_name_that_was_not_ordered_is_refused() =>
        _world.IsRefusedAsync(_world.Evidence().WithCsrFor("www.example.net", "mail.example.net"), RefusalReason.CsrNamesDiffer, "mail.example.net");

    [Fact]
    public Task A_CSR_without_a_name_that_was_ordered_is_refused() =>
        _world.IsRefusedAsync(_world.Evidence().For("www.example.net", "mail.example.net").WithCsrFor("www.example.net"), RefusalReason.CsrNamesDiffer, "mail.example.net");

    [Fact]
    public Task A_CSR_for_the_wildcard_of_an_ordered_name_is_refused() =>
        _world.IsRefusedAsync(_world.Evidence().WithCsrFor("*.www.example.net"), RefusalReason.CsrNamesDiffer);

    [Fact]
    public async Task The_order_of_names_in_the_CSR_does_not_matter()
    {
        var issued = await _world.IsIssuedAsync(_world.Evidence().For("a.example.net", "b.example.net", "192.0.2.7").WithCsrFor("192.0.2.7", "b.example.net", "a.example.net"));
        Assert.Equal(["a.example.net", "b.example.net", "192.0.2.7"], Certificates.NamesOf(issued.Certificate));
    }

    [Fact]
    public Task A_CSR_that_is_none_is_refused() =>
        _world.IsRefusedAsync(_world.Evidence().WithFinalizePayload(_ => """{"csr":"MAA"}"""), RefusalReason.CsrUnusable);

    [Fact]
    public Task A_CSR_without_proof_of_possession_is_refused() =>
        _world.IsRefusedAsync(_world.Evidence().WithFinalizePayload(csr => $$"""{"csr":"{{WithBrokenSignature(csr)}}"}"""), RefusalReason.CsrUnusable);

    [Fact]
    public Task A_weak_RSA_key_is_refused() =>
        _world.IsRefusedAsync(_world.Evidence().WithCsrKey(RSA.Create(1024)), RefusalReason.KeyNotAllowed, "1024");

    [Fact]
    public Task A_key_on_a_curve_that_nobody_certifies_is_refused() =>
        _world.IsRefusedAsync(_world.Evidence().WithCsrKey(ECDsa.Create(ECCurve.CreateFromFriendlyName("secp256k1"))), RefusalReason.CsrUnusable);

    [Fact]
    public Task A_key_on_the_list_of_compromised_keys_is_refused()
    {
        var blocking = new CertificateProfile("dv", CertificateProfileOptions.Dv(), PolicyPreset.Private, isBlockedKey: _ => true);
        _world.Settings = _world.Settings with { Profiles = new Dictionary<string, CertificateProfile> { ["dv"] = blocking } };
        return _world.IsRefusedAsync(_world.Evidence(), RefusalReason.KeyNotAllowed);
    }

    [Fact]
    public Task An_unknown_profile_is_refused() =>
        _world.IsRefusedAsync(_world.Evidence().Tampered(b => b with { Profile = "ev" }), RefusalReason.ProfileUnknown);

    [Fact]
    public Task A_name_outside_the_operators_domains_is_refused() =>
        _world.IsRefusedAsync(_world.Evidence().For("www.example.com"), RefusalReason.NameNotAllowed, "www.example.com");

    [Fact]
    public Task An_address_outside_the_operators_list_is_refused() =>
        _world.IsRefusedAsync(_world.Evidence().For("192.0.2.8"), RefusalReason.NameNotAllowed, "192.0.2.8");

    [Fact]
    public Task An_internal_name_is_refused_under_webpki()
    {
        var world = SigningWorld.WebPki();
        return world.IsRefusedAsync(world.Evidence().For("intranet"), RefusalReason.NameNotAllowed);
    }

    [Theory]
    [InlineData("WWW.example.net")]
    [InlineData("www.example.net.")]
    [InlineData("www..example.net")]
    [InlineData("192.0.2.7")]
    [InlineData("")]
    public Task A_name_that_is_not_canonical_is_refused(string name) =>
        _world.IsRefusedAsync(_world.Evidence().Tampered(b => b with { Names = [new EvidenceName(IdentifierType.Dns, name)] }), RefusalReason.EvidenceMalformed);

    [Fact]
    public Task The_same_name_twice_is_refused() =>
        _world.IsRefusedAsync(_world.Evidence().Tampered(b => b with { Names = [b.Names[0], b.Names[0]] }), RefusalReason.EvidenceMalformed);

    [Fact]
    public Task No_name_is_refused() =>
        _world.IsRefusedAsync(_world.Evidence().Tampered(b => b with { Names = [] }), RefusalReason.EvidenceMalformed);

    [Fact]
    public Task More_names_than_a_certificate_may_have_are_refused() =>
        _world.IsRefusedAsync(
            _world.Evidence().Tampered(b => b with { Names = [.. Enumerable.Range(0, 101).Select(i => new EvidenceName(IdentifierType.Dns, $"n{i}.example.net"))] }),
            RefusalReason.EvidenceMalformed);

    [Fact]
    public Task A_bundle_of_another_layout_is_refused() =>
        _world.IsRefusedAsync(_world.Evidence().Tampered(b => b with { Version = 2 }), RefusalReason.EvidenceMalformed);

    private static string WithBrokenSignature(string csr)
    {
        var der = System.Buffers.Text.Base64Url.DecodeFromChars(csr);
        der[^1] ^= 1;
        return System.Buffers.Text.Base64Url.EncodeToString(der);
    }
}
