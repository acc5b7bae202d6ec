using System.Text;
using System.Text.Json;
using CaServer.Domain;
using CaServer.Pki.Jose;
using CaServer.Pki.X509;
using CaServer.Status;
using CaServer.Storage;

namespace CaServer.Acme;

/// <summary>
/// revokeCert (RFC 8555 §7.6). Three may ask: the account that the certificate was issued to, an account that holds valid
/// authorizations for all its names, and whoever has its private key.
/// </summary>
internal static class RevokeCertEndpoint
{
    public static async Task<IResult> PostAsync(
        HttpContext context, SignedRequest.Door door, IssuanceStore issuances, AuthorizationStore authorizations, RevokeCertificate revoke,
        TimeProvider clock)
    {
        var cancellation = context.RequestAborted;
        var (jws, account, key) = await door.ReadWithEitherAsync(context);
        using var ownKey = account is null ? key : null;
        using var payload = Payload.Parse(jws);
        var (der, serial, requested) = Read(payload.RootElement);
        var issuance = await FindAsync(der, serial, issuances, cancellation);

        var (by, reason) = account is null
            ? ("certificate key", ByKey(issuance, key))
            : ($"account {account.Id.Value}", await ByAccountAsync(issuance, account, requested, authorizations, clock, cancellation));
        if (!await revoke.RunAsync(issuance, reason, by, jws.Raw.ToArray(), cancellation))
            throw new AcmeException(ProblemType.AlreadyRevoked, "The certificate was revoked before.");
        return Results.Ok();
    }

    /// <summary>Reads the payload: a certificate that may be anyone's, and the reason.</summary>
    internal static (byte[] Der, SerialNumber Serial, RevocationReason Reason) Read(JsonElement payload)
    {
        var text = StrictJson.RequiredString(payload, "certificate", "the payload");
        if (!StrictBase64Url.TryDecode(Encoding.UTF8.GetBytes(text), out var der) || !DecodedCertificate.TryDecode(der, out var certificate))
            throw new AcmeException(ProblemType.Malformed, "The \"certificate\" is not base64url of a certificate's DER.");
        var reason = ReadReason(payload);
        return SerialNumber.TryCreate(certificate.Serial.Span, out var serial) ? (der, serial, reason) : throw NotOurs();
    }

    private static async Task<Issuance> FindAsync(byte[] der, SerialNumber serial, IssuanceStore issuances, CancellationToken cancellationToken) =>
        await issuances.FindBySerialAsync(serial, cancellationToken) is { Certificate: { } issued } issuance && issued.AsSpan().SequenceEqual(der)
            ? issuance
            : throw NotOurs();

    private static AcmeException NotOurs() =>
        new(new AcmeProblem(ProblemType.Malformed, "The certificate was not issued here.") { Status = StatusCodes.Status404NotFound });

    private static RevocationReason ReadReason(JsonElement payload)
    {
        if (!payload.TryGetProperty("reason", out var value))
            return RevocationReason.Unspecified;
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt32(out var code))
            throw new AcmeException(ProblemType.Malformed, "The \"reason\" must be a number (RFC 5280 §5.3.1).");
        // BR §7.2.2: privilegeWithdrawn is the CA's to use, certificateHold nobody's, cACompromise and aACompromise no subscriber's.
        return (RevocationReason)code is var reason and (RevocationReason.Unspecified or RevocationReason.KeyCompromise
            or RevocationReason.AffiliationChanged or RevocationReason.Superseded or RevocationReason.CessationOfOperation)
            ? reason
            : throw new AcmeException(
                ProblemType.BadRevocationReason,
                "The \"reason\" must be 0 (unspecified), 1 (keyCompromise), 3 (affiliationChanged), 4 (superseded) or 5 (cessationOfOperation).");
    }

    // Whoever signs with the certificate's key and is not its account has shown that the key is in more hands than one; and if it
    // is the subscriber after all, the key may not be used again either way. BR §4.9.1.1 (3).
    private static RevocationReason ByKey(Issuance issuance, AccountKey key) =>
        DecodedCertificate.TryDecode(issuance.Certificate!, out var certificate) && certificate.SubjectPublicKeyInfo.Span.SequenceEqual(key.SubjectPublicKeyInfo)
            ? RevocationReason.KeyCompromise
            : throw new AcmeException(ProblemType.Unauthorized, "The request is signed with another key than the certificate's.");

    private static async Task<RevocationReason> ByAccountAsync(
        Issuance issuance, Account account, RevocationReason requested, AuthorizationStore authorizations, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (issuance.Account == account.Id)
            return requested;
        if (issuance.Account is null || !await authorizations.HoldsAllAsync(account.Id, issuance.Names, clock.GetUtcNow(), cancellationToken))
            throw new AcmeException(ProblemType.Unauthorized, "The certificate was issued to another account, and this one does not hold valid authorizations for all its names.");
        // BR §4.9.1.1: who controls the names now can tell that the subscriber no longer may use them, not more.
        return requested == RevocationReason.Superseded ? RevocationReason.Superseded : RevocationReason.CessationOfOperation;
    }
}
