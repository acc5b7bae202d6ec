using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CaServer.Configuration;
using CaServer.Domain;
using CaServer.Pki.X509;
using CaServer.Signing;
using CaServer.Storage;
using CaServer.Workers;

namespace CaServer.Composition;

/// <summary>Makes the server's own TLS certificate: a new key in a file each time, and a certificate from the issuing CA for it.</summary>
internal sealed class ServerCertificateIssuer
{
    private static readonly TimeSpan s_validity = TimeSpan.FromDays(30);

    private readonly string _file;
    private readonly IssuingCa _issuer;
    private readonly IReadOnlyList<Identifier> _hosts;
    private readonly InfrastructureCertificates _certificates;
    private readonly TimeProvider _clock;

    public ServerCertificateIssuer(CaServerSettings settings, IssuingCa issuer, IssuanceStore issuances, TimeProvider clock)
    {
        _file = Path.Combine(settings.Data.Tls, "server.pem");
        _issuer = issuer;
        _hosts = HostsOf(settings.Server);
        _clock = clock;
        var profile = new CertificateProfile("server", new CertificateProfileOptions { Validity = s_validity }, settings.Policy.Preset);
        _certificates = new InfrastructureCertificates(
            _hosts, profile, issuer, settings.StatusUrls, new IssuanceJournal(issuances, null, clock, LogLeafKind.Infrastructure));
    }

    /// <summary>The certificate in the file if it is still good for a while, otherwise a new one.</summary>
    public async Task<TlsFile> CurrentAsync(CancellationToken ct) => TlsFile.TryRead(_file) is { } present && IsGood(present) ? present : await RenewAsync(ct);

    /// <summary>Whether a certificate has a third of its life or less before it, so that it is time for another.</summary>
    public static bool IsDue(X509Certificate2 certificate, DateTimeOffset now)
    {
        DateTimeOffset begin = certificate.NotBefore, end = certificate.NotAfter;
        return now >= begin + ((end - begin) * 2 / 3);
    }

    /// <summary>Makes a new key and certificate and replaces the file.</summary>
    public async Task<TlsFile> RenewAsync(CancellationToken ct)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var result = await _certificates.IssueAsync(RequestFor(key), _clock.GetUtcNow(), ct);
        if (result is not IssuanceResult.Issued issued)
            throw new InvalidOperationException($"The server's own certificate was refused: {((IssuanceResult.Refused)result).Sentence}");
        PrivateDirectory.Make(Path.GetDirectoryName(_file)!);
        PrivateDirectory.Write(
            _file,
            $"{key.ExportPkcs8PrivateKeyPem()}\n{PemEncoding.WriteString("CERTIFICATE", issued.Certificate)}\n{PemEncoding.WriteString("CERTIFICATE", _issuer.Certificate.Der.Span)}\n",
            isSecret: true);
        return TlsFile.TryRead(_file) ?? throw new InvalidOperationException($"{_file} was written but cannot be read.");
    }

    private bool IsGood(TlsFile file) =>
        !IsDue(file.Leaf, _clock.GetUtcNow())
        && file.Chain is [var issuer] && issuer.RawDataMemory.Span.SequenceEqual(_issuer.Certificate.Der.Span)
        && _hosts.All(h => file.Leaf.MatchesHostname(h.Value, allowWildcards: false, allowCommonName: false));

    private byte[] RequestFor(ECDsa key)
    {
        var names = new SubjectAlternativeNameBuilder();
        foreach (var host in _hosts)
        {
            if (host.Type == IdentifierType.Ip)
                names.AddIpAddress(IPAddress.Parse(host.Value));
            else
                names.AddDnsName(host.Value);
        }
        var request = new CertificateRequest(new X500DistinguishedName(""), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSigningRequest();
    }

    // Who connects from this machine may use any of its names.
    private static IReadOnlyList<Identifier> HostsOf(ServerSettings server) => IPAddress.IsLoopback(server.HttpsListen.Address)
        ? [.. new[] { server.PublicHost, Identifier.Dns("localhost"), Identifier.Ip("127.0.0.1"), Identifier.Ip("::1") }.Distinct()]
        : [server.PublicHost];
}
