using System.Net;
using System.Text;
using CaServer.Domain;
using CaServer.Validation;
using CaServer.Validation.Dns;
using CaServer.Validation.Http;
using CaServer.Validation.Tls;

namespace CaServer.Fuzz;

/// <summary>What servers answer that are checked: they belong to whoever wants a certificate.</summary>
internal static class ValidationTargets
{
    private static readonly IPEndPoint s_remote = new(IPAddress.Loopback, 80);
    private static readonly Uri s_url = new("http://www.example.com/.well-known/acme-challenge/" + Token);
    private static readonly PerspectiveSettings s_settings = new() { Name = "fuzz", IssuerNames = ["ca.example"], AccountHashPrefix = Requests.Base + "/acme/account-hash/" };
    private static readonly ValidationRequest s_request = new()
    {
        Identifier = Identifier.Dns("www.example.com"),
        Method = ValidationMethod.Http01,
        Token = Token,
        Thumbprint = Requests.Key.Thumbprint,
        AccountUrl = Requests.AccountUrl,
    };

    internal const string Token = "DGyRejmCefe7v4NfDGDKfA";

    internal static string KeyAuthorization => s_request.KeyAuthorization;

    /// <summary>The octets as the certificate of a tls-alpn-01 server.</summary>
    internal static void Certificate(byte[] input)
    {
        var handshake = new Handshake { Protocol = TlsAlpn01.Protocol, Version = "1.3", Certificate = input };
        Judged(new TlsAlpn01Answer(s_request, s_remote, handshake).Judge());
        ChallengeCertificate.DigestOf(input);
    }

    /// <summary>The octets as a redirect's target, a body of http-01, and TXT records, one in each line.</summary>
    internal static void Answer(byte[] input)
    {
        var text = Encoding.Latin1.GetString(input);
        if (RedirectRules.TryFollow(s_url, new HttpAnswer { Status = 302, Location = text }, 80, out var target, out var refusal))
            FuzzTarget.Require(RedirectRules.HostOf(target) is { Length: > 0 } && target.Scheme is "http" or "https", "a redirect leads nowhere");
        else
            Judged(Finding.Failed(refusal!));

        Judged(Http01Answer.Judge(s_request, s_url, s_remote, new HttpAnswer { Status = 200, Body = input }));
        Judged(Http01Answer.Judge(s_request, s_url, s_remote, new HttpAnswer { Cause = FailureCause.NotHttp, Body = input }));

        var lines = text.Split('\n');
        var texts = new TextRecords("127.0.0.1", null, [.. lines.Take(TextRecords.MaxRecords)], lines.Length, null, null);
        Judged(new Dns01Answer("_acme-challenge.www.example.com", s_request.KeyAuthorization).Judge(texts));
        Judged(new DnsPersist01Answer(s_request, s_settings).Judge(texts, FixedCa.Now));
    }

    private static void Judged(Finding finding)
    {
        FuzzTarget.Require(finding.Proof is null != finding.Failure is null, "neither proof nor failure");
        if (finding.Failure is { } failure)
            FuzzTarget.Sentence(failure.ToProblem().Detail);
    }
}
