using System.Text.Json.Serialization;
using CaServer.Domain;

namespace CaServer.Storage;

/// <summary>How far an issuance came.</summary>
public enum IssuanceState
{
    /// <summary>Serial and to-be-signed bytes are on disk; it may have been signed.</summary>
    [JsonStringEnumMemberName("recorded")] Recorded,

    /// <summary>Signed, verified and stored.</summary>
    [JsonStringEnumMemberName("issued")] Issued,

    /// <summary>Given up after a crash or a failure; it may have been signed, so its serial counts as issued in error.</summary>
    [JsonStringEnumMemberName("abandoned")] Abandoned,
}

/// <summary>One attempt to sign one certificate, and later that certificate.</summary>
public sealed record Issuance
{
    /// <summary>Row id.</summary>
    public required IssuanceId Id { get; init; }

    /// <summary>How far it came.</summary>
    public required IssuanceState State { get; init; }

    /// <summary>The order; null for a certificate of the server itself. The order may have been deleted since.</summary>
    public required OrderId? Order { get; init; }

    /// <summary>The account that ordered it; null for a certificate of the server itself.</summary>
    public required AccountId? Account { get; init; }

    /// <summary>The serial number.</summary>
    public required SerialNumber Serial { get; init; }

    /// <summary>Name of the issuer.</summary>
    public required string Issuer { get; init; }

    /// <summary>Name of the profile.</summary>
    public required string Profile { get; init; }

    /// <summary>The names in the certificate.</summary>
    public required IReadOnlyList<Identifier> Names { get; init; }

    /// <summary>Begin of validity.</summary>
    public required DateTimeOffset NotBefore { get; init; }

    /// <summary>End of validity.</summary>
    public required DateTimeOffset NotAfter { get; init; }

    /// <summary>When it was recorded.</summary>
    public required DateTimeOffset RecordedAt { get; init; }

    /// <summary>The CRL shard whose URL stands in the certificate.</summary>
    public required int CrlShard { get; init; }

    /// <summary>The certificate, DER, once it is issued.</summary>
    public required byte[]? Certificate { get; init; }
}

/// <summary>What is recorded before anything is signed.</summary>
public sealed record NewIssuance
{
    /// <summary>The order, which is processing; null for a certificate of the server itself.</summary>
    public required OrderId? Order { get; init; }

    /// <summary>The request that finalizes the order, if that may still be ready.</summary>
    public Finalization? Finalization { get; init; }

    /// <summary>The serial number.</summary>
    public required SerialNumber Serial { get; init; }

    /// <summary>Name of the issuer; it must be in <see cref="IssuerStore"/>.</summary>
    public required string Issuer { get; init; }

    /// <summary>Name of the profile.</summary>
    public required string Profile { get; init; }

    /// <summary>The names in the certificate.</summary>
    public required IReadOnlyList<Identifier> Names { get; init; }

    /// <summary>Begin of validity.</summary>
    public required DateTimeOffset NotBefore { get; init; }

    /// <summary>End of validity.</summary>
    public required DateTimeOffset NotAfter { get; init; }

    /// <summary>The CRL shard whose URL stands in the certificate.</summary>
    public int CrlShard { get; init; }

    /// <summary>The to-be-signed bytes, DER.</summary>
    public required byte[] Tbs { get; init; }

    /// <summary>The evidence, as <see cref="EvidenceBundle.Encode"/> writes it.</summary>
    public required byte[] Evidence { get; init; }

    /// <summary>Now.</summary>
    public required DateTimeOffset RecordedAt { get; init; }
}

/// <summary>A finalize request that takes an order from ready to processing along with what came of it.</summary>
/// <param name="Jws">The request, byte for byte as received.</param>
/// <param name="Lease">Who has the order from then on.</param>
/// <param name="Now">Now; an order that has run out is not finalized.</param>
public sealed record Finalization(byte[] Jws, Lease Lease, DateTimeOffset Now)
{
    /// <summary>What the certificate counts against.</summary>
    public IReadOnlyList<LimitUse> Limits { get; init; } = [];
}

/// <summary>Why a certificate exists: what was signed and the evidence for it.</summary>
/// <param name="Tbs">The to-be-signed bytes, DER.</param>
/// <param name="Evidence">The encoded <see cref="EvidenceBundle"/>.</param>
public sealed record IssuanceEvidence(byte[] Tbs, byte[] Evidence);
