using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CaServer.Pki.X509;

namespace CaServer.Signing;

/// <summary>A CA key as the signing core sees it: it can sign and it tells its public half. Where it lives is not its business.</summary>
public sealed class SigningKey
{
    private readonly X509SignatureGenerator _generator;
    private readonly HashAlgorithmName _hash;

    /// <summary>Wraps a key.</summary>
    /// <param name="generator">Signs; called by several threads at once.</param>
    /// <param name="hash">The hash that goes with the key (BR §7.1.3.2).</param>
    /// <exception cref="ArgumentException">The key is of a kind that no CA may have, or the hash does not go with it.</exception>
    public SigningKey(X509SignatureGenerator generator, HashAlgorithmName hash)
    {
        _generator = generator;
        _hash = hash;
        if (!SubjectPublicKey.TryRead(generator.PublicKey.ExportSubjectPublicKeyInfo(), out var key, out var fault))
            throw new ArgumentException($"The CA key cannot be used. {fault}", nameof(generator));
        PublicKey = key;
        AlgorithmIdentifier = generator.GetSignatureAlgorithmIdentifier(hash);
        if (SignatureAlgorithm.Find(AlgorithmIdentifier.Span) is not { } algorithm || !algorithm.IsForIssuer(key.Kind))
            throw new ArgumentException($"A CA key of type {key.Kind} cannot sign with {hash.Name}.", nameof(hash));
    }

    /// <summary>The public half.</summary>
    public SubjectPublicKey PublicKey { get; }

    /// <summary>The AlgorithmIdentifier of its signatures, DER.</summary>
    public ReadOnlyMemory<byte> AlgorithmIdentifier { get; }

    /// <summary>Signs. What the key's keeper throws goes through.</summary>
    internal byte[] Sign(byte[] toBeSigned) => _generator.SignData(toBeSigned, _hash);

    /// <summary>Signs what is long, without a copy where the key's keeper takes hashes.</summary>
    internal byte[] Sign(ReadOnlySpan<byte> toBeSigned)
    {
        if (_generator is not HashSignatureGenerator signer)
            return Sign(toBeSigned.ToArray());
        Span<byte> hash = stackalloc byte[SHA512.HashSizeInBytes];
        return signer.SignHash(hash[..CryptographicOperations.HashData(_hash, toBeSigned, hash)], _hash);
    }

    /// <summary>Whether its private half signs what its public half verifies.</summary>
    internal bool Holds(byte[] toBeSigned)
    {
        using var verifier = PublicKeyVerifier.TryCreate(PublicKey);
        return verifier is not null && verifier.Verifies(toBeSigned, SignatureAlgorithm.Find(AlgorithmIdentifier.Span)!, Sign(toBeSigned));
    }

    /// <summary>A new key of the same kind that is never stored, to sign what the linter reads and nobody else will ever see.</summary>
    internal SigningKey NewThrowAway() => PublicKey.Kind switch
    {
        KeyKind.Rsa => new(X509SignatureGenerator.CreateForRSA(RSA.Create(PublicKey.Bits), RSASignaturePadding.Pkcs1), _hash),
        KeyKind.P256 => new(X509SignatureGenerator.CreateForECDsa(ECDsa.Create(ECCurve.NamedCurves.nistP256)), _hash),
        KeyKind.P384 => new(X509SignatureGenerator.CreateForECDsa(ECDsa.Create(ECCurve.NamedCurves.nistP384)), _hash),
        KeyKind.P521 => new(X509SignatureGenerator.CreateForECDsa(ECDsa.Create(ECCurve.NamedCurves.nistP521)), _hash),
    };
}
