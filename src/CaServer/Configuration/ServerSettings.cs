using System.Net;
using CaServer.Domain;

namespace CaServer.Configuration;

/// <summary>Section <c>Server</c>: addresses and URLs.</summary>
internal sealed class ServerOptions
{
    /// <summary>Base of all ACME URLs.</summary>
    public string PublicUrl { get; set; } = "https://localhost:8443";

    /// <summary>Address and port for ACME over HTTPS.</summary>
    public string HttpsListen { get; set; } = "127.0.0.1:8443";

    /// <summary>Address and port for CRLs and CA certificates over plain HTTP.</summary>
    public string HttpListen { get; set; } = "127.0.0.1:8080";

    /// <summary>Address and port for health and metrics.</summary>
    public string AdminListen { get; set; } = "127.0.0.1:9090";

    /// <summary>Base of the CRL and CA certificate URLs that stand in certificates.</summary>
    public string StatusUrl { get; set; } = "http://localhost:8080";

    /// <summary>PEM chain of a TLS certificate of the operator's own; without it the server makes one.</summary>
    public string? TlsCertificateFile { get; set; }

    /// <summary>PEM private key that goes with it.</summary>
    public string? TlsKeyFile { get; set; }

    /// <summary>Networks (CIDR) of the proxies in front, whose X-Forwarded-For is believed.</summary>
    public IReadOnlyList<string> TrustedProxies { get; set; } = [];

    /// <summary>How long requests in flight may take to end after SIGTERM.</summary>
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(20);
}

/// <summary>A TLS certificate of the operator's own.</summary>
internal sealed record TlsFiles(string Certificate, string Key);

/// <summary>Addresses and URLs, validated.</summary>
internal sealed record ServerSettings
{
    public required Uri PublicUrl { get; init; }

    public required Uri StatusUrl { get; init; }

    public required IPEndPoint HttpsListen { get; init; }

    public required IPEndPoint HttpListen { get; init; }

    public required IPEndPoint AdminListen { get; init; }

    /// <summary>The host of <see cref="PublicUrl"/>.</summary>
    public Identifier PublicHost => TypeOf(PublicUrl) == IdentifierType.Ip ? Identifier.Ip(HostOf(PublicUrl)) : Identifier.Dns(HostOf(PublicUrl));

    /// <summary>Null: the issuing CA makes the certificate.</summary>
    public required TlsFiles? Tls { get; init; }

    /// <summary>The proxies in front, whose X-Forwarded-For is believed.</summary>
    public required IReadOnlyList<IPNetwork> TrustedProxies { get; init; }

    public required TimeSpan StopTimeout { get; init; }

    public static ServerSettings Parse(ServerOptions options, SettingFaults faults)
    {
        var settings = new ServerSettings
        {
            PublicUrl = ParseUrl("Server:PublicUrl", options.PublicUrl, Uri.UriSchemeHttps, faults),
            StatusUrl = ParseUrl("Server:StatusUrl", options.StatusUrl, Uri.UriSchemeHttp, faults),
            HttpsListen = ParseListen("Server:HttpsListen", options.HttpsListen, faults),
            HttpListen = ParseListen("Server:HttpListen", options.HttpListen, faults),
            AdminListen = ParseListen("Server:AdminListen", options.AdminListen, faults),
            Tls = ParseTls(options, faults),
            TrustedProxies = faults.Networks("Server:TrustedProxies", options.TrustedProxies),
            StopTimeout = faults.InRange("Server:StopTimeout", options.StopTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10)),
        };
        RefuseSame("Server:HttpListen", settings.HttpListen, "Server:HttpsListen", settings.HttpsListen, faults);
        RefuseSame("Server:AdminListen", settings.AdminListen, "Server:HttpsListen", settings.HttpsListen, faults);
        RefuseSame("Server:AdminListen", settings.AdminListen, "Server:HttpListen", settings.HttpListen, faults);
        return settings;
    }

    private static Uri ParseUrl(string key, string text, string scheme, SettingFaults faults)
    {
        var example = scheme == Uri.UriSchemeHttps ? "https://ca.example.org" : "http://pki.example.org";
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme != scheme || url.Host.Length == 0)
            faults.Add(key, $"must be an {scheme} URL such as {example}, not '{text}'");
        else if (url.PathAndQuery != "/" || url.Fragment.Length > 0 || url.UserInfo.Length > 0)
            faults.Add(key, $"must be scheme, host and port only, such as {example}, not '{text}'");
        else if (Identifier.TryParse(TypeOf(url), HostOf(url), out _, out var fault))
            return url;
        else
            faults.Add(key, $"must have a host that a certificate can name: '{HostOf(url)}' {fault}");
        return new Uri(example);
    }

    private static IdentifierType TypeOf(Uri url) => url.HostNameType is UriHostNameType.IPv4 or UriHostNameType.IPv6 ? IdentifierType.Ip : IdentifierType.Dns;

    // IdnHost has no brackets around an IPv6 address, and names in their ASCII form.
    private static string HostOf(Uri url) => url.IdnHost;

    private static IPEndPoint ParseListen(string key, string text, SettingFaults faults)
    {
        if (Endpoint.TryParse(text, null, out var endpoint))
            return endpoint;
        faults.Add(key, $"must be an address and a port such as 127.0.0.1:8443, 0.0.0.0:443 or [::]:443, not '{text}'");
        return new IPEndPoint(IPAddress.Loopback, 0);
    }

    private static TlsFiles? ParseTls(ServerOptions options, SettingFaults faults)
    {
        if (options.TlsCertificateFile is null && options.TlsKeyFile is null)
            return null;
        foreach (var (key, path, other) in new[]
        {
            ("Server:TlsCertificateFile", options.TlsCertificateFile, "Server:TlsKeyFile"),
            ("Server:TlsKeyFile", options.TlsKeyFile, "Server:TlsCertificateFile"),
        })
        {
            if (path is null)
                faults.Add(key, $"must be set because {other} is; or remove that one");
            else if (!File.Exists(path))
                faults.Add(key, $"names '{path}', which does not exist; give the path of a PEM file");
        }
        return new TlsFiles(options.TlsCertificateFile ?? "", options.TlsKeyFile ?? "");
    }

    private static void RefuseSame(string key, IPEndPoint endpoint, string otherKey, IPEndPoint other, SettingFaults faults)
    {
        if (endpoint.Port != 0 && endpoint.Equals(other))
            faults.Add(key, $"is the same as {otherKey}, {endpoint}; give it a port of its own");
    }
}
