using CaServer.Acme;
using CaServer.Domain;

namespace CaServer.Configuration;

/// <summary>Section <c>Acme</c>.</summary>
internal sealed class AcmeOptions
{
    /// <summary>Whether a new account must be bound to an account elsewhere (RFC 8555 §7.3.4).</summary>
    public bool ExternalAccountRequired { get; set; }

    /// <summary>Names that CAA records may name this CA by; empty: the host of <c>Server:PublicUrl</c>.</summary>
    public IReadOnlyList<string> CaaIdentities { get; set; } = [];

    /// <summary>The validation methods offered, by their wire names, in the order in which challenges are shown.</summary>
    public IReadOnlyList<string> Challenges { get; set; } = [.. new[] { ValidationMethod.Http01, ValidationMethod.Dns01, ValidationMethod.TlsAlpn01 }.Select(WireName.Of)];

    /// <summary>Most identifiers in one order.</summary>
    public int MaxIdentifiers { get; set; } = AcmeSettings.MostIdentifiers;

    /// <summary>PEM files with further chains for the issuing CA's key (RFC 8555 §7.4.2).</summary>
    public IReadOnlyList<string> AlternateChains { get; set; } = [];

    /// <summary>The origins of web pages that may use the server from a browser; <c>*</c>: all.</summary>
    public IReadOnlyList<string> CorsOrigins { get; set; } = [];

    /// <summary>Whether one authorization may be for all names below a domain (RFC 9444); null: if the preset has it.</summary>
    public bool? SubdomainAuthorizations { get; set; }

