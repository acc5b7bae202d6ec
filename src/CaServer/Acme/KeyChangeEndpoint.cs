using CaServer.Domain;
using CaServer.Pki.Jose;
using CaServer.Signing;
using CaServer.Storage;
using LogLeaf = CaServer.Signing.LogLeaf;
using StoredLeaf = CaServer.Storage.LogLeaf;

namespace CaServer.Acme;

/// <summary>keyChange (RFC 8555 §7.3.5): the outer request is signed by the old key, the inner one by the new key.</summary>
internal static partial class KeyChangeEndpoint
{
    public static async Task<IResult> PostAsync(
        SignedRequest request, AccountStore accounts, AcmeUrls urls, TimeProvider clock, HttpContext context, ILogger<AccountStore> log)
    {
        using var next = ReadNextKey(request.Jws, request.Key);
        if (await accounts.FindByThumbprintAsync(next.Thumbprint, context.RequestAborted) is { } other)
            throw Conflict(context, urls.Account(other.Id));
        var (jws, now) = (request.Jws.Raw.ToArray(), clock.GetUtcNow());
        var leaf = LogLeaf.KeyChanged(request.Account.Id, request.Key.Thumbprint, next.Thumbprint, jws, now);
        if (!await accounts.ChangeKeyAsync(
                request.Account.Id, request.Key.Thumbprint, next.Thumbprint, next.Jwk.Canonical, jws,
                new StoredLeaf(WireName.Of(LogLeafKind.KeyChanged), now, leaf), context.RequestAborted))
        {
            if (await accounts.FindByThumbprintAsync(next.Thumbprint, context.RequestAborted) is { } winner)
                throw Conflict(context, urls.Account(winner.Id));
            throw new AcmeException(new AcmeProblem(ProblemType.Malformed, "The account's key was changed by another request meanwhile.") { Status = StatusCodes.Status409Conflict });
        }
        LogChanged(log, request.Account.Id.Value, next.Jwk.Algorithm);
        context.Response.Headers.Location = urls.Account(request.Account.Id);
        return AcmeJson.Answer(
            AccountEndpoint.Resource(request.Account, urls), AcmeJson.Default.AccountResource);
    }

    /// <summary>The key that the inner request brings, with every check that needs no look into the database.</summary>
    internal static AccountKey ReadNextKey(FlattenedJws outer, AccountKey current)
    {
        var inner = FlattenedJws.Parse(outer.Payload);
        // The numbers are those of the list in §7.3.5.
        // (2) The inner request has a jwk,
        if (inner.Jwk is null)
            throw Malformed("The inner JWS must have the new key as \"jwk\".");
        // (3) the same url,
        if (inner.Url != outer.Url)
            throw Malformed("The inner JWS must have the same \"url\" as the outer one.");
        // and no nonce.
        if (inner.Nonce is not null)
            throw Malformed("The inner JWS must not have a \"nonce\".");
        var next = AccountKey.Import(inner.Jwk);
        try
        {
            // (4) It is signed by the new key.
            if (!next.Verifies(inner))
                throw Malformed("The signature of the inner JWS does not verify with the new key.");
            RequireAgreement(inner, outer, current);
            // (9), and what the signing core will want of the key history.
            return next.Thumbprint == current.Thumbprint ? throw Malformed("The new key is the one that the account has already.") : next;
        }
        catch
        {
            next.Dispose();
            throw;
        }
    }

    private static void RequireAgreement(FlattenedJws inner, FlattenedJws outer, AccountKey current)
    {
        using var payload = Payload.Parse(inner);
        // (6), (7) The payload names the account of the outer request.
        if (StrictJson.RequiredString(payload.RootElement, "account", "the inner payload") != outer.Kid)
            throw Malformed("The inner payload's \"account\" is not the account of the outer JWS.");
        // (8) and its present key.
        if (!payload.RootElement.TryGetProperty("oldKey", out var oldKey))
            throw Malformed("The inner payload lacks \"oldKey\".");
        if (JsonWebKey.Parse(oldKey).Canonical != current.Jwk.Canonical)
            throw Malformed("The inner payload's \"oldKey\" is not the account's present key.");
    }

    private static AcmeException Malformed(string detail) => new(ProblemType.Malformed, detail);

    // RFC 8555 §7.3.5: 409 with the account that has the key in Location.
    private static AcmeException Conflict(HttpContext context, string account)
    {
        context.Response.Headers.Location = account;
        return new AcmeException(new AcmeProblem(ProblemType.Malformed, "The new key is another account's; see the Location header.") { Status = StatusCodes.Status409Conflict });
    }

    [LoggerMessage(EventId = 1103, Level = LogLevel.Information, Message = "Account {AccountId} changed its key to one for {Algorithm}")]
    private static partial void LogChanged(ILogger log, long accountId, SignatureAlgorithm algorithm);
}
