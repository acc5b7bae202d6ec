using System.Security.Cryptography;

namespace CaServer.Hsm;

/// <summary>Kind of a CA key (BR §6.1.5).</summary>
public enum CaKeyKind
{
    /// <summary>ECDSA on NIST P-256, signs with SHA-256.</summary>
    P256,

    /// <summary>ECDSA on NIST P-384, signs with SHA-384.</summary>
    P384,

    /// <summary>RSA with 2048 bits, signs PKCS#1 v1.5 with SHA-256.</summary>
    Rsa2048,

    /// <summary>RSA with 3072 bits, signs PKCS#1 v1.5 with SHA-256.</summary>
    Rsa3072,

    /// <summary>RSA with 4096 bits, signs PKCS#1 v1.5 with SHA-256.</summary>
    Rsa4096,
}

/// <summary>What follows from the kind of a key.</summary>
internal static class CaKeyKindFacts
{
    public static bool IsRsa(this CaKeyKind kind) => kind switch
    {
        CaKeyKind.P256 or CaKeyKind.P384 => false,
        CaKeyKind.Rsa2048 or CaKeyKind.Rsa3072 or CaKeyKind.Rsa4096 => true,
    };

    /// <summary>Bits of the field or of the modulus.</summary>
    public static int Bits(this CaKeyKind kind) => kind switch
    {
        CaKeyKind.P256 => 256,
        CaKeyKind.P384 => 384,
        CaKeyKind.Rsa2048 => 2048,
        CaKeyKind.Rsa3072 => 3072,
        CaKeyKind.Rsa4096 => 4096,
    };

    /// <summary>The hash that the key signs with; for ECDSA it is bound to the curve (BR §7.1.3.2.2).</summary>
    public static HashAlgorithmName Hash(this CaKeyKind kind) => kind switch
    {
        CaKeyKind.P256 => HashAlgorithmName.SHA256,
        CaKeyKind.P384 => HashAlgorithmName.SHA384,
        CaKeyKind.Rsa2048 or CaKeyKind.Rsa3072 or CaKeyKind.Rsa4096 => HashAlgorithmName.SHA256,
    };

    /// <summary>The curve of an ECDSA kind.</summary>
    public static ECCurve Curve(this CaKeyKind kind) => kind switch
    {
        CaKeyKind.P256 => ECCurve.NamedCurves.nistP256,
        CaKeyKind.P384 => ECCurve.NamedCurves.nistP384,
        CaKeyKind.Rsa2048 or CaKeyKind.Rsa3072 or CaKeyKind.Rsa4096 => throw new ArgumentException("An RSA key has no curve.", nameof(kind)),
    };

    /// <summary>The RSA kind of a modulus with so many bits.</summary>
    public static CaKeyKind? RsaOf(int bits) => bits switch
    {
        2048 => CaKeyKind.Rsa2048,
        3072 => CaKeyKind.Rsa3072,
        4096 => CaKeyKind.Rsa4096,
        _ => null,
    };
}
