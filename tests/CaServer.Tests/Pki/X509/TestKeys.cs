using System.Security.Cryptography;
using CaServer.Pki.X509;

namespace CaServer.Tests.Pki.X509;

/// <summary>Public keys for tests; those that cost something are made once.</summary>
internal static class TestKeys
{
    private static readonly Lazy<RSA> s_rsa = new(() => RSA.Create(2048));

    internal static SubjectPublicKey P256 { get; } = Ec(ECCurve.NamedCurves.nistP256);

    internal static SubjectPublicKey P384 { get; } = Ec(ECCurve.NamedCurves.nistP384);

    internal static SubjectPublicKey P521 { get; } = Ec(ECCurve.NamedCurves.nistP521);

    internal static RSA RsaKey => s_rsa.Value;

    internal static SubjectPublicKey Rsa2048 => Read(RsaKey);

    internal static SubjectPublicKey Read(AsymmetricAlgorithm key) => Read(key.ExportSubjectPublicKeyInfo());

    internal static SubjectPublicKey Read(byte[] spki)
    {
        Assert.True(SubjectPublicKey.TryRead(spki, out var key, out var fault), fault);
        return key;
    }

    private static SubjectPublicKey Ec(ECCurve curve)
    {
        using var key = ECDsa.Create(curve);
        return Read(key);
    }
}
