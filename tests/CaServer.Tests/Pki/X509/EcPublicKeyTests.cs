using System.Security.Cryptography;
using CaServer.Pki.X509;

namespace CaServer.Tests.Pki.X509;

public sealed class EcPublicKeyTests
{
    private static readonly byte[] s_data = [1, 2, 3];

    public static TheoryData<KeyKind, string> Curves => new()
    {
        { KeyKind.P256, "1.2.840.10045.3.1.7" },
        { KeyKind.P384, "1.3.132.0.34" },
        { KeyKind.P521, "1.3.132.0.35" },
    };

    [Theory]
    [MemberData(nameof(Curves))]
    public void An_imported_key_verifies_what_its_private_half_signed_and_exports_as_it_was(KeyKind kind, string curve)
    {
        using var pair = ECDsa.Create(ECCurve.CreateFromValue(curve));
        var point = pair.ExportParameters(false).Q;
        var signature = pair.SignData(s_data, HashAlgorithmName.SHA256);

        using var key = EcPublicKey.Import(kind, point.X, point.Y);
        using var slow = EcPublicKey.ImportAnywhere(kind, point.X, point.Y);

        Assert.True(key.VerifyData(s_data, signature, HashAlgorithmName.SHA256));
        signature[^1] ^= 1;
        Assert.False(key.VerifyData(s_data, signature, HashAlgorithmName.SHA256));
        Assert.Equal(pair.ExportSubjectPublicKeyInfo(), key.ExportSubjectPublicKeyInfo());
        Assert.Equal(slow.ExportSubjectPublicKeyInfo(), key.ExportSubjectPublicKeyInfo());
    }

    [Theory]
    [MemberData(nameof(Curves))]
    public void What_is_no_point_of_the_curve_is_refused(KeyKind kind, string curve)
    {
        using var pair = ECDsa.Create(ECCurve.CreateFromValue(curve));
        var (x, y) = (pair.ExportParameters(false).Q.X!, pair.ExportParameters(false).Q.Y!);
        byte[] beside = [.. y[..^1], (byte)(y[^1] ^ 1)];
        byte[] beyond = [.. Enumerable.Repeat((byte)0xff, x.Length)];
        byte[] zero = new byte[x.Length];

        foreach (var (px, py) in ((byte[], byte[])[])[(x, beside), (beyond, y), (x, beyond), (zero, zero), (x[..^1], y[..^1]), ([], [])])
        {
            Assert.ThrowsAny<CryptographicException>(() => EcPublicKey.Import(kind, px, py).Dispose());
            Assert.ThrowsAny<CryptographicException>(() => EcPublicKey.ImportAnywhere(kind, px, py).Dispose());
        }
    }
}
