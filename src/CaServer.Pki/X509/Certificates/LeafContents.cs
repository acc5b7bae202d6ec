using CaServer.Domain;

namespace CaServer.Pki.X509;

/// <summary>What a subscriber certificate says.</summary>
public sealed record LeafContents
{
    /// <summary>The profile it is made by.</summary>
    public required CertificateProfile Profile { get; init; }

    /// <summary>The subscriber's key.</summary>
    public required SubjectPublicKey Key { get; init; }

    /// <summary>The names, at least one and none twice, in the order that they get in the certificate.</summary>
    public required IReadOnlyList<Identifier> Names { get; init; }

    /// <summary>The serial number.</summary>
    public required SerialNumber Serial { get; init; }

    /// <summary>Start of validity, whole seconds.</summary>
    public required DateTimeOffset NotBefore { get; init; }

    /// <summary>End of validity, inclusive, whole seconds.</summary>
    public required DateTimeOffset NotAfter { get; init; }

    /// <summary>Where the issuer's certificate can be had, an http URL.</summary>
    public required string CaIssuersUrl { get; init; }

    /// <summary>Where the CRL is that covers this certificate, an http URL.</summary>
    public string? CrlUrl { get; init; }

    /// <summary>Where OCSP is answered, an http URL.</summary>
    public string? OcspUrl { get; init; }
}
