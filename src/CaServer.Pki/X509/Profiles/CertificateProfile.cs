using System.Collections.Frozen;
using System.Formats.Asn1;
using CaServer.Domain;

namespace CaServer.Pki.X509;

/// <summary>
/// A profile by which subscriber certificates are made: valid once it is constructed, with what is the same in all
/// its certificates encoded ahead of time.
/// </summary>
public sealed class CertificateProfile
{
    // BR §7.1.2.7: notBefore lies within 48 hours of signing.
    private static readonly TimeSpan s_maxBackdate = TimeSpan.FromHours(48);

    // The longest that any row of the calendar that is still ahead or running permits.
    private static readonly TimeSpan s_maxPublicValidity = TimeSpan.FromDays(200);

    // A private CA may do as it likes; this only catches a slip of the pen.
    private static readonly TimeSpan s_maxPrivateValidity = TimeSpan.FromDays(825);
    private static readonly TimeSpan s_minValidity = TimeSpan.FromMinutes(10);

    private const int MaxNameLength = 64;
    private const int LeastRsaBits = 2048;

    private readonly byte[] _certificatePolicies;

    /// <summary>Checks the options and makes the profile.</summary>
    /// <param name="name">The name that clients ask for, such as <c>dv</c>.</param>
    /// <param name="options">What the configuration says.</param>
    /// <param name="preset">The rules that apply.</param>
    /// <param name="isBlockedKey">See <see cref="KeyPolicy.IsBlocked"/>.</param>
    /// <exception cref="InvalidProfileException">The options cannot be used; it has all faults.</exception>
    public CertificateProfile(
        string name, CertificateProfileOptions options, PolicyPreset preset, Func<ReadOnlySpan<byte>, bool>? isBlockedKey = null)
    {
        var faults = new List<string>();
        faults.AddRange(NameFaults(name));
        faults.AddRange(TimeFaults(options, preset));
        faults.AddRange(KeyFaults(options));
        faults.AddRange(PolicyFaults(options, preset));
        if (faults.Count > 0)
            throw new InvalidProfileException(name, faults);

        Name = name;
        Preset = preset;
        Validity = options.Validity;
        Backdate = options.Backdate;
        HasCommonName = options.CommonName;
        ExternalAccountRequired = options.ExternalAccountRequired;
        PolicyOid = options.PolicyOid;
        Keys = new KeyPolicy
        {
            AllowedKinds = options.KeyTypes.Count == 0 ? KeyPolicy.Default.AllowedKinds : options.KeyTypes.ToFrozenSet(),
            MinRsaBits = options.MinRsaBits,
            MaxRsaBits = options.MaxRsaBits,
            IsBlocked = isBlockedKey,
        };
        _certificatePolicies = ExtensionWriter.Encode(w => ExtensionWriter.WritePolicy(w, options.PolicyOid));
    }

    /// <summary>The name that clients ask for.</summary>
    public string Name { get; }

    /// <summary>The rules that apply.</summary>
    public PolicyPreset Preset { get; }

    /// <summary>How long a certificate is valid unless the calendar permits less.</summary>
    public TimeSpan Validity { get; }

    /// <summary>How long before signing a certificate's validity begins.</summary>
    public TimeSpan Backdate { get; }

    /// <summary>Which keys are certified.</summary>
    public KeyPolicy Keys { get; }

    /// <summary>The certificate policy, dotted.</summary>
    public string PolicyOid { get; }

    /// <summary>Whether only accounts that are bound to an account elsewhere may order it.</summary>
    public bool ExternalAccountRequired { get; }

    /// <summary>Whether the subject has a common name.</summary>
    public bool HasCommonName { get; }

    /// <summary>The certificatePolicies extension, DER.</summary>
    internal ReadOnlySpan<byte> CertificatePoliciesExtension => _certificatePolicies;

    /// <summary>
    /// When a certificate signed now is valid. Under <see cref="PolicyPreset.WebPki"/> the calendar of BR §6.3.2 shortens a
    /// profile that asks for more than the day of signing permits. It does not begin before the issuer's; whether it ends before
    /// the issuer's is for the caller to see, who knows what to tell the subscriber.
    /// </summary>
    /// <param name="now">The moment of signing; not that of the order (BR §6.3.2 goes by issuance).</param>
    /// <param name="issuer">Who signs.</param>
    public ValidityPeriod PeriodAt(DateTimeOffset now, IssuerCertificate issuer)
    {
        var length = Validity;
        if (Preset == PolicyPreset.WebPki && length > ValidityCalendar.Max(now))
            length = ValidityCalendar.Recommended(now);
        var notBefore = now - Backdate;
        return ValidityPeriod.From(notBefore < issuer.NotBefore ? issuer.NotBefore : notBefore, length);
    }

    private static IEnumerable<string> NameFaults(string name)
    {
        if (name.Length is 0 or > MaxNameLength || !name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))
            yield return "the name must be of lower-case letters, digits and hyphens";
    }

    private static IEnumerable<string> TimeFaults(CertificateProfileOptions options, PolicyPreset preset)
    {
        var max = preset == PolicyPreset.WebPki ? s_maxPublicValidity : s_maxPrivateValidity;
        if (options.Validity.Ticks % TimeSpan.TicksPerSecond != 0)
            yield return "Validity must be whole seconds";
        if (options.Validity < s_minValidity || options.Validity > max)
            yield return $"Validity must be between {s_minValidity.TotalMinutes:0} minutes and {max.TotalDays:0} days";
        if (options.Backdate < TimeSpan.Zero || options.Backdate > s_maxBackdate)
            yield return $"Backdate must be between 0 and {s_maxBackdate.TotalHours:0} hours (BR §7.1.2.7)";
        if (options.Backdate >= options.Validity)
            yield return "Backdate must be shorter than Validity, or certificates would be signed expired";
    }

    private static IEnumerable<string> KeyFaults(CertificateProfileOptions options)
    {
        foreach (var kind in options.KeyTypes)
        {
            if (!Enum.IsDefined(kind))
                yield return $"KeyTypes has the unknown value {(int)kind}";
        }
        if (options.MinRsaBits < LeastRsaBits || options.MinRsaBits % 8 != 0)
            yield return $"MinRsaBits must be at least {LeastRsaBits} and a multiple of 8 (BR §6.1.5)";
        if (options.MaxRsaBits < options.MinRsaBits || options.MaxRsaBits > SubjectPublicKey.MaxRsaBits || options.MaxRsaBits % 8 != 0)
            yield return $"MaxRsaBits must be between MinRsaBits and {SubjectPublicKey.MaxRsaBits} and a multiple of 8";
    }

    private static IEnumerable<string> PolicyFaults(CertificateProfileOptions options, PolicyPreset preset)
    {
        // BR §7.1.2.7.9: exactly one reserved OID, and the subject of these certificates is that of a domain validated one.
        if (preset == PolicyPreset.WebPki && options.PolicyOid != Oids.DomainValidated)
            yield return $"PolicyOid must be {Oids.DomainValidated} (domain validated, BR §7.1.2.7.9)";
        else if (options.PolicyOid == Oids.AnyPolicy)
            yield return "PolicyOid must not be anyPolicy (BR §7.1.2.7.9)";
        else if (!IsOid(options.PolicyOid))
            yield return $"PolicyOid '{options.PolicyOid}' is not a dotted object identifier";
    }

    private static bool IsOid(string text)
    {
        if (string.IsNullOrEmpty(text) || text.Length > 128)
            return false;
        try
        {
            new AsnWriter(AsnEncodingRules.DER).WriteObjectIdentifier(text);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
