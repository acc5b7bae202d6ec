using System.Security.Cryptography;

namespace CaServer.Pki.X509;

/// <summary>An imported public key. Importing costs more than one verification, so an issuer keeps its own.</summary>
public sealed class PublicKeyVerifier : IDisposable
{
    private readonly ECDsa? _ecdsa;
    private readonly RSA? _rsa;

    private PublicKeyVerifier(SubjectPublicKey key)
    {
        if (key.Kind == KeyKind.Rsa)
        {
            _rsa = RSA.Create();
            _rsa.ImportSubjectPublicKeyInfo(key.Der.Span, out _);
        }
        else
        {
            var (x, y) = (key.Point[..(key.Point.Length / 2)], key.Point[(key.Point.Length / 2)..]);
            _ecdsa = EcPublicKey.Import(key.Kind, x.Span, y.Span);
        }
    }

    /// <summary>Imports a key; null if the platform refuses it, such as a point that is not on its curve.</summary>
    public static PublicKeyVerifier? TryCreate(SubjectPublicKey key)
    {
        try
        {
            return new PublicKeyVerifier(key);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>Whether this is the key's signature over the data. Any other kind of algorithm or encoding is a no.</summary>
    public bool Verifies(ReadOnlySpan<byte> data, SignatureAlgorithm algorithm, ReadOnlySpan<byte> signature)
    {
        try
        {
            return algorithm.Padding is { } padding
                ? _rsa is not null && _rsa.VerifyData(data, signature, algorithm.Hash, padding)
                : _ecdsa is not null && _ecdsa.VerifyData(data, signature, algorithm.Hash, DSASignatureFormat.Rfc3279DerSequence);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ecdsa?.Dispose();
        _rsa?.Dispose();
    }
}
