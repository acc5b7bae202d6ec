using System.Net;

namespace CaServer.Configuration;

/// <summary>Section <c>Validation</c>: how control of names is checked.</summary>
internal sealed class ValidationOptions
{
    /// <summary>Name of this process's perspective, under which the signer knows its key.</summary>
    public string Perspective { get; set; } = "local";

    /// <summary>DNS resolvers, <c>address:port</c>; empty: the system's.</summary>
    public IReadOnlyList<string> Resolvers { get; set; } = [];

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
}

/// <summary>How control of names is checked, validated.</summary>
internal sealed record ValidationSettings
{
    private const int DnsPort = 53;

    public required string Perspective { get; init; }

    public required IReadOnlyList<IPEndPoint> Resolvers { get; init; }

    public required int Http01Port { get; init; }

    public required int TlsAlpn01Port { get; init; }

    public required bool PlainAccountUri { get; init; }

    public required IReadOnlyList<IPNetwork> AllowedNetworks { get; init; }

    public required TimeSpan Timeout { get; init; }

    public static ValidationSettings Parse(ValidationOptions options, SettingFaults faults) => new()
    {
        Perspective = ParseName(options.Perspective, faults),
        Resolvers = ParseResolvers(options.Resolvers, faults),
        Http01Port = faults.InRange("Validation:Http01Port", options.Http01Port, 1, ushort.MaxValue),
        TlsAlpn01Port = faults.InRange("Validation:TlsAlpn01Port", options.TlsAlpn01Port, 1, ushort.MaxValue),
        PlainAccountUri = options.PlainAccountUri,
        AllowedNetworks = faults.Networks("Validation:AllowedNetworks", options.AllowedNetworks),
        Timeout = faults.InRange("Validation:Timeout", options.Timeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1)),
    };

    // It is also the name of its key file.
    private static string ParseName(string text, SettingFaults faults)
    {
        if (text.Length is 0 or > 64 || !text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
            faults.Add("Validation:Perspective", $"must be a name of 1 to 64 letters, digits, '-' or '_', not '{text}'");
        return text;
    }

    private static List<IPEndPoint> ParseResolvers(IReadOnlyList<string> texts, SettingFaults faults)
    {
        var resolvers = new List<IPEndPoint>();
        for (var i = 0; i < texts.Count; i++)
        {
            if (Endpoint.TryParse(texts[i], DnsPort, out var endpoint) && endpoint.Port != 0)
                resolvers.Add(endpoint);
            else
                faults.Add($"Validation:Resolvers:{i}", $"must be an address, with a port if it is not {DnsPort}, such as 192.0.2.1:53 or [2001:db8::1]:53, not '{texts[i]}'");
        }
        return resolvers;
    }
}
