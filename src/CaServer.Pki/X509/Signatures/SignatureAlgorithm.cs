using System.Security.Cryptography;

namespace CaServer.Pki.X509;

/// <summary>
/// A signature algorithm with its one permitted AlgorithmIdentifier (BR §7.1.3.2). SHA-1 is not among them (BR §1.2.2).
/// </summary>
public sealed class SignatureAlgorithm
{
    private static readonly SignatureAlgorithm s_ecdsaSha256 = new("300a06082a8648ce3d040302", HashAlgorithmName.SHA256, null);
    private static readonly SignatureAlgorithm s_ecdsaSha384 = new("300a06082a8648ce3d040303", HashAlgorithmName.SHA384, null);
    private static readonly SignatureAlgorithm s_ecdsaSha512 = new("300a06082a8648ce3d040304", HashAlgorithmName.SHA512, null);
    private static readonly SignatureAlgorithm s_rsaSha256 = new("300d06092a864886f70d01010b0500", HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);

    private static readonly SignatureAlgorithm[] s_all =
    [
        s_ecdsaSha256,
        s_rsaSha256,
        s_ecdsaSha384,
        s_ecdsaSha512,
        new("300d06092a864886f70d01010c0500", HashAlgorithmName.SHA384, RSASignaturePadding.Pkcs1),
        new("300d06092a864886f70d01010d0500", HashAlgorithmName.SHA512, RSASignaturePadding.Pkcs1),
        Pss("040201", "20", HashAlgorithmName.SHA256),
        Pss("040202", "30", HashAlgorithmName.SHA384),
        Pss("040203", "40", HashAlgorithmName.SHA512),
    ];

    private readonly byte[] _der;

    private SignatureAlgorithm(string der, HashAlgorithmName hash, RSASignaturePadding? padding)
    {
        _der = Convert.FromHexString(der);
        Hash = hash;
        Padding = padding;
    }

    /// <summary>The AlgorithmIdentifier, DER.</summary>
    public ReadOnlyMemory<byte> Der => _der;

    /// <summary>The hash that is signed.</summary>
    public HashAlgorithmName Hash { get; }

    /// <summary>The RSA padding; null for ECDSA.</summary>
    public RSASignaturePadding? Padding { get; }

    /// <summary>What an issuer with this kind of key signs with; the hash is bound to the curve (BR §7.1.3.2.2).</summary>
    public static SignatureAlgorithm OfIssuer(KeyKind kind) => kind switch
    {
        KeyKind.Rsa => s_rsaSha256,
        KeyKind.P256 => s_ecdsaSha256,
        KeyKind.P384 => s_ecdsaSha384,
        KeyKind.P521 => s_ecdsaSha512,
    };

    /// <summary>The algorithm with this AlgorithmIdentifier, byte for byte; null if it is none of those permitted.</summary>
    public static SignatureAlgorithm? Find(ReadOnlySpan<byte> der)
    {
        foreach (var algorithm in s_all)
        {
            if (der.SequenceEqual(algorithm._der))
                return algorithm;
        }
        return null;
    }

    /// <summary>Whether an issuer with this kind of key may sign with this algorithm.</summary>
    public bool IsForIssuer(KeyKind kind) => kind == KeyKind.Rsa ? Padding is not null : ReferenceEquals(this, OfIssuer(kind));

    private static SignatureAlgorithm Pss(string hash, string saltLength, HashAlgorithmName name) => new(
        "304106092a864886f70d01010a3034a00f300d0609608648016503" + hash
        + "0500a11c301a06092a864886f70d010108300d0609608648016503" + hash + "0500a2030201" + saltLength,
        name, RSASignaturePadding.Pss);
}
