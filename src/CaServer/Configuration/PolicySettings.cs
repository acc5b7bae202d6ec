using System.Net;
using CaServer.Domain;

namespace CaServer.Configuration;

/// <summary>Section <c>Policy</c>: what may be certified.</summary>
internal sealed class PolicyOptions
{
    /// <summary><c>private</c> or <c>webpki</c>.</summary>
    public string Preset { get; set; } = "private";

    /// <summary>Domains that may be certified, with all names below them; empty: every name that the preset permits.</summary>
    public IReadOnlyList<string> AllowedDomains { get; set; } = [];

    /// <summary>File with the Public Suffix List; null: where Debian's package <c>publicsuffix</c> has it, if it is there.</summary>
    public string? PublicSuffixList { get; set; }
}

/// <summary>What may be certified, validated.</summary>
internal sealed record PolicySettings(PolicyPreset Preset, NamePolicy Names, PublicSuffixList Suffixes)
{
    public static PolicySettings Parse(PolicyOptions options, SettingFaults faults)
    {
        var preset = ParsePreset(options.Preset, faults);
        var suffixes = PublicSuffixFile.Read(options.PublicSuffixList, preset, faults);
        return new PolicySettings(preset, new NamePolicy(preset, ParseDomains(options.AllowedDomains, faults), suffixes), suffixes);
    }

    private static PolicyPreset ParsePreset(string text, SettingFaults faults)
    {
        if (!WireName.TryParse(text, out PolicyPreset preset))
            faults.Add("Policy:Preset", $"must be {string.Join(" or ", WireName.All<PolicyPreset>())}, not '{text}'");
        return preset;
    }

    private static List<Identifier> ParseDomains(IReadOnlyList<string> texts, SettingFaults faults)
    {
        var domains = new List<Identifier>();
        for (var i = 0; i < texts.Count; i++)
        {
            var type = IPAddress.TryParse(texts[i], out _) ? IdentifierType.Ip : IdentifierType.Dns;
            if (!Identifier.TryParse(type, texts[i], out var domain, out var fault))
                faults.Add($"Policy:AllowedDomains:{i}", $"must be a domain such as corp.example: '{texts[i]}' {fault}");
            else if (domain.IsWildcard)
                faults.Add($"Policy:AllowedDomains:{i}", $"must be a domain without asterisk; '{domain.Value}' permits all names below it");
            else
                domains.Add(domain);
        }
        return domains;
    }
}
