using System.Net;
using CaServer.Domain;

namespace CaServer.Configuration;

/// <summary>Section <c>Validation</c>: how control of names is checked.</summary>
internal sealed class ValidationOptions
{
    /// <summary>Name of this process's perspective, under which the signer knows its key.</summary>
    public string Perspective { get; set; } = "local";

    /// <summary>Further perspectives that check in this process, by name.</summary>
    public Dictionary<string, FurtherPerspectiveOptions> Perspectives { get; } = new(StringComparer.Ordinal);

    /// <summary>Perspectives in processes of their own, by name.</summary>
    public Dictionary<string, RemotePerspectiveOptions> Remotes { get; } = new(StringComparer.Ordinal);

    /// <summary>How many perspectives must find a name proved; null: all but one where there are three and more, else all.</summary>
    public int? Quorum { get; set; }

    /// <summary>DNS resolvers, <c>address:port</c>; empty: the system's.</summary>
    public IReadOnlyList<string> Resolvers { get; set; } = [];

    /// <summary>Whether the resolvers validate DNSSEC, so that their word about it is believed.</summary>
    public bool Dnssec { get; set; }

    /// <summary><c>require</c>, <c>respect</c> or <c>ignore</c>; null: <c>respect</c> under the preset private, <c>require</c> under webpki.</summary>
    public string? Caa { get; set; }

    /// <summary>Port that http-01 checks connect to.</summary>
    public int Http01Port { get; set; } = 80;

    /// <summary>Port that tls-alpn-01 checks connect to.</summary>
    public int TlsAlpn01Port { get; set; } = 443;

    /// <summary>Whether a dns-persist-01 record may name an account by its URL as it is.</summary>
    public bool PlainAccountUri { get; set; } = true;

    /// <summary>Networks (CIDR) that checks may connect to besides those that the preset permits.</summary>
    public IReadOnlyList<string> AllowedNetworks { get; set; } = [];

    /// <summary>How long one check may take.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a check is tried before its challenge is invalid, where the failure may pass.</summary>
    public int Attempts { get; set; } = 2;

    /// <summary>Connections to one address, and look-ups in one registered domain, within a minute; 0: any number.</summary>
    public int PerTarget { get; set; } = 1200;

    /// <summary>How many checks may run at the same time.</summary>
    public int MaxConcurrent { get; set; } = 1000;
}

/// <summary>How control of names is checked, validated.</summary>
internal sealed record ValidationSettings
{
    private const int DnsPort = 53;
    private const int MaxOthers = 15;

    public required string Perspective { get; init; }

    /// <summary>Whether <see cref="Perspective"/> is one that another process asks.</summary>
    public bool IsRemote { get; init; }

    public required IReadOnlyList<FurtherPerspective> Further { get; init; }

    public required IReadOnlyList<RemotePerspective> Remotes { get; init; }

    /// <summary>How many must agree; under webpki BR §3.2.2.9 says it.</summary>
    public required int Quorum { get; init; }

    public required IReadOnlyList<IPEndPoint> Resolvers { get; init; }

    public required bool Dnssec { get; init; }

    public required CaaPolicy Caa { get; init; }

    public required int Http01Port { get; init; }

    public required int TlsAlpn01Port { get; init; }

    public required bool PlainAccountUri { get; init; }

    public required IReadOnlyList<IPNetwork> AllowedNetworks { get; init; }

    public required TimeSpan Timeout { get; init; }

    public required int Attempts { get; init; }

    public required int PerTarget { get; init; }

    public required int MaxConcurrent { get; init; }

    public static ValidationSettings Parse(ValidationOptions options, PolicyPreset preset, SettingFaults faults) => new()
    {
        Perspective = ParseName("Validation:Perspective", options.Perspective, faults),
        Further = ParseFurther(options, preset, faults),
        Remotes = ParseRemotes(options, preset, faults),
        Quorum = ParseQuorum(options, preset, faults),
        Resolvers = ParseResolvers("Validation", options.Resolvers, options.Dnssec, faults),
        Dnssec = options.Dnssec,
        Caa = ParseCaa(options.Caa, preset, faults),
        Http01Port = faults.InRange("Validation:Http01Port", options.Http01Port, 1, ushort.MaxValue),
        TlsAlpn01Port = faults.InRange("Validation:TlsAlpn01Port", options.TlsAlpn01Port, 1, ushort.MaxValue),
        PlainAccountUri = options.PlainAccountUri,
        AllowedNetworks = faults.Networks("Validation:AllowedNetworks", options.AllowedNetworks),
        // Check and CAA look-up together stay within the lease, or two processes could do the same check.
        Timeout = faults.InRange("Validation:Timeout", options.Timeout, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(25)),
        Attempts = faults.InRange("Validation:Attempts", options.Attempts, 1, 10),
        PerTarget = faults.InRange("Validation:PerTarget", options.PerTarget, 0, Validation.PerspectiveSettings.MaxMaxPerTarget),
        MaxConcurrent = faults.InRange("Validation:MaxConcurrent", options.MaxConcurrent, 1, 10_000),
    };

