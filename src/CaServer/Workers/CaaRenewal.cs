using CaServer.Domain;
using CaServer.Health;
using CaServer.Storage;
using CaServer.Validation;

namespace CaServer.Workers;

/// <summary>
/// Looks CAA up for the names of an order whose look-up is old (BR §3.2.2.8), or that a domain above them proves (RFC 9444), before the order goes to the signer: a refusal then
/// reaches the client at once and leaves the order ready, so that it can be finalized when the record is there.
/// </summary>
internal sealed partial class CaaRenewal(
    PerspectiveGroup? perspectives, AuthorizationStore authorizations, AcmeUrls urls, Metrics metrics, TimeProvider clock, ILogger<CaaRenewal> log)
{
    /// <summary>After how long a look-up is made again; what the signing core believes is an hour older.</summary>
    internal static readonly TimeSpan After = TimeSpan.FromHours(7);

    /// <summary>Renews what is old among the order's look-ups. A process without perspective has none to renew: see <see cref="ReusableSince"/>.</summary>
    /// <exception cref="AcmeException">CAA does not permit a name any more, or there is no answer.</exception>
    public async Task RenewAsync(Order order, CancellationToken cancellationToken)
    {
        if (perspectives is null)
            return;
        var stale = await authorizations.StaleCaaAsync(order, clock.GetUtcNow() - After, cancellationToken);
        var wanted = stale.Where(s => perspectives.ChecksCaa(s.Identifier)).ToList();
        if (wanted.Count == 0)
            return;
        var refusals = (await Task.WhenAll(wanted.Select(s => RenewAsync(s, order.AccountId, cancellationToken)))).OfType<AcmeSubproblem>().ToList();
        if (refusals.Count == 1)
            throw new AcmeException(new AcmeProblem(refusals[0].Type, refusals[0].Detail) { Instance = refusals[0].Instance });
        if (refusals.Count > 1)
            throw new AcmeException(new AcmeProblem(ProblemType.Caa, $"CAA does not permit {refusals.Count} of the names; see the subproblems.") { Subproblems = refusals });
    }

    /// <summary>
    /// Since when an authorization must have been proved to be used again in a new order: a process that cannot renew its look-up
    /// takes only one whose look-up is new. Null if any will do.
    /// </summary>
    public DateTimeOffset? ReusableSince(CaaPolicy policy) => perspectives is null && policy != CaaPolicy.Ignore ? clock.GetUtcNow() - After : null;

    private async Task<AcmeSubproblem?> RenewAsync(StaleCaa stale, AccountId account, CancellationToken cancellationToken)
    {
        var request = new CaaRequest
        {
            Identifier = stale.Identifier.WithoutWildcard(),
            Wildcard = stale.Identifier.IsWildcard,
            Method = stale.Method,
            AccountUrl = urls.Account(account),
        };
        var joint = await perspectives!.CheckCaaAsync(request, cancellationToken);
        var isPermitted = joint.IsPermitted(stale.ProvedBy);
        // Below the quorum no statement is kept: the name would pass for looked up, and its next finalize would end at the signer.
        foreach (var outcome in joint.Outcomes)
            await authorizations.StoreCaaAsync(stale, isPermitted ? (outcome as CaaOutcome.Permitted)?.Statement : null, CheckRecord.Of(stale, outcome), CancellationToken.None);
        if (isPermitted)
        {
            metrics.CaaRenewed(null);
            return null;
        }
        var (type, detail, cause) = joint.Refusal(stale.ProvedBy);
        metrics.CaaRenewed(cause is { } c ? WireName.Of(c) : "too-few-perspectives");
        LogRefused(stale.Identifier, account.Value, detail);
        return new AcmeSubproblem(type, detail, stale.Identifier) { Instance = urls.Checks(stale.AuthorizationId) };
    }

    [LoggerMessage(EventId = 2104, Level = LogLevel.Information, Message = "CAA does not permit {Name}, which account {AccountId} proved earlier: {Detail}")]
    private partial void LogRefused(Identifier name, long accountId, string detail);
}
