using System.Security.Cryptography;

namespace CaServer.Pki.X509;

/// <summary>
/// What an <see cref="System.Security.Cryptography.X509Certificates.X509SignatureGenerator"/> can be besides: one that signs what was hashed
/// already. The base class takes an array of just what is signed, for which a CRL of many megabytes would have to be copied.
/// </summary>
public interface IHashSigner
{
    /// <summary>Signs a hash whose length fits its name; the signature is in X.509 form.</summary>
    byte[] SignHash(ReadOnlySpan<byte> hash, HashAlgorithmName name);
}
