using CaServer.Domain;

namespace CaServer.Signing;

/// <summary>What is about to be signed, and why.</summary>
public sealed record IssuanceRecord
{
    /// <summary>Row id of the order; null for the server's own certificate.</summary>
    public required long? Order { get; init; }

    /// <summary>Row id of the account; null for the server's own certificate.</summary>
    public required long? Account { get; init; }

    /// <summary>The finalize request that the evidence has, byte for byte as received; null for the server's own certificate.</summary>
    public required byte[]? FinalizeJws { get; init; }

    /// <summary>The serial number.</summary>
    public required SerialNumber Serial { get; init; }

    /// <summary>Name of the issuing CA.</summary>
    public required string Issuer { get; init; }

    /// <summary>Name of the profile.</summary>
    public required string Profile { get; init; }

    /// <summary>Start of validity.</summary>
    public required DateTimeOffset NotBefore { get; init; }

    /// <summary>Last second of validity.</summary>
    public required DateTimeOffset NotAfter { get; init; }

    /// <summary>The to-be-signed certificate, DER: exactly the octets that were linted and that will be signed.</summary>
    public required byte[] Tbs { get; init; }

    /// <summary>The evidence: an <see cref="EvidenceBundle"/>, or for the server's own certificates an <see cref="OperatorEvidence"/> or a <see cref="ResponderEvidence"/>.</summary>
    public required byte[] Evidence { get; init; }

    /// <summary>The CRL shard whose URL stands in the certificate.</summary>
    public int CrlShard { get; init; }

    /// <summary>The names, in the order of the certificate.</summary>
    public required IReadOnlyList<Identifier> Names { get; init; }
}
