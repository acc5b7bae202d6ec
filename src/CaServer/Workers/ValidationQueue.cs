using CaServer.Acme;
using CaServer.Domain;
using CaServer.Storage;

namespace CaServer.Workers;

/// <summary>Where answered challenges go: to the perspective in this process if there is one, else to the database alone.</summary>
internal sealed class ValidationQueue(AuthorizationStore authorizations, InstanceId instance, TimeProvider clock, bool hasPerspective)
{
    /// <summary>How long a check may take before another process takes it over; the check itself is bounded well below.</summary>
    internal static readonly TimeSpan LeaseTime = TimeSpan.FromSeconds(60);

    private const int Capacity = 4096;

    /// <summary>Leased work.</summary>
    public WorkQueue<ValidationWork> Work { get; } = new(Capacity);

    /// <summary>For requests that wait a moment.</summary>
    public Outcomes<ChallengeId> Outcomes { get; } = new();

    /// <summary>Moves a challenge from pending to processing and hands it over; false if it was not pending any more.</summary>
    public async Task<bool> BeginAsync(Challenge challenge, Authorization authorization, string thumbprint, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var lease = hasPerspective && Work.HasRoom ? new Lease(instance, now + LeaseTime) : null;
        if (!await authorizations.BeginValidationAsync(challenge.Id, lease, now, cancellationToken))
            return false;
        if (lease is not null)
        {
            var work = new ValidationWork
            {
                ChallengeId = challenge.Id,
                AuthorizationId = authorization.Id,
                AccountId = authorization.AccountId,
                Thumbprint = thumbprint,
                Identifier = authorization.Identifier,
                Method = challenge.Method,
                Token = challenge.Token,
                Attempt = 1,
            };
            // The row is leased: once written, the hand-over must not be lost because the client went away.
            await Work.AddAsync(work, CancellationToken.None);
        }
        return true;
    }
}
