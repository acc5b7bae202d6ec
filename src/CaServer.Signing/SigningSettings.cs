using System.Collections.Frozen;
using System.Security.Cryptography;
using CaServer.Domain;
using CaServer.Pki.X509;

namespace CaServer.Signing;

/// <summary>
/// What the signing core was told by its operator. Together with the HSM this is all that it trusts; nothing here comes from the
/// database.
/// </summary>
public sealed record SigningSettings
{
    /// <summary>This server's ACME URLs.</summary>
    public required AcmeUrls Urls { get; init; }

    /// <summary>Which names may be certified.</summary>
    public required NamePolicy Names { get; init; }

    /// <summary>How many perspectives must agree.</summary>
    public required QuorumPolicy Quorum { get; init; }

    /// <summary>The public keys of the perspectives, P-256, by name. They must outlive the core.</summary>
    public required IReadOnlyDictionary<string, ECDsa> Perspectives { get; init; }

    /// <summary>The profiles that may be issued, by name.</summary>
    public required IReadOnlyDictionary<string, CertificateProfile> Profiles { get; init; }

    /// <summary>The issuing CA.</summary>
    public required IssuingCa Issuer { get; init; }

    /// <summary>The status URLs that go into certificates.</summary>
    public required StatusUrls StatusUrls { get; init; }

    /// <summary>The rules that the server runs under.</summary>
    public required PolicyPreset Preset { get; init; }

    /// <summary>How long after a check its statement may be relied on. Under webpki the Baseline Requirements may shorten it.</summary>
    public required TimeSpan MaxStatementAge { get; init; }

    /// <summary>How much the CA is bound by CAA; under webpki <see cref="CaaPolicy.Require"/>.</summary>
    public required CaaPolicy Caa { get; init; }

    /// <summary>How long after a CAA look-up its result may be relied on. Under webpki it is never more than eight hours.</summary>
    public required TimeSpan MaxCaaAge { get; init; }

    /// <summary>How far a perspective's clock may be ahead of the signer's.</summary>
    public TimeSpan ClockSkew { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The methods that a profile accepts; a profile that is not listed accepts every method that may prove the name.</summary>
    public IReadOnlyDictionary<string, IReadOnlyCollection<ValidationMethod>> ProfileMethods { get; init; } =
        FrozenDictionary<string, IReadOnlyCollection<ValidationMethod>>.Empty;

    /// <summary>
    /// Whether a statement about a domain that says it reaches the names below counts for those (RFC 9444). CAA is
    /// asked for about each name all the same.
    /// </summary>
    public bool SubdomainAuthorizations { get; init; }

    internal TimeSpan MaxStatementAgeAt(DateTimeOffset time) =>
        Preset == PolicyPreset.WebPki ? Least(MaxStatementAge, TimeSpan.FromDays(WebPkiCalendar.At(time).ReuseDays)) : MaxStatementAge;

    internal TimeSpan EffectiveMaxCaaAge => Preset == PolicyPreset.WebPki ? Least(MaxCaaAge, WebPkiCalendar.MaxCaaAge) : MaxCaaAge;

    /// <summary>Everything that is wrong with the settings, one sentence each.</summary>
    internal IReadOnlyList<string> Faults()
    {
        var faults = new List<string>();
        if (Perspectives.Count == 0)
            faults.Add("No perspective is configured, so no certificate could ever be issued.");
        faults.AddRange(Perspectives.Where(p => p.Value.KeySize != 256).Select(p => $"The key of the perspective '{p.Key}' is not a P-256 key."));
        if (Quorum.Fault(Perspectives.Keys) is { } quorumFault)
            faults.Add(quorumFault);
        if (Preset == PolicyPreset.WebPki && Quorum.Primary is null)
            faults.Add("Under webpki the quorum must be a primary perspective and remote ones (BR §3.2.2.9), not a number.");
        if (Preset == PolicyPreset.WebPki && Caa != CaaPolicy.Require)
            faults.Add("Under webpki CAA must be required (BR §3.2.2.8).");
        if (Profiles.Count == 0)
            faults.Add("No profile is configured.");
        faults.AddRange(ProfileMethods.Keys.Where(p => !Profiles.ContainsKey(p)).Select(p => $"Methods are configured for the profile '{p}', which does not exist."));
        if (MaxStatementAge <= TimeSpan.Zero || MaxCaaAge <= TimeSpan.Zero || ClockSkew < TimeSpan.Zero)
            faults.Add("The ages of statements and CAA look-ups must be positive and the clock skew not negative.");
        return faults;
    }

    private static TimeSpan Least(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
