namespace CaServer.Domain;

/// <summary>How soon a CA must revoke once it knows of a reason (BR §4.9.1.1).</summary>
public static class RevocationDeadline
{
    /// <summary>
    /// The time within which a certificate must be revoked. The subscriber's own wish, a compromised key and a validation that
    /// cannot be relied on (which BR §7.2.2 reports as superseded) have 24 hours, everything else five days.
    /// </summary>
    public static TimeSpan Of(RevocationReason reason) => reason switch
    {
        RevocationReason.Unspecified or RevocationReason.KeyCompromise or RevocationReason.CaCompromise or RevocationReason.Superseded => TimeSpan.FromHours(24),
        RevocationReason.AffiliationChanged or RevocationReason.CessationOfOperation or RevocationReason.PrivilegeWithdrawn => TimeSpan.FromDays(5),
    };
}
