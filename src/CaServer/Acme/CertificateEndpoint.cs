using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CaServer.Domain;
using CaServer.Storage;

namespace CaServer.Acme;

/// <summary>Download of a certificate with its chain (RFC 8555 §7.4.2, §9.1): PEM, leaf first, strict encoding, nothing else.</summary>
internal static class CertificateEndpoint
{
    private const string ContentType = "application/pem-certificate-chain";

    /// <summary>The certificate with the chain of clients that do not choose.</summary>
    public static Task<IResult> PostAsync(
        string id, SignedRequest request, PublicIds ids, IssuanceStore issuances, FrontEndSettings settings, HttpContext context) =>
        AnswerAsync(id, 0, request, ids, issuances, settings, context);

    /// <summary>The certificate with an alternate chain, numbered from 1.</summary>
    public static Task<IResult> PostAlternateAsync(
        string id, string number, SignedRequest request, PublicIds ids, IssuanceStore issuances, FrontEndSettings settings, HttpContext context) =>
        int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var chain) && chain > 0 && chain < settings.ChainsPem.Count && number[0] != '0'
            ? AnswerAsync(id, chain, request, ids, issuances, settings, context)
            : throw OrderEndpoint.NotFound("chain");

    private static async Task<IResult> AnswerAsync(
        string id, int chain, SignedRequest request, PublicIds ids, IssuanceStore issuances, FrontEndSettings settings, HttpContext context)
    {
        request.RequirePostAsGet();
        if (!ids.TryDecode(id, out IssuanceId issuanceId)
            || await issuances.FindCertificateAsync(issuanceId, context.RequestAborted) is not { } certificate)
        {
            throw OrderEndpoint.NotFound("certificate");
        }
        if (certificate.Account != request.Account.Id)
            throw new AcmeException(ProblemType.Unauthorized, "The certificate belongs to another account.");
        for (var other = 0; other < settings.ChainsPem.Count; other++)
        {
            if (other != chain)
                context.Response.Headers.Append("Link", $"<{settings.Urls.Certificate(issuanceId, other)}>;rel=\"alternate\"");
        }
        var pem = PemEncoding.WriteString("CERTIFICATE", certificate.Der) + "\n" + settings.ChainsPem[chain];
        return TypedResults.Bytes(Encoding.ASCII.GetBytes(pem), ContentType);
    }
}