    /// <summary>How long an order may take.</summary>
    public TimeSpan OrderLifetime { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How long a valid authorization may be used again.</summary>
    public TimeSpan AuthorizationLifetime { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How long a nonce is good.</summary>
    public TimeSpan NonceLifetime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How long the answer to a challenge waits for the check's outcome before it says <c>processing</c>.</summary>
    public TimeSpan ChallengeWait { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long the answer to finalize waits for the certificate before it says <c>processing</c>.</summary>
    public TimeSpan FinalizeWait { get; set; } = TimeSpan.FromSeconds(5);
}

/// <summary>ACME settings, validated.</summary>
internal sealed record AcmeSettings
{
    /// <summary>More names than this make certificates that some servers and clients cannot handle.</summary>
    public const int MostIdentifiers = 100;

    /// <summary>Whether newAccount without a binding is refused.</summary>
    public required bool ExternalAccountRequired { get; init; }

    /// <summary>As configured; empty: the host of <c>Server:PublicUrl</c>.</summary>
    public required IReadOnlyList<string> CaaIdentities { get; init; }

    /// <summary>The methods offered, each once, not empty.</summary>
    public required IReadOnlyList<ValidationMethod> Challenges { get; init; }

    /// <summary>Most identifiers in one order.</summary>
    public required int MaxIdentifiers { get; init; }

    /// <summary>The alternate chains, in the order of their numbers.</summary>
    public required IReadOnlyList<ChainFile> AlternateChains { get; init; }

    /// <summary>Origins as browsers send them, or <c>*</c> alone.</summary>
    public required IReadOnlyList<string> CorsOrigins { get; init; }

    /// <summary>Whether one authorization may be for all names below a domain (RFC 9444).</summary>
    public required bool SubdomainAuthorizations { get; init; }

    public required TimeSpan OrderLifetime { get; init; }

    public required TimeSpan AuthorizationLifetime { get; init; }

    public required TimeSpan NonceLifetime { get; init; }

    public required TimeSpan ChallengeWait { get; init; }

    public required TimeSpan FinalizeWait { get; init; }

    public static AcmeSettings Parse(AcmeOptions options, PolicyPreset preset, SettingFaults faults)
    {
        return new AcmeSettings
        {
            ExternalAccountRequired = options.ExternalAccountRequired,
            CaaIdentities = ParseCaaIdentities(options.CaaIdentities, faults),
            Challenges = ParseChallenges(options.Challenges, faults),
            MaxIdentifiers = faults.InRange("Acme:MaxIdentifiers", options.MaxIdentifiers, 1, MostIdentifiers),
            AlternateChains = ParseAlternateChains(options.AlternateChains, faults),
            CorsOrigins = ParseCorsOrigins(options.CorsOrigins, faults),
            SubdomainAuthorizations = options.SubdomainAuthorizations ?? preset == PolicyPreset.Private,
            OrderLifetime = faults.InRange("Acme:OrderLifetime", options.OrderLifetime, TimeSpan.FromMinutes(5), TimeSpan.FromDays(30)),
            // BR §4.2.1 lets a validation be used for 398 days, from March 2026 for 200; less is wiser.
            AuthorizationLifetime = faults.InRange("Acme:AuthorizationLifetime", options.AuthorizationLifetime, TimeSpan.FromMinutes(5), TimeSpan.FromDays(200)),
            NonceLifetime = faults.InRange("Acme:NonceLifetime", options.NonceLifetime, TimeSpan.FromMinutes(1), TimeSpan.FromDays(1)),
            // Clients give up on one answer after 30 s or so.
            ChallengeWait = faults.InRange("Acme:ChallengeWait", options.ChallengeWait, TimeSpan.Zero, TimeSpan.FromSeconds(20)),
            FinalizeWait = faults.InRange("Acme:FinalizeWait", options.FinalizeWait, TimeSpan.Zero, TimeSpan.FromSeconds(20)),
        };
    }

    private static List<ValidationMethod> ParseChallenges(IReadOnlyList<string> texts, SettingFaults faults)
    {
        var methods = new List<ValidationMethod>();
        for (var i = 0; i < texts.Count; i++)
        {
            if (!WireName.TryParse<ValidationMethod>(texts[i], out var method) || !MethodRule.Of(method).IsChallenge)
                faults.Add($"Acme:Challenges:{i}", $"must be one of {string.Join(", ", MethodRule.ChallengeNames)}, not '{texts[i]}'");
            else if (methods.Contains(method))
                faults.Add($"Acme:Challenges:{i}", $"names '{texts[i]}' a second time; leave it off");
            else
                methods.Add(method);
        }
        if (texts.Count == 0)
            faults.Add("Acme:Challenges", "must name a method, or nothing could be proved; leave the key off for the default");
        return methods;
    }

    private static List<ChainFile> ParseAlternateChains(IReadOnlyList<string> files, SettingFaults faults)
    {
        var chains = new List<ChainFile>();
        for (var i = 0; i < files.Count; i++)
        {
            if (ChainFile.Read($"Acme:AlternateChains:{i}", files[i], faults) is { } chain)
                chains.Add(chain);
        }
        return chains;
    }

    // As browsers send them (RFC 6454 §6.2), so that they can be compared letter by letter.
    private static List<string> ParseCorsOrigins(IReadOnlyList<string> texts, SettingFaults faults)
    {
        for (var i = 0; i < texts.Count; i++)
        {
            if (texts[i] == FrontEndSettings.AnyOrigin)
            {
                if (texts.Count > 1)
                    faults.Add($"Acme:CorsOrigins:{i}", "allows every origin, so it must be the only entry; leave the others off");
            }
            else if (!Uri.TryCreate(texts[i], UriKind.Absolute, out var origin) || origin.Scheme is not ("https" or "http") || origin.GetLeftPart(UriPartial.Authority) != texts[i])
            {
                faults.Add($"Acme:CorsOrigins:{i}", $"must be an origin such as https://certificates.example.org, in lower case and without path, slash at the end or the scheme's own port, or * for all, not '{texts[i]}'");
            }
        }
        return [.. texts];
    }

    private static List<string> ParseCaaIdentities(IReadOnlyList<string> texts, SettingFaults faults)
    {
        for (var i = 0; i < texts.Count; i++)
        {
            if (!Identifier.TryParse(IdentifierType.Dns, texts[i], out var name, out var fault))
                faults.Add($"Acme:CaaIdentities:{i}", $"must be a domain such as ca.example.org: '{texts[i]}' {fault}");
            else if (name.IsWildcard)
                faults.Add($"Acme:CaaIdentities:{i}", $"must be a domain without asterisk, not '{texts[i]}'");
        }
        return [.. texts];
    }
}
