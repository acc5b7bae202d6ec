using System.Collections.Concurrent;
using CaServer.Domain;

namespace CaServer.Storage;

/// <summary>Authorizations with their challenges as they were read or made: a client asks for the same one some three times within milliseconds.</summary>
internal sealed class KnownAuthorizations(Func<long?> mark)
{
    private const int Most = 5_000;

    private readonly Known<AuthorizationId, Authorization> _known = new(mark, Most);

    // Holds at least what is known, so that a change of a challenge finds what it makes unknown. Which authorization a challenge is of never changes.
    private readonly ConcurrentDictionary<ChallengeId, AuthorizationId> _ofChallenge = new();
    private int _kept;

    /// <summary>To be had before an authorization is read, or before the transaction that makes it is committed.</summary>
    public Known<AuthorizationId, Authorization>.Moment? Now(AuthorizationId id) => _known.Now(id);

    /// <summary>The authorization, if it is known.</summary>
    public Authorization? Find(AuthorizationId id) => _known.Find(id);

    /// <summary>The authorization that has this challenge, if it is known.</summary>
    public Authorization? Find(ChallengeId id) => _ofChallenge.TryGetValue(id, out var authorization) ? _known.Find(authorization) : null;

    /// <summary>Keeps an authorization.</summary>
    /// <param name="authorization">The authorization.</param>
    /// <param name="at">What <see cref="Now"/> said before.</param>
    public void Keep(Authorization authorization, Known<AuthorizationId, Authorization>.Moment? at)
    {
        if (at is null)
            return;
        if (Interlocked.Increment(ref _kept) > Most)
            Forget();
        foreach (var challenge in authorization.Challenges)
            _ofChallenge[challenge.Id] = authorization.Id;
        _known.Keep(authorization.Id, authorization, at);
    }

    /// <summary>Runs a write that may change an authorization or its challenges.</summary>
    public Task<T> ChangeAsync<T>(AuthorizationId id, Task<T> write) => _known.ChangeAsync(id, write);

    /// <summary>Runs a write that may change a challenge or its authorization.</summary>
    public async Task<T> ChangeAsync<T>(ChallengeId id, Task<T> write)
    {
        try
        {
            return await write;
        }
        finally
        {
            // Looked for after the write: whoever reads meanwhile may have made it known.
            if (_ofChallenge.TryGetValue(id, out var authorization))
                _known.Change(authorization);
            else
                _known.ChangeAll();
        }
    }

    /// <summary>Runs a write that may change any authorization.</summary>
    public Task<T> ChangeAllAsync<T>(Task<T> write) => _known.ChangeAllAsync(write);

    // In this order: what is kept meanwhile with challenges that are then forgotten is of an earlier moment.
    private void Forget()
    {
        Volatile.Write(ref _kept, 1);
        _ofChallenge.Clear();
        _known.ChangeAll();
    }
}
