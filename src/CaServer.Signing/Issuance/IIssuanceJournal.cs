using CaServer.Domain;

namespace CaServer.Signing;

/// <summary>
/// Where the signing core writes down what it is about to sign and what it signed. Every method returns only once what it wrote
/// would survive a power failure; several may run at once. If one throws, the core stops where it is.
/// </summary>
public interface IIssuanceJournal
{
    /// <summary>
    /// Writes down what is about to be signed. Nothing is signed before this returns. It must fail, and keep nothing, if this
    /// issuer has had the serial number before.
    /// </summary>
    Task<IssuanceId> RecordAsync(IssuanceRecord record, CancellationToken cancellationToken);

    /// <summary>
    /// Writes down the certificate and appends its log leaf, in one transaction; for an ACME order, that transaction also makes
    /// the order valid. A record that never gets here is reported as abandoned at the next start.
    /// </summary>
    Task StoreAsync(IssuanceId id, byte[] certificate, byte[] logLeaf, CancellationToken cancellationToken);

    /// <summary>
    /// Writes down that a record will not become a certificate and appends the leaf that says so, in one transaction. The serial
    /// number stays used.
    /// </summary>
    Task AbandonAsync(IssuanceId id, byte[] logLeaf, CancellationToken cancellationToken);
}
