using System.Collections.Concurrent;
using System.Security.Cryptography;
using CaServer.Domain;
using CaServer.Storage;
using CaServer.Validation;
using CaServer.Validation.Remote;

namespace CaServer.Workers;

/// <summary>
/// The perspectives that check in other processes, asked through the database: a row for each question, which comes back with the answer.
/// What they state is believed only under their own signatures.
/// </summary>
/// <param name="keys">Their public keys, by their names.</param>
/// <param name="store">The rows.</param>
/// <param name="instance">This process.</param>
/// <param name="patience">How long an answer is waited for; a perspective has its own bounds, which are shorter.</param>
/// <param name="clock">The time.</param>
/// <param name="log">The log.</param>
internal sealed partial class RemotePerspectives(
    IReadOnlyList<KeyValuePair<string, ECDsa>> keys, RemoteCheckStore store, InstanceId instance, TimeSpan patience, TimeProvider clock, ILogger<RemotePerspectives> log)
{
    // If a notice is lost an answer is found so much later.
    private static readonly TimeSpan s_searchInterval = TimeSpan.FromMilliseconds(500);

    private readonly ConcurrentDictionary<RemoteCheckId, TaskCompletionSource<byte[]?>> _waiting = new();
    private readonly ConcurrentDictionary<string, bool> _silent = new(StringComparer.Ordinal);
    private readonly Signal _answered = new();
    private long _last;

    /// <summary>Tells that an answer may be there.</summary>
    public void Heard() => _answered.Ask();

    /// <summary>Whether it is one of these.</summary>
    public bool Has(string perspective) => keys.Any(k => k.Key == perspective);

    /// <summary>Whether it is one of these that did not answer the last time.</summary>
    public bool IsSilent(string perspective) => _silent.ContainsKey(perspective);

    /// <summary>Asks all to check control of an identifier.</summary>
    public IEnumerable<(string Name, Task<ValidationOutcome> Outcome)> Ask(ValidationRequest request, CancellationToken ct) => Ask<ValidationOutcome>(
        RemoteQuestion.Encode(request), (answer, from) => RemoteAnswer.Read(answer, request, from), SilentPerspective.ToCheck, ct);

    /// <summary>Asks all to look CAA up.</summary>
    public IEnumerable<(string Name, Task<CaaOutcome> Outcome)> Ask(CaaRequest request, CancellationToken ct) => Ask<CaaOutcome>(
        RemoteQuestion.Encode(request), (answer, from) => RemoteAnswer.Read(answer, request, from), SilentPerspective.ToCaa, ct);

    /// <summary>Collects answers until it is cancelled; without this nobody is ever answered.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        while (true)
        {
            await _answered.WaitAsync(_waiting.IsEmpty ? Timeout.InfiniteTimeSpan : s_searchInterval, clock, ct);
            if (_waiting.IsEmpty)
                continue;
            try
            {
                foreach (var (id, answer) in await store.TakeResultsAsync(instance, ct))
                {
                    if (_waiting.TryGetValue(id, out var waiting))
                        waiting.TrySetResult(answer);
                }
            }
            catch (Exception e) when (e is not OperationCanceledException || !ct.IsCancellationRequested)
            {
                LogNotCollected(e);
                await Task.Delay(s_searchInterval, clock, ct);
            }
        }
    }

    /// <summary>Tells the log when a perspective falls silent, and when it is heard again.</summary>
    public void Note(string perspective, TimeSpan? silentFor)
    {
        if (silentFor is { } time && _silent.TryAdd(perspective, true))
            LogSilent(perspective, Math.Round(time.TotalSeconds, 1));
        else if (silentFor is null && _silent.TryRemove(perspective, out _))
            LogHeard(perspective);
    }

    private List<(string, Task<T>)> Ask<T>(byte[] question, Func<byte[]?, RemoteAsked, T> read, Func<string, DateTimeOffset, DateTimeOffset, T> silent, CancellationToken ct)
    {
        var at = clock.GetUtcNow();
        var checks = keys.ToDictionary(k => new RemoteCheckId(instance, Interlocked.Increment(ref _last)), k => k);
        foreach (var id in checks.Keys)
            _waiting[id] = new TaskCompletionSource<byte[]?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var asked = AskAsync(checks.ToDictionary(c => c.Key, c => c.Value.Key), question, at, ct);
        return [.. checks.Select(c => (c.Value.Key, AwaitAsync(c.Key, c.Value)))];

        async Task<T> AwaitAsync(RemoteCheckId id, KeyValuePair<string, ECDsa> perspective)
        {
            var isAnswered = false;
            try
            {
                await asked;
                var answer = await _waiting[id].Task.WaitAsync(patience, clock, ct);
                isAnswered = true;
                Note(perspective.Key, null);
                return read(answer, new RemoteAsked(perspective.Key, perspective.Value, at, clock.GetUtcNow()));
            }
            catch (TimeoutException)
            {
                Note(perspective.Key, patience);
                return silent(perspective.Key, at, clock.GetUtcNow());
            }
            finally
            {
                _waiting.TryRemove(id, out _);
                if (!isAnswered)
                    await DropAsync(id);
            }
        }
    }

    private async Task AskAsync(Dictionary<RemoteCheckId, string> checks, byte[] question, DateTimeOffset at, CancellationToken ct)
    {
        await store.AskAsync(checks, question, at + patience, ct);
        // From now on there is something to look for.
        _answered.Ask();
    }

    private async Task DropAsync(RemoteCheckId id)
    {
        try
        {
            await store.DropAsync([id], CancellationToken.None);
        }
        catch (Exception e) when (e is System.Data.Common.DbException or TimeoutException)
        {
            // Retention finds the row.
            LogNotDropped(e);
        }
    }

    [LoggerMessage(EventId = 2111, Level = LogLevel.Warning, Message = "The perspective {Perspective} had no answer within {Seconds} s: is its process running, and does it reach the database?")]
    private partial void LogSilent(string perspective, double seconds);

    [LoggerMessage(EventId = 2112, Level = LogLevel.Information, Message = "The perspective {Perspective} answers again")]
    private partial void LogHeard(string perspective);

    [LoggerMessage(EventId = 2113, Level = LogLevel.Error, Message = "Answers of perspectives could not be collected; it is tried again")]
    private partial void LogNotCollected(Exception e);

    [LoggerMessage(EventId = 2114, Level = LogLevel.Warning, Message = "A check that nobody waits for could not be taken back")]
    private partial void LogNotDropped(Exception e);
}
