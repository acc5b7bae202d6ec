using CaServer.Domain;
using CaServer.Storage;

namespace CaServer.Limits;

/// <summary>
/// The limits in force: those of the configuration, with the exceptions in the database, which are read again when they are
/// asked for and older than a moment, so that those made by command, or by another process, count within seconds.
/// </summary>
internal sealed partial class RateLimits(LimitDefaults defaults, PublicSuffixList suffixes, LimitStore store, bool enabled, TimeProvider clock, ILogger<RateLimits> log) : IDisposable
{
    private static readonly TimeSpan s_age = TimeSpan.FromSeconds(2);
    private static readonly LimitRules s_none = new(LimitDefaults.None, [], PublicSuffixList.Empty);

    private readonly SemaphoreSlim _reading = new(1);
    private volatile Read? _latest;

    /// <summary>The limits now.</summary>
    public ValueTask<LimitRules> CurrentAsync(CancellationToken ct)
    {
        if (!enabled)
            return ValueTask.FromResult(s_none);
        var latest = _latest;
        return latest is not null && clock.GetElapsedTime(latest.At) < s_age ? ValueTask.FromResult(latest.Rules) : RefreshedAsync(latest, ct);
    }

    /// <inheritdoc/>
    public void Dispose() => _reading.Dispose();

    private async ValueTask<LimitRules> RefreshedAsync(Read? latest, CancellationToken ct)
    {
        // One reads; the others take what there is, unless there is nothing yet.
        if (latest is null)
            await _reading.WaitAsync(ct);
        else if (!_reading.Wait(0, CancellationToken.None))
            return latest.Rules;
        try
        {
            if (_latest is { } fresh && clock.GetElapsedTime(fresh.At) < s_age)
                return fresh.Rules;
            var at = clock.GetTimestamp();
            var rules = new LimitRules(defaults, await store.OverridesAsync(ct), suffixes);
            _latest = new Read(at, rules);
            return rules;
        }
        catch (Exception e) when (latest is not null && e is not OperationCanceledException)
        {
            // The request itself will say that the database does not answer, if that is so.
            LogOld(e);
            return latest.Rules;
        }
        finally
        {
            _reading.Release();
        }
    }

    private sealed record Read(long At, LimitRules Rules);

    [LoggerMessage(EventId = 1501, Level = LogLevel.Warning, Message = "The exceptions from limits could not be read; those read before are used")]
    private partial void LogOld(Exception e);
}
