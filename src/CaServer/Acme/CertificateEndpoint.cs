using System.Security.Cryptography;
using System.Text;
using CaServer.Domain;
using CaServer.Storage;

namespace CaServer.Acme;

/// <summary>Download of a certificate with its chain (RFC 8555 §7.4.2, §9.1): PEM, leaf first, strict encoding, nothing else.</summary>
internal static class CertificateEndpoint
{
    private const string ContentType = "application/pem-certificate-chain";

    public static async Task<IResult> PostAsync(
        string id, SignedRequest request, PublicIds ids, IssuanceStore issuances, FrontEndSettings settings, HttpContext context)
    {
        request.RequirePostAsGet();
        if (!ids.TryDecode(id, out IssuanceId issuanceId)
            || await issuances.FindAsync(issuanceId, context.RequestAborted) is not { Certificate: { } der } issuance)
        {
            throw OrderEndpoint.NotFound("certificate");
        }
        if (issuance.Account != request.Account.Id)
            throw new AcmeException(ProblemType.Unauthorized, "The certificate belongs to another account.");
        var pem = PemEncoding.WriteString("CERTIFICATE", der) + "\n" + settings.ChainPem;
        return TypedResults.Bytes(Encoding.ASCII.GetBytes(pem), ContentType);
    }
}
