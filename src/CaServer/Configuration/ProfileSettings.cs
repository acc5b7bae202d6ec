namespace CaServer.Configuration;

/// <summary>One profile of section <c>Profiles</c>.</summary>
internal sealed class ProfileOptions
{
    /// <summary>How long a certificate is valid.</summary>
    public TimeSpan Validity { get; set; } = TimeSpan.FromDays(90);

    /// <summary>The profiles that exist without being configured.</summary>
    public static Dictionary<string, ProfileOptions> BuiltIn() => new(StringComparer.OrdinalIgnoreCase)
    {
        ["dv"] = new ProfileOptions(),
        ["shortlived"] = new ProfileOptions { Validity = TimeSpan.FromDays(6) },
    };
}

/// <summary>The profiles, validated.</summary>
internal sealed record ProfileSettings(IReadOnlyDictionary<string, ProfileOptions> ByName)
{
    public static ProfileSettings Parse(Dictionary<string, ProfileOptions> options, SettingFaults faults)
    {
        foreach (var (name, profile) in options)
        {
            if (name is "ov" or "ev")
                faults.Add($"Profiles:{name}", "is not possible in this version, which has no organisation vetting; remove it");
            faults.InRange($"Profiles:{name}:Validity", profile.Validity, TimeSpan.FromHours(1), TimeSpan.FromDays(398));
        }
        return new ProfileSettings(options);
    }
}
