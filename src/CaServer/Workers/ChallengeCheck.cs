using CaServer.Domain;
using CaServer.Health;
using CaServer.Pki.Jose;
using CaServer.Storage;
using CaServer.Validation;

namespace CaServer.Workers;

/// <summary>One answered challenge put to this process's perspectives.</summary>
internal sealed class ChallengeCheck(PerspectiveGroup perspectives, AccountStore accounts, AcmeUrls urls, Metrics metrics)
{
    /// <summary>Has the perspectives check it.</summary>
    public async Task<JointOutcome> RunAsync(ValidationWork work, CancellationToken ct)
    {
        var outcome = await perspectives.CheckAsync(
            new ValidationRequest
            {
                Identifier = work.Identifier.WithoutWildcard(),
                Method = work.Method,
                Token = work.Token,
                Thumbprint = work.Thumbprint,
                AccountUrl = urls.Account(work.AccountId),
                Wildcard = work.Identifier.IsWildcard,
                NamesBelow = work.Identifier.IsWildcard || work.NamesBelow,
                // The other methods answer with a token, which no record from before could.
                EarlierThumbprints = work.Method == ValidationMethod.DnsPersist01
                    ? await EarlierThumbprintsAsync(work, ct)
                    : [],
            },
            ct);
        metrics.Checked(work.Method, outcome.IsProved ? null : outcome.FirstFailure is { } failure ? WireName.Of(failure.Cause) : "too-few-perspectives");
        foreach (var single in outcome.Outcomes)
            metrics.Checked(single.Trace.Perspective, single is ValidationOutcome.Valid);
        return outcome with { Page = urls.Checks(work.AuthorizationId) };
    }

    // draft-ietf-acme-dns-persist-02 §4.2: a record that was made with an earlier key goes on to be good, so that a change of keys
    // needs no change in the DNS.
    private async Task<IReadOnlyList<string>> EarlierThumbprintsAsync(ValidationWork work, CancellationToken ct) =>
        [.. (await accounts.KeyHistoryAsync(work.AccountId, ct)).Select(ThumbprintOf).Reverse().Where(t => t != work.Thumbprint).Distinct()];

    // newAccount brings the first key; in keyChange the new one is in the inner request (RFC 8555 §7.3.5).
    private static string ThumbprintOf(byte[] request)
    {
        var jws = FlattenedJws.Parse(request);
        return (jws.Jwk ?? FlattenedJws.Parse(jws.Payload).Jwk)!.Thumbprint;
    }
}
