using CaServer.Domain;
using CaServer.Pki.X509;
using CaServer.Storage;

namespace CaServer.Status;

/// <summary>
/// What memory has no answer for: looked up in the database, or signed while the client waits where this process has the key; both
/// within a limit.
/// </summary>
/// <param name="store">The database.</param>
/// <param name="feed">Takes what is found into memory.</param>
/// <param name="responders">The issuers and responders.</param>
/// <param name="live">Signs; null in a process without the key.</param>
/// <param name="limits">The limits.</param>
/// <param name="headers">Writes answers.</param>
internal sealed class OcspMisses(OcspStore store, OcspFeed feed, OcspResponders responders, LiveOcsp? live, OcspLimits limits, OcspHeaders headers)
{
    /// <summary>Whether the nonce of a request is answered; if not, the response signed ahead is (RFC 9654 §2.1: a responder may ignore it).</summary>
    public bool TakesNonce() => live is not null && limits.AnswersNonces && limits.Live.TryTake();

    /// <summary>Answers with the nonce, after <see cref="TakesNonce"/>.</summary>
    public Task WithNonceAsync(HttpContext context, OcspRequest request) => SignAsync(context, request, withNonce: true);

    /// <summary>Answers about several certificates at once: there is no response signed ahead that has just these.</summary>
    public Task SeveralAsync(HttpContext context, OcspRequest request)
    {
        if (live is null)
            return OcspHeaders.ErrorAsync(context, OcspResponse.Unauthorized);
        return limits.Live.TryTake()
            ? SignAsync(context, request, limits.AnswersNonces)
            : OcspHeaders.ErrorAsync(context, OcspResponse.TryLater);
    }

    /// <summary>
    /// Answers about one certificate that memory does not know: perhaps it was issued a moment ago, perhaps never. Where nothing
    /// can be signed, the answer to the latter is <c>unauthorized</c> (RFC 9919 §3.2.3).
    /// </summary>
    public async Task MissAsync(HttpContext context, OcspRequest request)
    {
        var id = request.Certificates[0];
        if (!limits.LookUps.TryTake())
        {
            await OcspHeaders.ErrorAsync(context, OcspResponse.TryLater);
            return;
        }
        // Off the thread that serves: the database may wait for a disk.
        var found = SerialNumber.TryCreate(id.Serial.Span, out var serial)
            ? await Task.Run(() => store.FindAsync(serial, context.RequestAborted), context.RequestAborted)
            : null;
        if (found is not null && await feed.ApplyAsync(found, context.RequestAborted) is { } record && feed.IsFresh(record))
            await headers.AnswerAsync(context, responders.At(record.Responder).Template, id.Hash!.Value, id.Serial.Span, in record);
        else if (live is null)
            await OcspHeaders.ErrorAsync(context, found is null ? OcspResponse.Unauthorized : OcspResponse.TryLater);
        else if (limits.Live.TryTake())
            await SignAsync(context, request, limits.AnswersNonces);
        else
            await OcspHeaders.ErrorAsync(context, OcspResponse.TryLater);
    }

    private async Task SignAsync(HttpContext context, OcspRequest request, bool withNonce) =>
        await OcspHeaders.SignedForOneAsync(context, await live!.RespondAsync(request, withNonce, context.RequestAborted));
}

/// <summary>How much may be done for requests that memory has no answer for.</summary>
/// <param name="AnswersNonces">Whether nonces are answered at all.</param>
/// <param name="Live">Responses signed for one request.</param>
/// <param name="LookUps">Look-ups in the database.</param>
internal sealed record OcspLimits(bool AnswersNonces, RateLimit Live, RateLimit LookUps)
{
    /// <summary>Look-ups a second: a burst of new certificates fits, and a flood of invented ones costs little.</summary>
    public const int LookUpsPerSecond = 1000;
}
