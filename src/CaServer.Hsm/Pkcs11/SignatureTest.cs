using System.Security.Cryptography;

namespace CaServer.Hsm.Pkcs11;

/// <summary>
/// A signature over a fixed text that is no certificate and that nobody keeps: it shows that a key works and that it is the
/// private half of a public key.
/// </summary>
internal static class SignatureTest
{
    /// <summary>What to hand to the token.</summary>
    public static byte[] Input(CaKeyKind kind) => SignatureInput.Of(kind, Hash(kind), kind.Hash());

    /// <summary>Whether the token's raw answer is a signature of this public key.</summary>
    public static bool Verifies(CaKeyKind kind, byte[] subjectPublicKeyInfo, byte[] signature)
    {
        if (kind.IsRsa())
        {
            using var rsa = RSA.Create();
            rsa.ImportSubjectPublicKeyInfo(subjectPublicKeyInfo, out _);
            return rsa.VerifyHash(Hash(kind), signature, kind.Hash(), RSASignaturePadding.Pkcs1);
        }
        using var ecdsa = ECDsa.Create();
        ecdsa.ImportSubjectPublicKeyInfo(subjectPublicKeyInfo, out _);
        return ecdsa.VerifyHash(Hash(kind), signature, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    private static byte[] Hash(CaKeyKind kind) => CryptographicOperations.HashData(kind.Hash(), "CaServer: does this key sign?"u8);
}
