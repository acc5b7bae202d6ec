using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CaServer.Pki.X509;

namespace CaServer.Hsm;

/// <summary>BCL's seam for signing X.509 structures, over a <see cref="CaKey"/>.</summary>
internal sealed class CaKeySignatureGenerator(CaKey key) : HashSignatureGenerator
{
    /// <summary>The AlgorithmIdentifier, byte for byte as BR §7.1.3.2 lists it.</summary>
    public override byte[] GetSignatureAlgorithmIdentifier(HashAlgorithmName hashAlgorithm)
    {
        RequireHash(hashAlgorithm);
        return Convert.FromHexString((key.Kind.IsRsa(), hashAlgorithm.Name) switch
        {
            (true, "SHA256") => "300d06092a864886f70d01010b0500",
            (true, "SHA384") => "300d06092a864886f70d01010c0500",
            (true, _) => "300d06092a864886f70d01010d0500",
            (false, "SHA256") => "300a06082a8648ce3d040302",
            (false, _) => "300a06082a8648ce3d040303",
        });
    }

    /// <summary>Hashes and signs.</summary>
    public override byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm)
    {
        RequireHash(hashAlgorithm);
        Span<byte> hash = stackalloc byte[SHA512.HashSizeInBytes];
        var length = CryptographicOperations.HashData(hashAlgorithm, data, hash);
        return key.SignHash(hash[..length], hashAlgorithm);
    }

    /// <inheritdoc/>
    public override byte[] SignHash(ReadOnlySpan<byte> hash, HashAlgorithmName name)
    {
        RequireHash(name);
        return key.SignHash(hash, name);
    }

    /// <inheritdoc/>
    protected override PublicKey BuildPublicKey() => System.Security.Cryptography.X509Certificates.PublicKey.CreateFromSubjectPublicKeyInfo(key.SubjectPublicKeyInfo, out _);

    private void RequireHash(HashAlgorithmName hash)
    {
        // BR §7.1.3.2: SHA-2 only, and for ECDSA the one hash that belongs to the curve.
        var allowed = key.Kind.IsRsa()
            ? hash == HashAlgorithmName.SHA256 || hash == HashAlgorithmName.SHA384 || hash == HashAlgorithmName.SHA512
            : hash == key.Hash;
        if (!allowed)
            throw new ArgumentException($"A {key.Kind} key does not sign with {hash.Name}.", nameof(hash));
    }
}
