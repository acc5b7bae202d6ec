using CaServer.Domain;
using CaServer.Pki.Jose;

namespace CaServer.Signing;

/// <summary>
/// One keyChange request (RFC 8555 §7.3.5): signed outside by the old key, inside by the new one, so that both holders agree
/// and neither signature can be taken from elsewhere.
/// </summary>
internal static class KeyChange
{
    private const string What = "A key change in the key history";
    private const string WhatInner = "The inner request of a key change in the key history";

    /// <summary>The key that the request puts in the place of <paramref name="old"/>.</summary>
    /// <exception cref="RefusedException"><see cref="RefusalReason.KeyHistoryBroken"/>.</exception>
    internal static AccountKey NextKey(byte[] request, AccountKey old, string accountUrl, AcmeUrls urls)
    {
        var outer = SignedRequest.Read(request, RefusalReason.KeyHistoryBroken, What);
        if (outer.Url != urls.KeyChange)
            throw AccountKeyHistory.Broken($"{What} was not made for this server's keyChange URL.");
        if (outer.Kid != accountUrl)
            throw AccountKeyHistory.Broken($"{What} is not in the name of this account.");
        if (!old.Verifies(outer))
            throw AccountKeyHistory.Broken($"{What} is not signed by the key that it replaces.");

        var inner = SignedRequest.Read(outer.Payload, RefusalReason.KeyHistoryBroken, WhatInner);
        if (inner.Jwk is null)
            throw AccountKeyHistory.Broken($"{WhatInner} has no embedded key.");
        if (inner.Url != outer.Url)
            throw AccountKeyHistory.Broken($"{WhatInner} has another URL than the outer one.");
        if (inner.Nonce is not null)
            throw AccountKeyHistory.Broken($"{WhatInner} has a nonce, which it must not have.");
        var next = SignedRequest.Strictly(() => AccountKey.Import(inner.Jwk), RefusalReason.KeyHistoryBroken, WhatInner);
        if (!next.Verifies(inner))
            throw AccountKeyHistory.Broken($"{WhatInner} is not signed by the key that it brings.");

        CheckAgreement(inner, old, accountUrl);
        return next;
    }

    // Without these two the new key could be bound to an account, or take the place of a key, that its holder never named.
    private static void CheckAgreement(FlattenedJws inner, AccountKey old, string accountUrl)
    {
        using var payload = SignedRequest.ReadPayload(inner, RefusalReason.KeyHistoryBroken, WhatInner);
        var account = SignedRequest.Strictly(
            () => StrictJson.RequiredString(payload.RootElement, "account", "the payload"), RefusalReason.KeyHistoryBroken, WhatInner);
        if (account != accountUrl)
            throw AccountKeyHistory.Broken($"{WhatInner} names another account.");
        if (!payload.RootElement.TryGetProperty("oldKey", out var oldKey))
            throw AccountKeyHistory.Broken($"{WhatInner} does not name the key that it replaces.");
        var named = SignedRequest.Strictly(() => JsonWebKey.Parse(oldKey), RefusalReason.KeyHistoryBroken, WhatInner);
        if (named.Canonical != old.Jwk.Canonical)
            throw AccountKeyHistory.Broken($"{WhatInner} replaces another key than the account had.");
    }
}
