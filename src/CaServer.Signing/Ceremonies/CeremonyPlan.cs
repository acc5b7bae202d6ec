using CaServer.Domain;
using CaServer.Pki.X509;

namespace CaServer.Signing;

/// <summary>What a root ceremony is to make.</summary>
public sealed record CeremonyPlan
{
    /// <summary>Name of the root in URLs.</summary>
    public required string RootName { get; init; }

    /// <summary>Subject of the root.</summary>
    public required CaSubject RootSubject { get; init; }

    /// <summary>Name of the issuing CA in URLs.</summary>
    public required string IssuingName { get; init; }

    /// <summary>Subject of the issuing CA.</summary>
    public required CaSubject IssuingSubject { get; init; }

    /// <summary>The status URLs that go into the issuing CA's certificate.</summary>
    public required StatusUrls StatusUrls { get; init; }

    /// <summary>The rules to make them by.</summary>
    public required PolicyPreset Preset { get; init; }

    /// <summary>How long the root is valid.</summary>
    public TimeSpan RootValidity { get; init; } = CaCertificate.RootValidity;

    /// <summary>How long the issuing CA is valid.</summary>
    public TimeSpan IssuingValidity { get; init; } = CaCertificate.IssuingValidity;

    /// <summary>How long the root's first CRL is valid. BR §4.9.7 allows twelve months; a month of reserve is kept for the next one.</summary>
    public TimeSpan RootCrlValidity { get; init; } = TimeSpan.FromDays(335);
}

/// <summary>What a root ceremony made.</summary>
public sealed record CeremonyResult
{
    /// <summary>The root certificate, DER.</summary>
    public required byte[] RootCertificate { get; init; }

    /// <summary>The issuing CA's certificate, DER.</summary>
    public required byte[] IssuingCertificate { get; init; }

    /// <summary>The root's first CRL, number 1, DER.</summary>
    public required byte[] RootCrl { get; init; }

    /// <summary>The log leaves of the two certificates, in the order of signing.</summary>
    public required IReadOnlyList<byte[]> LogLeaves { get; init; }
}
