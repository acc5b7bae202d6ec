using System.Security.Cryptography;
using CaServer.Hsm;

namespace CaServer.Tests.Hsm;

internal static class SignatureAssert
{
    /// <summary>The key signs fresh data, and .NET verifies it with the public key.</summary>
    public static void Signs(CaKey key)
    {
        var data = RandomNumberGenerator.GetBytes(700);
        var signature = key.SignatureGenerator.SignData(data, key.Hash);
        Assert.True(Verifies(key, data, signature));
    }

    private static bool Verifies(CaKey key, byte[] data, byte[] signature)
    {
        if (key.Kind.IsRsa())
        {
            using var rsa = RSA.Create();
            rsa.ImportSubjectPublicKeyInfo(key.SubjectPublicKeyInfo, out _);
            return rsa.VerifyData(data, signature, key.Hash, RSASignaturePadding.Pkcs1);
        }
        using var ecdsa = ECDsa.Create();
        ecdsa.ImportSubjectPublicKeyInfo(key.SubjectPublicKeyInfo, out _);
        return ecdsa.VerifyData(data, signature, key.Hash, DSASignatureFormat.Rfc3279DerSequence);
    }
}
