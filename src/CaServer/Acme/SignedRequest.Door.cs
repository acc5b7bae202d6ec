using CaServer.Domain;
using CaServer.Pki.Jose;
using CaServer.Storage;

namespace CaServer.Acme;

internal sealed partial class SignedRequest
{
    /// <summary>Checks of a request, in the order that costs a stranger most and us least.</summary>
    internal sealed class Door(AcmeUrls urls, Nonces nonces, AccountStore accounts, AccountKeys keys)
    {
        internal async Task<SignedRequest> ReadAsync(HttpContext context)
        {
            var jws = await SignedBody.ReadAsync(context, urls.At(context.Request.Path + context.Request.QueryString));
            return jws.Kid is null
                ? throw new AcmeException(ProblemType.Malformed, "This resource wants the account's URL as \"kid\", not a \"jwk\".")
                : await AuthenticateAsync(jws, jws.Kid, context.RequestAborted);
        }

        /// <summary>Reads a request that may be signed either way: revokeCert. The account is null if it carries its key.</summary>
        internal async Task<(FlattenedJws Jws, Account? Account, AccountKey Key)> ReadWithEitherAsync(HttpContext context)
        {
            var jws = await SignedBody.ReadAsync(context, urls.At(context.Request.Path + context.Request.QueryString));
            if (jws.Kid is null)
                return (jws, null, await AuthenticateKeyAsync(jws, jws.Jwk!, context.RequestAborted));
            var request = await AuthenticateAsync(jws, jws.Kid, context.RequestAborted);
            return (jws, request.Account, request.Key);
        }

        /// <summary>Reads a request that carries its key: newAccount.</summary>
        internal async Task<(FlattenedJws Jws, AccountKey Key)> ReadWithKeyAsync(HttpContext context)
        {
            var jws = await SignedBody.ReadAsync(context, urls.At(context.Request.Path + context.Request.QueryString));
            return jws.Jwk is null
                ? throw new AcmeException(ProblemType.Malformed, "This resource wants the key itself as \"jwk\", not a \"kid\".")
                : (jws, await AuthenticateKeyAsync(jws, jws.Jwk, context.RequestAborted));
        }

        private async Task<SignedRequest> AuthenticateAsync(FlattenedJws jws, string kid, CancellationToken cancellationToken)
        {
            await RedeemNonceAsync(jws, cancellationToken);
            if (!urls.TryParseAccount(kid, out var id) || await accounts.FindAsync(id, cancellationToken) is not { } account)
                throw new AcmeException(ProblemType.AccountDoesNotExist, "The \"kid\" names no account of this server; create one with newAccount.");
            var key = keys.Of(account);
            RequireSignature(jws, key);
            // RFC 8555 §7.3.6.
            if (account.Status != AccountStatus.Valid)
                throw new AcmeException(new AcmeProblem(ProblemType.Unauthorized, $"The account is {WireName.Of(account.Status)}; create a new one.") { Status = StatusCodes.Status401Unauthorized });
            return new SignedRequest(jws, account, key);
        }

        private async Task<AccountKey> AuthenticateKeyAsync(FlattenedJws jws, JsonWebKey jwk, CancellationToken cancellationToken)
        {
            await RedeemNonceAsync(jws, cancellationToken);
            var key = AccountKey.Import(jwk);
            RequireSignature(jws, key);
            return key;
        }

        private async Task RedeemNonceAsync(FlattenedJws jws, CancellationToken cancellationToken)
        {
            // RFC 8555 §6.5: a missing nonce is badNonce, which makes clients retry. §6.5.2: one that cannot be a nonce is malformed.
            if (jws.Nonce is null)
                throw new AcmeException(ProblemType.BadNonce, "The protected header has no \"nonce\"; use the one of this answer's Replay-Nonce header.");
            if (!jws.Nonce.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
                throw new AcmeException(ProblemType.Malformed, "The \"nonce\" of the protected header is not base64url; use a Replay-Nonce header's value as it is.");
            if (!await nonces.RedeemAsync(jws.Nonce, cancellationToken))
                throw new AcmeException(ProblemType.BadNonce, "The nonce is unknown, used or too old; try again with the one of this answer's Replay-Nonce header.");
        }

        private static void RequireSignature(FlattenedJws jws, AccountKey key)
        {
            if (jws.Algorithm != key.Jwk.Algorithm)
            {
                throw new AcmeException(new AcmeProblem(
                    ProblemType.BadSignatureAlgorithm,
                    $"The key signs with {WireName.Of(key.Jwk.Algorithm)}, but the JWS says {WireName.Of(jws.Algorithm)}.")
                {
                    Algorithms = [.. WireName.All<SignatureAlgorithm>()],
                });
            }
            // RFC 8555 §6.2 leaves the type open; a signature that does not verify is no well-formed JWS.
            if (!key.Verifies(jws))
                throw new AcmeException(ProblemType.Malformed, "The JWS signature does not verify with the key; check that the right account key is used.");
        }
    }
}
