using CaServer.Domain;

namespace CaServer.Storage;

/// <summary>A certificate whose OCSP answer has to be signed.</summary>
public sealed record DueAnswer
{
    /// <summary>The certificate.</summary>
    public required IssuanceId Issuance { get; init; }

    /// <summary>Name of its issuer.</summary>
    public required string Issuer { get; init; }

    /// <summary>Its serial number.</summary>
    public required SerialNumber Serial { get; init; }

    /// <summary>End of its validity.</summary>
    public required DateTimeOffset NotAfter { get; init; }

    /// <summary>Its revocation; null if it is not revoked.</summary>
    public required Revocation? Revocation { get; init; }
}

/// <summary>A signed OCSP answer.</summary>
public sealed record SignedAnswer
{
    /// <summary>What was signed.</summary>
    public required DueAnswer About { get; init; }

    /// <summary>Who signed: a row of the responders.</summary>
    public required long Responder { get; init; }

    /// <summary>thisUpdate.</summary>
    public required DateTimeOffset ThisUpdate { get; init; }

    /// <summary>nextUpdate.</summary>
    public required DateTimeOffset NextUpdate { get; init; }

    /// <summary>r and s of the response that names the issuer by SHA-1.</summary>
    public required byte[] Sha1Signature { get; init; }

    /// <summary>r and s of the response that names the issuer by SHA-256.</summary>
    public required byte[] Sha256Signature { get; init; }

    /// <summary>When to sign it anew.</summary>
    public required DateTimeOffset Due { get; init; }
}

/// <summary>A signed answer as it is served.</summary>
public sealed record ServedAnswer
{
    /// <summary>The number of its last change.</summary>
    public required long Change { get; init; }

    /// <summary>The certificate's serial number.</summary>
    public required byte[] Serial { get; init; }

    /// <summary>Who signed.</summary>
    public required long Responder { get; init; }

    /// <summary>End of the certificate's validity, milliseconds since the epoch.</summary>
    public required long NotAfter { get; init; }

    /// <summary>When it was revoked, milliseconds since the epoch; null if it is good.</summary>
    public long? RevokedAt { get; init; }

    /// <summary>Why.</summary>
    public RevocationReason? Reason { get; init; }

    /// <summary>thisUpdate, milliseconds since the epoch.</summary>
    public required long ThisUpdate { get; init; }

    /// <summary>nextUpdate, milliseconds since the epoch.</summary>
    public required long NextUpdate { get; init; }

    /// <summary>r and s of the response that names the issuer by SHA-1.</summary>
    public required byte[] Sha1Signature { get; init; }

    /// <summary>r and s of the response that names the issuer by SHA-256.</summary>
    public required byte[] Sha256Signature { get; init; }
}

/// <summary>A delegated OCSP responder's certificate.</summary>
public sealed record StoredResponder
{
    /// <summary>Row id.</summary>
    public required long Id { get; init; }

    /// <summary>Name of the issuer that it answers for.</summary>
    public required string Issuer { get; init; }

    /// <summary>The certificate, DER.</summary>
    public required byte[] Certificate { get; init; }

    /// <summary>End of its validity.</summary>
    public required DateTimeOffset NotAfter { get; init; }
}
