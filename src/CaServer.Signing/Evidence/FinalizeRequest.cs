using System.Text;
using CaServer.Domain;
using CaServer.Pki.Jose;

namespace CaServer.Signing;

/// <summary>
/// The finalize request (RFC 8555 §7.4): what the subscriber asked for, in the subscriber's own signature. The CSR is taken from
/// here and from nowhere else, so whoever can write to the database still cannot put a key into a certificate.
/// </summary>
internal static class FinalizeRequest
{
    private const string What = "The finalize request";

    /// <summary>Checks who made the request and for which order.</summary>
    /// <returns>The DER octets of the CSR that the request carries.</returns>
    /// <exception cref="RefusedException">It is for another order or account, forged, or carries something else.</exception>
    internal static byte[] Csr(EvidenceBundle evidence, AccountKeyHistory keys)
    {
        var jws = SignedRequest.Read(evidence.FinalizeJws, RefusalReason.FinalizeMalformed, What);
        if (jws.Kid != evidence.AccountUrl)
            throw new RefusedException(RefusalReason.FinalizeForAnotherAccount, $"{What} is not in the name of the account {evidence.AccountUrl}.");
        if (jws.Url != evidence.FinalizeUrl)
            throw new RefusedException(RefusalReason.FinalizeForAnotherOrder, $"{What} was made for another URL than {evidence.FinalizeUrl}.");
        if (!keys.Current.Verifies(jws))
            throw new RefusedException(RefusalReason.FinalizeForged, $"{What} is not signed by the account's current key.");
        return ReadCsr(jws);
    }

    // Other members are ignored, as the front end does: extensions of ACME add them, and none can change what is signed.
    private static byte[] ReadCsr(FlattenedJws jws)
    {
        using var payload = SignedRequest.ReadPayload(jws, RefusalReason.FinalizeMalformed, What);
        var csr = SignedRequest.Strictly(
            () => StrictJson.RequiredString(payload.RootElement, "csr", "the payload"), RefusalReason.FinalizeMalformed, What);
        return StrictBase64Url.TryDecode(Encoding.UTF8.GetBytes(csr), out var der)
            ? der
            : throw new RefusedException(RefusalReason.FinalizeMalformed, $"{What}'s \"csr\" is not base64url without padding.");
    }
}
