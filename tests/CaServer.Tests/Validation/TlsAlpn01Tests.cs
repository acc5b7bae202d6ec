using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using CaServer.Domain;
using CaServer.TestKit.Dns;
using CaServer.TestKit.Tls;
using CaServer.Validation;
using Org.BouncyCastle.Tls;
using ChallengeCertificate = CaServer.TestKit.Tls.ChallengeCertificate;

namespace CaServer.Tests.Validation;

/// <summary>RFC 8737 §3, RFC 8738 §6.</summary>
public sealed class TlsAlpn01Tests : IAsyncDisposable
{
    private static readonly ChallengeCertificate s_right = ChallengeCertificate.For(CheckRig.Name, CheckRig.KeyAuthorization);

    private readonly ScriptedDnsServer _dns = new();
    private PerspectiveSettings _settings = new() { Name = "lab", AllowedNetworks = [IPNetwork.Parse("127.0.0.1/32"), IPNetwork.Parse("::1/128")] };

    public ValueTask DisposeAsync() => _dns.DisposeAsync();

    [Fact]
    public async Task A_certificate_with_the_digest_proves_the_name()
    {
        using var certificate = s_right.Create();
        await using var responder = new TlsResponder(certificate, ["h2", "acme-tls/1", "http/1.1"]);

        var outcome = await CheckAsync(responder);

        var statement = CheckRig.Statement(outcome);
        Assert.Equal((ValidationMethod.TlsAlpn01, "3.2.2.4.20", CheckRig.Name), (statement.Method, statement.Section, statement.Identifier));
        Assert.Equal($"127.0.0.1:{responder.Port}", statement.Address);
        Assert.Null(statement.AccountUrl);
        Assert.Equal([CheckRig.Name], responder.ServerNames);
        var step = CheckTrace.Decode(outcome.Trace.Encode()).Steps.OfType<CheckStep.Shaken>().Single();
        Assert.Equal((CheckRig.Name, "acme-tls/1", null), (step.ServerName, step.Protocol, step.Fault));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(certificate.RawData)), step.Certificate);
    }

    [Fact]
    public async Task The_name_in_the_certificate_may_be_in_capitals_and_the_key_RSA()
    {
        using var rsa = RSA.Create(2048);
        using var certificate = (s_right with { Names = [CheckRig.Name.ToUpperInvariant()], RsaKey = rsa }).Create();
        await using var responder = new TlsResponder(certificate);

        CheckRig.Statement(await CheckAsync(responder));
    }

    [Theory]
    [InlineData("127.0.0.1", "1.0.0.127.in-addr.arpa")]
    [InlineData("::1", "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa")]
    public async Task An_address_is_asked_for_by_its_name_in_the_reverse_zone(string address, string serverName)
    {
        using var certificate = ChallengeCertificate.For(address, CheckRig.KeyAuthorization).Create();
        await using var responder = new TlsResponder(certificate, address: address);

        var statement = CheckRig.Statement(await CheckAsync(responder, Identifier.Ip(address)));

        Assert.Equal(("3.2.2.5.7", address), (statement.Section, statement.Identifier));
        Assert.Equal([serverName], responder.ServerNames);
        Assert.Empty(_dns.Questions);
    }

    [Fact]
    public async Task An_address_is_not_proved_by_a_certificate_for_its_reverse_name()
    {
        using var certificate = ChallengeCertificate.For("1.0.0.127.in-addr.arpa", CheckRig.KeyAuthorization).Create();
        await using var responder = new TlsResponder(certificate);

        var failed = Assert.IsType<ValidationOutcome.Failed>(await CheckAsync(responder, Identifier.Ip("127.0.0.1")));

        Assert.Equal(FailureCause.CertificateOtherName, failed.Cause);
    }

    public static TheoryData<string> WrongCertificates =>
    [
        "web server's", "extension twice", "not critical", "not octets", "short digest", "digest of token", "no name", "two names", "other name", "wildcard",
        "address", "other signer", "other issuer", "garbage for names",
    ];

    [Theory]
    [MemberData(nameof(WrongCertificates))]
    public async Task Each_wrong_certificate_is_told_apart(string kind)
    {
        var right = s_right.AcmeIdentifiers[0].Value;
        var (made, cause, seen) = kind switch
        {
            "web server's" => (s_right with { AcmeIdentifiers = [] }, FailureCause.AcmeIdentifierMissing, "has no acmeIdentifier extension"),
            "extension twice" => (s_right with { AcmeIdentifiers = [(true, right), (true, right)] }, FailureCause.AcmeIdentifierRepeated, "has 2 acmeIdentifier extensions"),
            "not critical" => (s_right with { AcmeIdentifiers = [(false, right)] }, FailureCause.AcmeIdentifierNotCritical, "not critical"),
            "not octets" => (s_right with { AcmeIdentifiers = [(true, right[2..])] }, FailureCause.AcmeIdentifierMalformed, "not an OCTET STRING of 32 octets"),
            "short digest" => (s_right with { AcmeIdentifiers = [(true, ChallengeCertificate.Octets(right[2..30]))] }, FailureCause.AcmeIdentifierMalformed, "32 octets"),
            "digest of token" => (ChallengeCertificate.For(CheckRig.Name, CheckRig.Token), FailureCause.AcmeIdentifierOtherDigest, Convert.ToHexStringLower(TlsAlpn01.Digest(CheckRig.Token))),
            "no name" => (s_right with { Names = [] }, FailureCause.CertificateNameCount, "no alternative name"),
            "two names" => (s_right with { Names = [CheckRig.Name, "other.example"] }, FailureCause.CertificateNameCount, $"2 alternative names ({CheckRig.Name}, other.example)"),
            "other name" => (s_right with { Names = ["other.example"] }, FailureCause.CertificateOtherName, "is for other.example"),
            "wildcard" => (s_right with { Names = ["*.corp.example"] }, FailureCause.CertificateOtherName, "is for *.corp.example"),
            "address" => (s_right with { Names = ["127.0.0.1"] }, FailureCause.CertificateOtherName, "is for 127.0.0.1"),
            "other signer" => (s_right with { SignedByAnother = true }, FailureCause.CertificateNotSelfSigned, "not signed by its own key"),
            "other issuer" => (s_right with { Issuer = "somebody" }, FailureCause.CertificateNotSelfSigned, "not signed by its own key"),
            _ => (s_right with { Names = [], Others = [(ChallengeCertificate.SubjectAltNameOid, [0x30, 0x80])] }, FailureCause.CertificateUnreadable, "cannot be read"),
        };
        using var certificate = made.Create();
        await using var responder = new TlsResponder(certificate);

        AssertFailed(await CheckAsync(responder), cause, ProblemType.Unauthorized, seen, responder.Port);
    }

    public static TheoryData<string> WrongServers =>
    [
        "no ALPN", "alert about ALPN", "alert about the name", "other ALPN", "TLS 1.1", "HTTP", "greeting", "hangs up", "stalls", "refused", "unknown name",
    ];

    [Theory]
    [MemberData(nameof(WrongServers))]
    public async Task Each_wrong_server_is_told_apart(string kind)
    {
        using var certificate = s_right.Create();
        if (kind == "stalls")
            _settings = _settings with { Timeout = TimeSpan.FromMilliseconds(300) };
        await using var responder = kind switch
        {
            "no ALPN" => new TlsResponder(certificate, []),
            "alert about ALPN" => new TlsResponder(certificate, ["h2", "http/1.1"]),
            "alert about the name" => new TlsResponder(static async (stream, ct) =>
            {
                // A fatal unrecognized_name alert, as nginx sends it with ssl_reject_handshake.
                await stream.ReadAtLeastAsync(new byte[64], 64, cancellationToken: ct);
                await stream.WriteAsync(new byte[] { 0x15, 3, 3, 0, 2, 2, 112 }, ct);
            }),
            "other ALPN" => new TlsResponder(WrongTlsServer.Of(certificate, "h2", ProtocolVersion.TLSv12)),
            "TLS 1.1" => new TlsResponder(WrongTlsServer.Of(certificate, "acme-tls/1", ProtocolVersion.TLSv11)),
            "HTTP" => new TlsResponder(static (stream, ct) => SayAsync(stream, "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n", ct)),
            "greeting" => new TlsResponder(static (stream, ct) => SayAsync(stream, "SSH-2.0-OpenSSH_9.2\r\n", ct)),
            "stalls" => new TlsResponder(static (_, ct) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct)),
            _ => new TlsResponder(static (_, _) => Task.CompletedTask),
        };
        if (kind == "refused")
            await responder.DisposeAsync();

        var outcome = await CheckAsync(responder, kind == "unknown name" ? Identifier.Dns("unknown.example") : null);

        var (cause, type, seen) = kind switch
        {
            "no ALPN" => (FailureCause.AlpnMissing, ProblemType.Unauthorized, "without choosing the protocol acme-tls/1"),
            "alert about ALPN" => (FailureCause.TlsAlert, ProblemType.Tls, "alert no_application_protocol"),
            "alert about the name" => (FailureCause.TlsAlert, ProblemType.Tls, "alert unrecognized_name"),
            "other ALPN" => (FailureCause.Tls, ProblemType.Tls, "failed after the server's first message"),
            "TLS 1.1" => (FailureCause.TlsAlert, ProblemType.Tls, "alert protocol_version"),
            "HTTP" => (FailureCause.NotTls, ProblemType.Tls, "begins \"HTTP/1.1 400 Bad Request"),
            "greeting" => (FailureCause.NotTls, ProblemType.Tls, "begins \"SSH-2.0-OpenSSH_9.2"),
            "hangs up" => (FailureCause.ConnectionLost, ProblemType.Connection, "ended the connection"),
            "stalls" => (FailureCause.AnswerTimeout, ProblemType.Connection, "in time"),
            "refused" => (FailureCause.ConnectionRefused, ProblemType.Connection, "refused the connection"),
            _ => (FailureCause.NameUnknown, ProblemType.Dns, "unknown.example could not be looked up"),
        };
        AssertFailed(outcome, cause, type, seen, kind is "unknown name" ? null : responder.Port);
    }

    [Fact]
    public async Task An_address_that_the_policy_forbids_is_not_contacted()
    {
        using var certificate = s_right.Create();
        await using var responder = new TlsResponder(certificate);
        _settings = _settings with { AllowedNetworks = [] };

        var failed = Assert.IsType<ValidationOutcome.Failed>(await CheckAsync(responder));

        Assert.Equal((FailureCause.AddressRefused, ProblemType.Connection), (failed.Cause, failed.Problem.Type));
        Assert.Empty(responder.ServerNames);
    }

    private static void AssertFailed(ValidationOutcome outcome, FailureCause cause, ProblemType type, string seen, int? port)
    {
        var failed = Assert.IsType<ValidationOutcome.Failed>(outcome);
        Assert.Equal((cause, type), (failed.Cause, failed.Problem.Type));
        Assert.Contains(seen, failed.Problem.Detail, StringComparison.Ordinal);
        if (port is { } number)
            Assert.Contains($":{number}", failed.Problem.Detail, StringComparison.Ordinal);
        // What was seen, and what to change.
        Assert.Matches("^[A-Za-z0-9].*[^ ]\\. [A-Z].*\\.$", failed.Problem.Detail);
        Assert.All(failed.Problem.Detail, c => Assert.InRange(c, ' ', '~'));
    }

    private static async Task SayAsync(NetworkStream stream, string text, CancellationToken ct)
    {
        await stream.ReadAtLeastAsync(new byte[64], 64, cancellationToken: ct);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(text), ct);
    }

    private async Task<ValidationOutcome> CheckAsync(TlsResponder responder, Identifier? identifier = null)
    {
        _dns.With(CheckRig.Name, "127.0.0.1");
        using var perspective = new Perspective(
            _settings with { Resolvers = [_dns.Endpoint], TlsAlpn01Port = responder.Port }, CheckRig.Key, TimeProvider.System);
        return await perspective.CheckAsync(
            CheckRig.Request(identifier ?? Identifier.Dns(CheckRig.Name), ValidationMethod.TlsAlpn01), TestContext.Current.CancellationToken);
    }
}
