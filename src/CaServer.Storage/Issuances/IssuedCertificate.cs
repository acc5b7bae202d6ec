using CaServer.Domain;

namespace CaServer.Storage;

/// <summary>A certificate that was issued.</summary>
/// <param name="Account">Whom it was issued to; null for one of the server itself.</param>
/// <param name="Der">The certificate, DER.</param>
public sealed record IssuedCertificate(AccountId? Account, byte[] Der);
