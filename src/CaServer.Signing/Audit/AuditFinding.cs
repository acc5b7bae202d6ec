namespace CaServer.Signing;

/// <summary>What kind of fault an audit found.</summary>
public enum AuditFault
{
    /// <summary>The evidence does not justify any certificate.</summary>
    EvidenceRefused,

    /// <summary>The certificate says something else than the evidence justifies.</summary>
    CertificateDiffers,

    /// <summary>The certificate is not one of this CA.</summary>
    NotOurCertificate,

    /// <summary>The certificate's validity does not fit the time of issuance.</summary>
    TimeDiffers,

    /// <summary>The linter finds a fault in the certificate.</summary>
    LintFailed,
}

/// <summary>Something that an audit found.</summary>
/// <param name="Fault">Its kind.</param>
/// <param name="Sentence">What was found.</param>
/// <param name="Refusal">The refusal, where the evidence was refused.</param>
public sealed record AuditFinding(AuditFault Fault, string Sentence, RefusalReason? Refusal = null);
