using System.Collections.Concurrent;
using CaServer.Domain;

namespace CaServer.Storage;

/// <summary>
/// Accounts as they were read, for as long as nobody can have changed one: every request is signed by an account, and reading it is
/// the commonest query there is. A change of any account makes all of them be read again; there are few.
/// </summary>
/// <param name="mark">Changes when another process writes; null while one does, or where that cannot be known.</param>
internal sealed class KnownAccounts(Func<long?> mark)
{
    private const int Most = 10_000;

    private readonly ConcurrentDictionary<AccountId, Known> _known = new();
    private long _changes;

    /// <summary>The account, read if it is not known.</summary>
    public async Task<Account?> FindAsync(AccountId id, Func<AccountId, Task<Account?>> read)
    {
        // Both before the reading: what changes during it makes the entry one that is never used.
        if (mark() is not { } beside)
            return await read(id);
        var changes = Volatile.Read(ref _changes);
        if (_known.TryGetValue(id, out var known) && known.Beside == beside && known.Changes == changes)
            return known.Account;
        var account = await read(id);
        if (account is not null)
        {
            if (_known.Count >= Most)
                _known.Clear();
            _known[id] = new Known(account, beside, changes);
        }
        return account;
    }

    /// <summary>Runs a write that may change an account. Whatever became of it, none is known any more before its caller goes on.</summary>
    public async Task<T> ChangeAsync<T>(Task<T> write)
    {
        try
        {
            return await write;
        }
        finally
        {
            Interlocked.Increment(ref _changes);
        }
    }

    private sealed record Known(Account Account, long Beside, long Changes);
}
