using CaServer.Domain;

namespace CaServer.Signing;

/// <summary>How an issuance ended.</summary>
public abstract record IssuanceResult
{
    private IssuanceResult()
    {
    }

    /// <summary>The certificate was signed, verified and stored.</summary>
    public sealed record Issued(IssuanceId Id, SerialNumber Serial, byte[] Certificate) : IssuanceResult;

    /// <summary>Nothing was issued.</summary>
    /// <param name="Reason">Why.</param>
    /// <param name="Sentence">Why, in words that name what was found; safe to show to the client.</param>
    /// <param name="LogLeaf">
    /// The leaf to append in the transaction that makes the order invalid; null if the journal has one already, because the
    /// refusal came after the record.
    /// </param>
    public sealed record Refused(RefusalReason Reason, string Sentence, byte[]? LogLeaf) : IssuanceResult
    {
        /// <summary>What the client is told.</summary>
        public AcmeProblem ToProblem() => new(ProblemOf(Reason), Sentence);
    }

    private static ProblemType ProblemOf(RefusalReason reason) => reason switch
    {
        RefusalReason.CsrUnusable or RefusalReason.CsrNamesDiffer or RefusalReason.CsrHasAccountKey or RefusalReason.KeyNotAllowed => ProblemType.BadCsr,
        RefusalReason.NameNotAllowed => ProblemType.RejectedIdentifier,
        RefusalReason.ProfileUnknown => ProblemType.InvalidProfile,
        RefusalReason.CaaUnchecked or RefusalReason.CaaTooOld or RefusalReason.CaaForbids => ProblemType.Caa,
        RefusalReason.CaaUnanswered or RefusalReason.DnssecUnchecked => ProblemType.Dns,
        RefusalReason.FinalizeMalformed => ProblemType.Malformed,
        RefusalReason.EvidenceMalformed
            or RefusalReason.ForeignUrl
            or RefusalReason.KeyHistoryBroken
            or RefusalReason.FinalizeForAnotherAccount
            or RefusalReason.FinalizeForAnotherOrder
            or RefusalReason.FinalizeForged
            or RefusalReason.StatementMalformed
            or RefusalReason.PerspectiveUnknown
            or RefusalReason.StatementForged
            or RefusalReason.StatementForAnotherName
            or RefusalReason.StatementForAnotherAccount
            or RefusalReason.StatementTooOld
            or RefusalReason.StatementFromTheFuture
            or RefusalReason.MethodNotAllowed
            or RefusalReason.WildcardNotProved
            or RefusalReason.QuorumNotMet => ProblemType.Unauthorized,
        RefusalReason.OutsideIssuerValidity or RefusalReason.LintFailed or RefusalReason.SignatureWrong => ProblemType.ServerInternal,
    };
}
