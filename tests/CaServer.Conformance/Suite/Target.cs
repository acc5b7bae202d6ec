using System.Net;

namespace CaServer.Conformance.Suite;

/// <summary>What the suite was told: which server, and what it may use to prove control of names.</summary>
internal sealed record Target
{
    /// <summary>The directory.</summary>
    public required Uri Directory { get; init; }

    /// <summary>PEM file with the roots to trust for TLS; null for the system's.</summary>
    public string? RootFile { get; init; }

    /// <summary>Whether any TLS certificate of the server will do.</summary>
    public bool Insecure { get; init; }

    /// <summary>Domains below which names are made up.</summary>
    public IReadOnlyList<string> Domains { get; init; } = [];

    /// <summary>An address that the suite answers challenges at, as an identifier (RFC 8738).</summary>
    public IPAddress? Address { get; init; }

    /// <summary>Where http-01 is answered.</summary>
    public IPEndPoint? Http01Listen { get; init; }

    /// <summary>Where tls-alpn-01 is answered.</summary>
    public IPEndPoint? TlsAlpn01Listen { get; init; }

    /// <summary>Management interface of pebble-challtestsrv.</summary>
    public Uri? DnsManagement { get; init; }

    /// <summary>Address that made-up names are given in DNS.</summary>
    public IPAddress? NameAddress { get; init; }

    /// <summary>How long to wait before a resource that is being worked on is read; longer each time after that.</summary>
    public TimeSpan FirstPoll { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Key identifier and MAC key of an external account.</summary>
    public ExternalKey? ExternalKey { get; init; }
}

/// <summary>A MAC key that the CA gave out (RFC 8555 §7.3.4).</summary>
internal sealed record ExternalKey(string Kid, byte[] MacKey);
