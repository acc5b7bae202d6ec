using System.Net;
using CaServer.Domain;

namespace CaServer.Validation;

/// <summary>How one perspective looks at the network. The durations are bounds, not pauses.</summary>
public sealed record PerspectiveSettings
{
    /// <summary>Longest name of a perspective, in characters.</summary>
    public const int MaxNameLength = 64;

    /// <summary>Greatest value of <see cref="MaxPerTarget"/>.</summary>
    public const int MaxMaxPerTarget = 60_000;

    /// <summary>The perspective's name, which stands in every statement it signs: letters, digits, <c>-</c>, <c>_</c> and <c>.</c> only.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// The recursive name servers, asked in this order. Empty means the system's: those of <c>/etc/resolv.conf</c> and, under
    /// the private preset, <c>/etc/hosts</c> before them.
    /// </summary>
    public IReadOnlyList<IPEndPoint> Resolvers { get; init; } = [];

    /// <summary>
    /// Whether the resolvers validate DNSSEC, so that their word about it is believed. Nothing between a resolver and us protects
    /// that word, so all of them must then be reached over loopback (BR §3.2.2.4, RFC 4035 §4.9.3).
    /// </summary>
    public bool Dnssec { get; init; }

    /// <summary>How much the CA is bound by CAA.</summary>
    public CaaPolicy Caa { get; init; } = CaaPolicy.Require;

    /// <summary>The port that http-01 connects to first; 80 outside laboratories (RFC 8555 §8.3).</summary>
    public int Http01Port { get; init; } = 80;

    /// <summary>The port that tls-alpn-01 connects to; 443 outside laboratories (RFC 8737 §3).</summary>
    public int TlsAlpn01Port { get; init; } = 443;

    /// <summary>The domain names by which records may call this CA, lower-case A-labels; dns-persist-01 needs one, and without one every CAA record forbids.</summary>
    public IReadOnlyList<string> IssuerNames { get; init; } = [];

    /// <summary>What hashed account URIs in dns-persist-01 records begin with.</summary>
    public string AccountHashPrefix { get; init; } = "";

    /// <summary>
    /// Whether a dns-persist-01 record may also name the account by its URL as it is, as revisions 00 and 01 of the draft had it;
    /// revision 02 has hashed URIs only.
    /// </summary>
    public bool AcceptsPlainAccountUrl { get; init; }

    /// <summary>Networks that may be contacted besides what the preset permits; link-local and metadata addresses stay out.</summary>
    public IReadOnlyList<IPNetwork> AllowedNetworks { get; init; } = [];

    /// <summary>The rules that the server runs under.</summary>
    public PolicyPreset Preset { get; init; } = PolicyPreset.Private;

    /// <summary>Bound of one whole check, look-ups and redirects included; the CAA look-up after it has the same once more.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Bound of one attempt to connect; shorter than <see cref="Timeout"/>, so that a dead IPv6 address leaves time for IPv4.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Bound of one question to one name server; each is asked twice.</summary>
    public TimeSpan DnsTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Connections to one address, and look-ups in one registered domain, that checks make within a minute at most; 0: any number.</summary>
    public int MaxPerTarget { get; init; }

    /// <summary>Where registered domains begin.</summary>
    public PublicSuffixList Suffixes { get; init; } = PublicSuffixList.Empty;

    /// <summary>Checks that run at once; more wait, and their waiting is not part of <see cref="Timeout"/>.</summary>
    public int MaxConcurrentChecks { get; init; } = 1000;

    /// <summary>What is wrong with these settings, one sentence each.</summary>
    public IEnumerable<string> Faults()
    {
        if (Name.Length is 0 or > MaxNameLength || !Name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
            yield return $"The perspective's name '{Name}' must be 1 to {MaxNameLength} letters, digits, '-', '_' or '.'.";
        if (Http01Port is < 1 or > IPEndPoint.MaxPort)
            yield return $"The http-01 port {Http01Port} is not a TCP port.";
        if (TlsAlpn01Port is < 1 or > IPEndPoint.MaxPort)
            yield return $"The tls-alpn-01 port {TlsAlpn01Port} is not a TCP port.";
        if (Resolvers.FirstOrDefault(r => r.Port == 0) is { } resolver)
            yield return $"The resolver {resolver} has no port.";
        if (Dnssec && (Resolvers.Count == 0 || Resolvers.Any(r => !IPAddress.IsLoopback(r.Address))))
            yield return "Whether a DNS answer was validated is believed over loopback only, so with DNSSEC every resolver must be on this machine.";
        if (Preset == PolicyPreset.WebPki && Caa != CaaPolicy.Require)
            yield return "Under webpki CAA must be required (BR §3.2.2.8).";
        if (Timeout <= TimeSpan.Zero || ConnectTimeout <= TimeSpan.Zero || DnsTimeout <= TimeSpan.Zero)
            yield return "The timeouts of a check must be longer than nothing.";
        if (Timeout > TimeSpan.FromMinutes(5))
            yield return "A check may take 5 minutes at most; ACME clients give up long before.";
        if (MaxPerTarget is < 0 or > MaxMaxPerTarget)
            yield return $"The checks per target and minute must be from 0 (any number) to {MaxMaxPerTarget}.";
        if (MaxConcurrentChecks < 1)
            yield return "At least one check must be allowed to run.";
    }
}
