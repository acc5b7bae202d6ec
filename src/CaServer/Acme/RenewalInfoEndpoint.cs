using System.Globalization;
using CaServer.Domain;
using CaServer.Storage;

namespace CaServer.Acme;

/// <summary>Renewal information (RFC 9773): a plain GET, so that it can be asked for without an account.</summary>
internal static class RenewalInfoEndpoint
{
    // RFC 9773 §4.3.2: how often to ask again; six hours let an operator move many certificates within a day.
    private static readonly TimeSpan s_askAgain = TimeSpan.FromHours(6);

    public static async Task<IResult> GetAsync(
        string id, IssuanceStore issuances, RevocationStore revocations, RenewalStore renewals, FrontEndSettings settings, HttpContext context)
    {
        if (!CertificateIdentifier.TryRead(id, out var identifier))
            throw new AcmeException(ProblemType.Malformed, "The certificate identifier is not base64url(AKI keyIdentifier) \".\" base64url(serial number), as RFC 9773 §4.1 says.");
        if (!identifier.AuthorityKeyIdentifier.AsSpan().SequenceEqual(settings.IssuerKeyIdentifier)
            || await issuances.FindBySerialAsync(identifier.Serial, context.RequestAborted) is not { Certificate: not null } issuance)
        {
            throw OrderEndpoint.NotFound("certificate");
        }
        var moved = await renewals.FindAsync(issuance.Id, context.RequestAborted);
        var window = RenewalWindow.Of(issuance, await revocations.FindAsync(issuance.Id, context.RequestAborted), moved);
        context.Response.Headers.RetryAfter = s_askAgain.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        return AcmeJson.Answer(
            new RenewalInfoResource(new SuggestedWindow(AcmeJson.Rfc3339(window.Start), AcmeJson.Rfc3339(window.End)), moved?.Explanation),
            AcmeJson.Default.RenewalInfoResource);
    }
}
