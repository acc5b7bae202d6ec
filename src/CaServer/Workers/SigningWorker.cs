using CaServer.Domain;
using CaServer.Signing;
using CaServer.Storage;

namespace CaServer.Workers;

/// <summary>Takes finalized orders to the signing core and stores what comes of them.</summary>
internal sealed partial class SigningWorker(
    SigningQueue queue, IssuanceStore issuances, SigningCore core, IssuanceJournal journal, AcmeUrls urls, InstanceId instance, TimeProvider clock,
    ILogger<SigningWorker> log)
    : LeasedWorker<SigningWork>(queue.Work, Consumers, clock, log)
{
    // Signing runs on the processor and in the token; the consumers overlap waiting for commits so that many share one.
    private const int Consumers = 32;

    /// <summary>After so many attempts that failed inside, an order is given up. With the lease time it spans some minutes of a lost token.</summary>
    private const int MaxAttempts = 10;

    private readonly TimeProvider _clock = clock;

    protected override async Task<SigningWork?> ClaimAsync(CancellationToken cancellationToken)
    {
        var now = _clock.GetUtcNow();
        return await issuances.ClaimAsync(new Lease(instance, now + SigningQueue.LeaseTime), now, cancellationToken) is { } order
            ? new SigningWork(order, Fresh: null)
            : null;
    }

    protected override async Task WorkAsync(SigningWork work, CancellationToken cancellationToken)
    {
        AcmeException? refusal = null;
        IssuedOrder? issued = null;
        try
        {
            issued = await IssueAsync(work, cancellationToken);
        }
        catch (AcmeException e) when (e.Problem.Type == ProblemType.RateLimited)
        {
            // Nothing was recorded; the order is as ready as before.
            refusal = e;
        }
        catch (Exception) when (work.Fresh is not null)
        {
            // Once it is in the database it is tried again like any other.
            await queue.StoreAsync(
                work.OrderId, work.Fresh.FinalizeJws, queue.LimitsOf(work.OrderId), underWay: !cancellationToken.IsCancellationRequested, CancellationToken.None);
            throw;
        }
        finally
        {
            queue.End(work.OrderId, issued, refusal);
        }
    }

    private async Task<IssuedOrder?> IssueAsync(SigningWork work, CancellationToken cancellationToken)
    {
        // A record without certificate is what a crash leaves between signing and storing: its serial is never used again.
        if (work.Fresh is null)
        {
            foreach (var serial in await journal.AbandonLeftoversAsync(work.OrderId, cancellationToken))
                LogAbandoned(serial, work.OrderId.Value);
        }
        if (await LoadAsync(work, cancellationToken) is not { } finalized)
            return null;
        var evidence = Evidence(finalized);
        var now = _clock.GetUtcNow();
        if (finalized.Attempt > MaxAttempts)
        {
            await GiveUpAsync(work.OrderId, evidence, now);
            return null;
        }
        switch (await core.IssueAsync(evidence, now, cancellationToken))
        {
            case IssuanceResult.Issued issued:
                LogIssued(issued.Serial, work.OrderId.Value, finalized.Order.AccountId.Value, finalized.Order.Identifiers);
                return new IssuedOrder(issued.Id, work.Fresh?.FinalizeJws);
            case IssuanceResult.Refused refused:
                LogRefused(work.OrderId.Value, finalized.Order.AccountId.Value, refused.Reason, refused.Sentence);
                await issuances.RefuseAsync(
                    work.OrderId,
                    work.Fresh is { FinalizeJws: var jws } ? new Finalization(jws, new Lease(instance, now + SigningQueue.LeaseTime), now) : null,
                    refused.ToProblem(),
                    refused.LogLeaf is { } leaf ? journal.Leaf(LogLeafKind.Refused, leaf) : null,
                    CancellationToken.None);
                return null;
            default:
                throw new InvalidOperationException("An issuance has a result that nobody knows.");
        }
    }

    private async Task<FinalizedOrder?> LoadAsync(SigningWork work, CancellationToken cancellationToken) =>
        work.Fresh is { } fresh
            ? await issuances.LoadAsync(fresh.Order, fresh.FinalizeJws, cancellationToken)
            : await issuances.LoadAsync(work.OrderId, cancellationToken) is { Order.Status: OrderStatus.Processing } stored ? stored : null;

    private EvidenceBundle Evidence(FinalizedOrder finalized) => new()
    {
        AccountUrl = urls.Account(finalized.Order.AccountId),
        FinalizeUrl = urls.Finalize(finalized.Order.Id),
        Order = finalized.Order.Id.Value,
        Account = finalized.Order.AccountId.Value,
        Names = [.. finalized.Order.Identifiers.Select(EvidenceName.Of)],
        Profile = finalized.Order.Profile,
        FinalizeJws = finalized.FinalizeJws,
        KeyHistory = finalized.KeyHistory,
        Statements = finalized.Statements,
        CaaStatements = finalized.CaaStatements is { Count: > 0 } caa ? caa : null,
    };

    private async Task GiveUpAsync(OrderId order, EvidenceBundle evidence, DateTimeOffset now)
    {
        const string sentence = "The certificate could not be signed after several attempts. Place a new order later.";
        LogGivenUp(order.Value, MaxAttempts);
        await issuances.RefuseAsync(
            order,
            finalization: null,
            new AcmeProblem(ProblemType.ServerInternal, sentence),
            journal.Leaf(LogLeafKind.Refused, Signing.LogLeaf.GivenUp(evidence, sentence, now)),
            CancellationToken.None);
    }

    [LoggerMessage(EventId = 2201, Level = LogLevel.Information, Message = "Certificate {Serial} issued for order {OrderId} of account {AccountId}: {Names}")]
    private partial void LogIssued(SerialNumber serial, long orderId, long accountId, IReadOnlyList<Identifier> names);

    [LoggerMessage(EventId = 2202, Level = LogLevel.Warning, Message = "Order {OrderId} of account {AccountId} refused by the signing core ({Reason}): {Sentence}")]
    private partial void LogRefused(long orderId, long accountId, RefusalReason reason, string sentence);

    [LoggerMessage(EventId = 2204, Level = LogLevel.Warning, Message = "Serial {Serial}, recorded for order {OrderId}, was left without a certificate when a process ended; it will not be used again")]
    private partial void LogAbandoned(SerialNumber serial, long orderId);

    [LoggerMessage(EventId = 2203, Level = LogLevel.Error, Message = "Order {OrderId} given up after {Attempts} attempts")]
    private partial void LogGivenUp(long orderId, int attempts);
}
