using System.Security.Cryptography.X509Certificates;
using CaServer.Domain;
using CaServer.Pki.X509;
using CaServer.Signing;
using CaServer.TestKit.Evidence;

namespace CaServer.Tests.Signing;

public sealed class CrlSignerTests
{
    private readonly SigningWorld _world = new();

    [Fact]
    public void A_CRL_is_signed_by_the_issuing_CA_and_has_the_callers_number()
    {
        var serial = SerialNumber.Generate();
        var crl = Signer.Sign(Contents() with { Entries = [RevocationList.EncodeEntry(serial, SigningWorld.Now, RevocationReason.KeyCompromise)] });
        Assert.True(_world.Issuer.Certificate.Verifies(SignedObject.Split(crl)));
        var read = CertificateRevocationListBuilder.Load(crl, out var number);
        Assert.Equal(17, number);
        Assert.True(read.RemoveEntry(serial.Octets));
    }

    [Fact]
    public void A_CRL_that_the_linter_refuses_is_not_signed()
    {
        var refused = Assert.Throws<RefusedException>(() => Signer.Sign(Contents() with { NextUpdate = SigningWorld.Now.AddDays(11) }));
        Assert.Equal(RefusalReason.LintFailed, refused.Reason);
        Assert.Empty(_world.IssuingKey.SignedData);
    }

    [Fact]
    public void A_CRL_with_a_bad_signature_is_not_given_out()
    {
        _world.IssuingKey.Fault = signature => [.. signature.SkipLast(1), (byte)(signature[^1] ^ 1)];
        Assert.Equal(RefusalReason.SignatureWrong, Assert.Throws<RefusedException>(() => Signer.Sign(Contents())).Reason);
    }

    private CrlSigner Signer => new(_world.Issuer, CrlScope.SubscriberCertificates);

    private static RevocationListContents Contents() =>
        new() { Number = 17, ThisUpdate = SigningWorld.Now, NextUpdate = SigningWorld.Now.AddDays(7) };
}