    /// <summary>Whether a perspective may be called so.</summary>
    public static bool IsName(string text) => text.Length is > 0 and <= 64 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    // It is also the name of its key file.
    private static string ParseName(string key, string text, SettingFaults faults)
    {
        if (!IsName(text))
            faults.Add(key, $"must be a name of 1 to 64 letters, digits, '-' or '_', not '{text}'");
        return text;
    }

    private static List<FurtherPerspective> ParseFurther(ValidationOptions options, PolicyPreset preset, SettingFaults faults)
    {
        var further = new List<FurtherPerspective>();
        foreach (var (name, perspective) in options.Perspectives)
        {
            var key = $"Validation:Perspectives:{name}";
            ParseName(key, name, faults);
            if (name == options.Perspective)
                faults.Add(key, "has the name of Validation:Perspective; give it another");
            if (perspective.Resolvers.Count == 0)
                faults.Add($"{key}:Resolvers", "must name at least one resolver, or the perspective would see what the first one sees");
            further.Add(new FurtherPerspective(name, ParseResolvers(key, perspective.Resolvers, perspective.Dnssec, faults), perspective.Dnssec));
        }
        if (further.Count > 0 && preset == PolicyPreset.WebPki)
            faults.Add("Validation:Perspectives", "must be left off under webpki, where perspectives stand on other machines (BR §3.2.2.9); set Validation:Remotes");
        if (further.Count + options.Remotes.Count > MaxOthers)
            faults.Add("Validation:Perspectives", $"has, with Validation:Remotes, {further.Count + options.Remotes.Count} perspectives; at most {MaxOthers} check beside the first");
        return further;
    }

    private static List<RemotePerspective> ParseRemotes(ValidationOptions options, PolicyPreset preset, SettingFaults faults)
    {
        foreach (var name in options.Remotes.Keys)
        {
            var key = $"Validation:Remotes:{name}";
            ParseName(key, name, faults);
            if (name == options.Perspective || options.Perspectives.ContainsKey(name))
                faults.Add(key, "has the name of a perspective of this process; give it another");
        }
        return [.. options.Remotes.Select(r => RemotePerspective.Parse(r.Key, r.Value, preset, faults))];
    }

    // As in BR §3.2.2.9: one may fail where two and more others look.
    private static int ParseQuorum(ValidationOptions options, PolicyPreset preset, SettingFaults faults)
    {
        if (options.Quorum is not null && preset == PolicyPreset.WebPki)
            faults.Add("Validation:Quorum", "must be left off under webpki, where BR §3.2.2.9 says how many must agree");
        var all = 1 + options.Perspectives.Count + options.Remotes.Count;
        return options.Quorum is { } quorum ? faults.InRange("Validation:Quorum", quorum, 1, all) : all < 3 ? all : all - 1;
    }

    private static CaaPolicy ParseCaa(string? text, PolicyPreset preset, SettingFaults faults)
    {
        if (text is null)
            return preset == PolicyPreset.WebPki ? CaaPolicy.Require : CaaPolicy.Respect;
        if (!WireName.TryParse(text, out CaaPolicy policy))
            faults.Add("Validation:Caa", $"must be one of {string.Join(", ", WireName.All<CaaPolicy>())}, not '{text}'");
        else if (preset == PolicyPreset.WebPki && policy != CaaPolicy.Require)
            faults.Add("Validation:Caa", "must be require under webpki (BR §3.2.2.8); leave the key off");
        return policy;
    }

    // An answer's AD bit is as good as the way that it comes (RFC 4035 §4.9.3).
    private static List<IPEndPoint> ParseResolvers(string section, IReadOnlyList<string> texts, bool dnssec, SettingFaults faults)
    {
        if (dnssec && texts.Count == 0)
            faults.Add($"{section}:Dnssec", $"needs {section}:Resolvers: name a resolver on this machine that validates, such as 127.0.0.1:53");
        var resolvers = new List<IPEndPoint>();
        for (var i = 0; i < texts.Count; i++)
        {
            if (Endpoint.TryParse(texts[i], DnsPort, out var endpoint) && endpoint.Port != 0)
            {
                resolvers.Add(endpoint);
                if (dnssec && !IPAddress.IsLoopback(endpoint.Address))
                    faults.Add($"{section}:Resolvers:{i}", $"must be an address of this machine such as 127.0.0.1:53 where {section}:Dnssec is true, since nothing protects what comes from '{texts[i]}'; run a validating resolver here that asks it");
            }
            else
            {
                faults.Add($"{section}:Resolvers:{i}", $"must be an address, with a port if it is not {DnsPort}, such as 192.0.2.1:53 or [2001:db8::1]:53, not '{texts[i]}'");
            }
        }
        return resolvers;
    }
}
