namespace CaServer.Pki.X509;

/// <summary>The hash by which an OCSP request names an issuer.</summary>
public enum OcspHash
{
    /// <summary>What most clients still ask by. It protects nothing here: it only tells issuers apart (RFC 9919 §3.1.1).</summary>
    Sha1,

    /// <summary>What RFC 9919 §3.1.1 wants of new clients.</summary>
    Sha256,
}

/// <summary>A certificate as an OCSP request names it (RFC 6960 §4.1.1). The memories are slices of the request.</summary>
/// <param name="Der">The whole CertID, which the answer repeats.</param>
/// <param name="Hash">The hash; null if it is none that we know, so that no issuer of ours can be meant.</param>
/// <param name="NameHash">The hash of the issuer's name.</param>
/// <param name="KeyHash">The hash of the issuer's public key.</param>
/// <param name="Serial">The content octets of the serial number.</param>
public readonly record struct OcspCertId(
    ReadOnlyMemory<byte> Der, OcspHash? Hash, ReadOnlyMemory<byte> NameHash, ReadOnlyMemory<byte> KeyHash, ReadOnlyMemory<byte> Serial);
