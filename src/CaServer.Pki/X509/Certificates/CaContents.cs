using CaServer.Domain;

namespace CaServer.Pki.X509;

/// <summary>What a root certificate says.</summary>
public record RootContents
{
    /// <summary>Its name.</summary>
    public required CaSubject Subject { get; init; }

    /// <summary>Its key.</summary>
    public required SubjectPublicKey Key { get; init; }

    /// <summary>The serial number.</summary>
    public required SerialNumber Serial { get; init; }

    /// <summary>Start of validity, whole seconds; at most a day before signing (BR §7.1.2.1.1).</summary>
    public required DateTimeOffset NotBefore { get; init; }

    /// <summary>End of validity, inclusive, whole seconds.</summary>
    public required DateTimeOffset NotAfter { get; init; }
}

/// <summary>What an issuing CA's certificate says.</summary>
public sealed record IssuingContents : RootContents
{
    /// <summary>Where the root certificate can be had, an http URL.</summary>
    public required string CaIssuersUrl { get; init; }

    /// <summary>Where the root's CRL is, an http URL.</summary>
    public required string CrlUrl { get; init; }
}
