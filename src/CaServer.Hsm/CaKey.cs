using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CaServer.Hsm;

/// <summary>
/// A private key of the CA that can only be asked to sign. May be used by many threads at once. A failure to sign is an
/// <see cref="HsmException"/>; an <see cref="HsmFault.Unavailable"/> may be tried again later.
/// </summary>
public abstract class CaKey : IDisposable
{
    private protected CaKey(string label, CaKeyKind kind, byte[] subjectPublicKeyInfo)
    {
        Label = label;
        Kind = kind;
        SubjectPublicKeyInfo = subjectPublicKeyInfo;
        SignatureGenerator = new CaKeySignatureGenerator(this);
    }

    /// <summary>Its name in the key store.</summary>
    public string Label { get; }

    /// <summary>Its kind.</summary>
    public CaKeyKind Kind { get; }

    /// <summary>The hash to sign with: SHA-384 for P-384, otherwise SHA-256.</summary>
    public HashAlgorithmName Hash => Kind.Hash();

    /// <summary>The public key as DER SubjectPublicKeyInfo, encoded exactly as BR §7.1.3.1 wants. Not to be modified.</summary>
    public byte[] SubjectPublicKeyInfo { get; }

    /// <summary>
    /// Signs to-be-signed bytes in X.509 form: DER <c>Ecdsa-Sig-Value</c> or PKCS#1 v1.5. An ECDSA key refuses any hash but
    /// <see cref="Hash"/>.
    /// </summary>
    public X509SignatureGenerator SignatureGenerator { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases what the key holds.</summary>
    protected abstract void Dispose(bool disposing);

    /// <summary>Signs a hash whose length fits its name; the signature is in X.509 form.</summary>
    internal abstract byte[] SignHash(ReadOnlySpan<byte> hash, HashAlgorithmName name);
}
