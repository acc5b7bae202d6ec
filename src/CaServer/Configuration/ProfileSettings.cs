using CaServer.Domain;
using CaServer.Pki.X509;

namespace CaServer.Configuration;

/// <summary>Section <c>Profiles</c>: what each kind of certificate is like.</summary>
internal static class ProfileSettings
{
    /// <summary>The profiles that exist without being configured.</summary>
    public static Dictionary<string, CertificateProfileOptions> BuiltIn() => new(StringComparer.OrdinalIgnoreCase)
    {
        ["dv"] = CertificateProfileOptions.Dv(),
        ["shortlived"] = CertificateProfileOptions.ShortLived(),
    };

    /// <summary>The profiles by name.</summary>
    public static IReadOnlyDictionary<string, CertificateProfile> Parse(
        Dictionary<string, CertificateProfileOptions> options, PolicyPreset preset, SettingFaults faults)
    {
        var profiles = new Dictionary<string, CertificateProfile>(StringComparer.Ordinal);
        foreach (var (name, profile) in options)
        {
            if (name is "ov" or "ev")
            {
                faults.Add($"Profiles:{name}", "is not possible in this version, which has no organisation vetting; remove it");
                continue;
            }
            try
            {
                profiles.Add(name, new CertificateProfile(name, profile, preset));
            }
            catch (InvalidProfileException e)
            {
                foreach (var fault in e.Faults)
                    Add(name, fault, faults);
            }
        }
        return profiles;
    }

    // A fault of one setting begins with its name.
    private static void Add(string profile, string fault, SettingFaults faults)
    {
        var (first, rest) = fault.IndexOf(' ', StringComparison.Ordinal) is var blank and > 0 ? (fault[..blank], fault[(blank + 1)..]) : (fault, "");
        if (typeof(CertificateProfileOptions).GetProperty(first) is not null)
            faults.Add($"Profiles:{profile}:{first}", rest);
        else
            faults.Add($"Profiles:{profile}", $"cannot be used: {fault}");
    }
}
