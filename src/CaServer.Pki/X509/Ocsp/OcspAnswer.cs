using CaServer.Domain;

namespace CaServer.Pki.X509;

/// <summary>
/// What a pre-signed response says about a certificate, besides which one it is. Times are seconds since the epoch. A response
/// is produced at the moment since which it is known, so that these few octets and the signature are all that must be kept.
/// </summary>
/// <param name="IsRevoked">Whether it is revoked; if not, it is good.</param>
/// <param name="Reason">Why it was revoked.</param>
/// <param name="RevokedAt">When it was revoked.</param>
/// <param name="ThisUpdate">thisUpdate and producedAt.</param>
/// <param name="NextUpdate">nextUpdate.</param>
public readonly record struct OcspAnswer(bool IsRevoked, RevocationReason Reason, uint RevokedAt, uint ThisUpdate, uint NextUpdate);
