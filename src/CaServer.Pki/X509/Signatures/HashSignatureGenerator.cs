using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CaServer.Pki.X509;

/// <summary>
/// An <see cref="X509SignatureGenerator"/> that can also sign what was hashed already. The base class takes an array of just what is signed,
/// for which a CRL of many megabytes would have to be copied.
/// </summary>
public abstract class HashSignatureGenerator : X509SignatureGenerator
{
    /// <summary>Signs a hash whose length fits its name; the signature is in X.509 form.</summary>
    public abstract byte[] SignHash(ReadOnlySpan<byte> hash, HashAlgorithmName name);
}
