using System.Text.Json.Serialization;

namespace CaServer.Signing;

/// <summary>Why the signing core refuses. The wire name stands in the log and the database.</summary>
public enum RefusalReason
{
    /// <summary>The bundle breaks a bound or contradicts itself, so nothing in it can be relied on.</summary>
    [JsonStringEnumMemberName("evidenceMalformed")] EvidenceMalformed,

    /// <summary>The bundle's account or order is not the one that its URLs name at this server.</summary>
    [JsonStringEnumMemberName("foreignUrl")] ForeignUrl,

    /// <summary>The account's key history does not lead unbroken from newAccount to the current key.</summary>
    [JsonStringEnumMemberName("keyHistoryBroken")] KeyHistoryBroken,

    /// <summary>The finalize request cannot be read, or is not one.</summary>
    [JsonStringEnumMemberName("finalizeMalformed")] FinalizeMalformed,

    /// <summary>The finalize request was made in the name of another account.</summary>
    [JsonStringEnumMemberName("finalizeForAnotherAccount")] FinalizeForAnotherAccount,

    /// <summary>The finalize request was made for another order.</summary>
    [JsonStringEnumMemberName("finalizeForAnotherOrder")] FinalizeForAnotherOrder,

    /// <summary>The account's current key did not sign the finalize request.</summary>
    [JsonStringEnumMemberName("finalizeForged")] FinalizeForged,

    /// <summary>The CSR in the finalize request cannot be used.</summary>
    [JsonStringEnumMemberName("csrUnusable")] CsrUnusable,

    /// <summary>The CSR asks for other names than the order has.</summary>
    [JsonStringEnumMemberName("csrNamesDiffer")] CsrNamesDiffer,

    /// <summary>The CSR's key is a key of the account.</summary>
    [JsonStringEnumMemberName("csrHasAccountKey")] CsrHasAccountKey,

    /// <summary>The CSR's key is weak, or of a kind that the profile does not certify.</summary>
    [JsonStringEnumMemberName("keyNotAllowed")] KeyNotAllowed,

    /// <summary>A name is not one that this CA certifies.</summary>
    [JsonStringEnumMemberName("nameNotAllowed")] NameNotAllowed,

    /// <summary>The profile is not one that this CA issues.</summary>
    [JsonStringEnumMemberName("profileUnknown")] ProfileUnknown,

    /// <summary>A control statement cannot be read.</summary>
    [JsonStringEnumMemberName("statementMalformed")] StatementMalformed,

    /// <summary>A control statement comes from a perspective that this CA does not know.</summary>
    [JsonStringEnumMemberName("perspectiveUnknown")] PerspectiveUnknown,

    /// <summary>A control statement is not signed by the perspective that it names.</summary>
    [JsonStringEnumMemberName("statementForged")] StatementForged,

    /// <summary>A control statement is about a name that was not ordered.</summary>
    [JsonStringEnumMemberName("statementForAnotherName")] StatementForAnotherName,

    /// <summary>A control statement was made for a key that the account never had.</summary>
    [JsonStringEnumMemberName("statementForAnotherAccount")] StatementForAnotherAccount,

    /// <summary>A control statement is too old to rely on.</summary>
    [JsonStringEnumMemberName("statementTooOld")] StatementTooOld,

    /// <summary>A control statement or its CAA look-up is dated in the future.</summary>
    [JsonStringEnumMemberName("statementFromTheFuture")] StatementFromTheFuture,

    /// <summary>The method may not prove this kind of name, or not for this profile.</summary>
    [JsonStringEnumMemberName("methodNotAllowed")] MethodNotAllowed,

    /// <summary>A wildcard is backed only by methods that prove single host names.</summary>
    [JsonStringEnumMemberName("wildcardNotProved")] WildcardNotProved,

    /// <summary>CAA was not looked up where it must be.</summary>
    [JsonStringEnumMemberName("caaUnchecked")] CaaUnchecked,

    /// <summary>CAA was looked up too long ago.</summary>
    [JsonStringEnumMemberName("caaTooOld")] CaaTooOld,

    /// <summary>CAA does not permit this CA.</summary>
    [JsonStringEnumMemberName("caaForbids")] CaaForbids,

    /// <summary>There was no answer about CAA, and the zone is not known to be unsigned.</summary>
    [JsonStringEnumMemberName("caaUnanswered")] CaaUnanswered,

    /// <summary>DNS answers were not validated where they must be.</summary>
    [JsonStringEnumMemberName("dnssecUnchecked")] DnssecUnchecked,

    /// <summary>Too few perspectives agree about a name.</summary>
    [JsonStringEnumMemberName("quorumNotMet")] QuorumNotMet,

    /// <summary>The certificate would outlive its issuer, or precede it.</summary>
    [JsonStringEnumMemberName("outsideIssuerValidity")] OutsideIssuerValidity,

    /// <summary>The linter found a fault in what would have been signed.</summary>
    [JsonStringEnumMemberName("lintFailed")] LintFailed,

    /// <summary>What the token returned is not a signature by the issuer over what was to be signed.</summary>
    [JsonStringEnumMemberName("signatureWrong")] SignatureWrong,
}
