using System.Collections.Concurrent;

namespace CaServer.Storage;

/// <summary>
/// Values as they were read or written, for as long as nobody can have changed them: what a client's next request asks for is most
/// often what this process has just had in hand.
/// </summary>
/// <typeparam name="TKey">By what a value is asked for.</typeparam>
/// <typeparam name="TValue">The value; never changed itself.</typeparam>
/// <param name="mark">Changes when another process writes; null while one does, or where that cannot be known.</param>
/// <param name="most">After so many that were kept all are given up.</param>
internal sealed class Known<TKey, TValue>(Func<long?> mark, int most)
    where TKey : struct
    where TValue : class
{
    // One counter for several keys: a change may make more be read again than it has to.
    private const int Counters = 1024;

    private readonly ConcurrentDictionary<TKey, Entry> _entries = new();
    private readonly long[] _changes = new long[Counters];
    private long _allChanges;

    // Not the dictionary's own count, for which it takes a lock for each of its up to a thousand parts.
    private int _kept;

    /// <summary>
    /// What has changed so far, to be had before a value is read, or before the transaction that makes it is committed: a change
    /// from then on makes it one that is never used. Null if it cannot be kept.
    /// </summary>
    public Moment? Now(TKey key) =>
        mark() is { } beside ? new Moment(beside, Volatile.Read(ref _allChanges), Volatile.Read(ref _changes[Counter(key)])) : null;

    /// <summary>The value, if it is known.</summary>
    public TValue? Find(TKey key) => _entries.TryGetValue(key, out var entry) && Now(key) == entry.At ? entry.Value : null;

    /// <summary>The value, read if it is not known.</summary>
    public async Task<TValue?> FindAsync(TKey key, Func<TKey, Task<TValue?>> read)
    {
        var now = Now(key);
        if (now is not null && _entries.TryGetValue(key, out var entry) && entry.At == now)
            return entry.Value;
        var value = await read(key);
        if (value is not null)
            Keep(key, value, now);
        return value;
    }

    /// <summary>Keeps a value.</summary>
    /// <param name="key">By what it will be asked for.</param>
    /// <param name="value">The value.</param>
    /// <param name="at">What <see cref="Now"/> said before.</param>
    public void Keep(TKey key, TValue value, Moment? at)
    {
        if (at is not { } known)
            return;
        if (Interlocked.Increment(ref _kept) > most)
        {
            Volatile.Write(ref _kept, 1);
            _entries.Clear();
        }
        _entries[key] = new Entry(value, known);
    }

    /// <summary>Runs a write that may change a value. Whatever became of it, the value is not known any more before its caller goes on.</summary>
    public async Task<T> ChangeAsync<T>(TKey key, Task<T> write)
    {
        try
        {
            return await write;
        }
        finally
        {
            Change(key);
        }
    }

    /// <summary>The same for a write that may change any value.</summary>
    public async Task<T> ChangeAllAsync<T>(Task<T> write)
    {
        try
        {
            return await write;
        }
        finally
        {
            ChangeAll();
        }
    }

    /// <summary>A value may have changed.</summary>
    public void Change(TKey key) => Interlocked.Increment(ref _changes[Counter(key)]);

    /// <summary>Any value may have changed.</summary>
    public void ChangeAll() => Interlocked.Increment(ref _allChanges);

    private static int Counter(TKey key) => (int)((uint)key.GetHashCode() % Counters);

    /// <summary>What has changed up to a moment.</summary>
    internal readonly record struct Moment(long Beside, long All, long OfKey);

    private sealed record Entry(TValue Value, Moment At);
}
