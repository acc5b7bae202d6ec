using System.Collections.Concurrent;
using CaServer.Acme;
using CaServer.Domain;
using CaServer.Storage;

namespace CaServer.Workers;

/// <summary>A challenge that was met and is valid in the database.</summary>
/// <param name="ValidatedAt">When.</param>
internal sealed record ProvedChallenge(DateTimeOffset ValidatedAt);

/// <summary>Where answered challenges go: to the perspective in this process if there is one, else to the database alone.</summary>
internal sealed class ValidationQueue(AuthorizationStore authorizations, InstanceId instance, TimeProvider clock, bool hasPerspective)
{
    /// <summary>How long a check may take before another process takes it over; the check itself is bounded well below.</summary>
    internal static readonly TimeSpan LeaseTime = TimeSpan.FromSeconds(60);

    private const int Capacity = 4096;

    /// <summary>Work of this process.</summary>
    public WorkQueue<ValidationWork> Work { get; } = new(Capacity);

    /// <summary>For requests that wait a moment.</summary>
    public Outcomes<ChallengeId, ProvedChallenge> Outcomes { get; } = new();

    private readonly ConcurrentDictionary<ChallengeId, CancellationTokenSource> _running = new();

    /// <summary>A check begins in this process; it ends at the latest when the token does. <see cref="Ended"/> must follow.</summary>
    public CancellationToken Started(ChallengeId challenge, CancellationToken stoppingToken) =>
        (_running[challenge] = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken)).Token;

    /// <summary>A check is over, however it ended.</summary>
    public void Ended(ChallengeId challenge)
    {
        if (_running.TryRemove(challenge, out var source))
            source.Dispose();
    }

    /// <summary>Breaks a check off, if it is under way in this process.</summary>
    public void Cancel(ChallengeId challenge)
    {
        try
        {
            if (_running.TryGetValue(challenge, out var source))
                source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended at this moment.
        }
    }

    /// <summary>
    /// Begins the check in this process, unless it is under way here. Nothing is written: what comes of it is, and whoever cannot
    /// wait for that calls <see cref="StoreAsync"/>. Null if this process has no perspective or no room.
    /// </summary>
    /// <returns>Completes when the outcome is written.</returns>
    public Task<ProvedChallenge?>? Begin(Challenge challenge, Authorization authorization, string thumbprint)
    {
        if (!hasPerspective)
            return null;
        if (Outcomes.TryStart(challenge.Id, out var outcome))
        {
            var work = new ValidationWork
            {
                ChallengeId = challenge.Id,
                AuthorizationId = authorization.Id,
                AccountId = authorization.AccountId,
                Thumbprint = thumbprint,
                Identifier = authorization.Identifier,
                NamesBelow = authorization.NamesBelow,
                Method = challenge.Method,
                Token = challenge.Token,
                Attempt = 1,
            };
            if (!Work.TryAdd(work))
            {
                Outcomes.Complete(challenge.Id, written: null);
                return null;
            }
        }
        return outcome;
    }

    /// <summary>
    /// Moves a challenge from pending to processing, so that it is checked whatever becomes of this process; nothing happens if it
    /// was not pending any more.
    /// </summary>
    /// <param name="challenge">The challenge.</param>
    /// <param name="underWay">Whether this process is checking it; otherwise any perspective may.</param>
    /// <param name="cancellationToken">Cancels before anything is written.</param>
    public Task StoreAsync(ChallengeId challenge, bool underWay, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        return authorizations.BeginValidationAsync(challenge, underWay ? new Lease(instance, now + LeaseTime) : null, now, cancellationToken);
    }
}
