using System.Collections.Concurrent;
using CaServer.Domain;
using CaServer.Health;
using CaServer.Storage;
using CaServer.Validation;
using CaServer.Validation.Remote;

namespace CaServer.Workers;

/// <summary>
/// The work of a perspective in a process of its own: takes the checks that it is asked for out of the database, and writes there what it
/// saw. Each is given out once; one that a crash loses counts as silence, and its asker repeats the whole attempt.
/// </summary>
internal sealed partial class RemoteCheckWorker(
    Perspective perspective, RemoteCheckStore store, InstanceId instance, int atOnce, Metrics metrics, TimeProvider clock, ILogger<RemoteCheckWorker> log) : BackgroundService
{
    // If a notice is lost a check waits so much longer.
    private static readonly TimeSpan s_searchInterval = TimeSpan.FromMilliseconds(500);

    private readonly ConcurrentDictionary<RemoteCheckId, CancellationTokenSource> _running = new();
    private readonly Signal _asked = new();
    private readonly Signal _dropped = new();

    /// <summary>Hears what other processes tell; null: anything may have been missed.</summary>
    public void Heard(Notice? notice)
    {
        if (notice is null or Notice.ChecksAsked)
            _asked.Ask();
        if (notice is null or Notice.ChecksDropped)
            _dropped.Ask();
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(TakeAsync(stoppingToken), BreakOffAsync(stoppingToken));

    private async Task TakeAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                await _asked.WaitAsync(s_searchInterval, clock, stoppingToken);
                IReadOnlyDictionary<RemoteCheckId, byte[]?> taken;
                do
                {
                    var room = atOnce - _running.Count;
                    taken = room > 0 ? await store.ClaimAsync(perspective.Name, instance, room, clock.GetUtcNow(), stoppingToken) : new Dictionary<RemoteCheckId, byte[]?>();
                    foreach (var (id, question) in taken)
                        _ = RunAsync(id, question, stoppingToken);
                }
                while (taken.Count > 0);
            }
            catch (Exception e) when (e is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                LogNotTaken(e);
                await Task.Delay(s_searchInterval, clock, stoppingToken);
            }
        }
    }

    private async Task BreakOffAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                await _dropped.WaitAsync(Timeout.InfiniteTimeSpan, clock, stoppingToken);
                // Those that begin meanwhile are not among these.
                var running = _running.ToArray();
                var wanted = running.Length == 0 ? null : await store.ListTakenAsync(instance, stoppingToken);
                foreach (var (id, stop) in running)
                {
                    if (!wanted!.Contains(id))
                        await BreakOffAsync(stop);
                }
            }
            catch (Exception e) when (e is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                // A check that goes on for nobody ends by its own bound.
                LogNotTaken(e);
            }
        }
    }

    private static async Task BreakOffAsync(CancellationTokenSource stop)
    {
        try
        {
            await stop.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // It ended at this moment.
        }
    }

    // Never throws: nobody waits for it.
    private async Task RunAsync(RemoteCheckId id, byte[]? octets, CancellationToken stoppingToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        _running[id] = stop;
        try
        {
            var answer = await CheckAsync(RemoteQuestion.Decode(octets ?? throw new FormatException("The question is too long.")), stop.Token);
            // Not cancelled by a stop: a finished check is told, so that nobody waits for it.
            if (!await store.AnswerAsync(id, instance, answer, CancellationToken.None))
                LogTooLate(id.Asker.Value, id.Number);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Its asker gave it up, or this process stops.
        }
        catch (Exception e)
        {
            LogFailed(id.Asker.Value, id.Number, e);
        }
        finally
        {
            _running.TryRemove(id, out _);
            _asked.Ask();
        }
    }

    private async Task<byte[]> CheckAsync(RemoteQuestion question, CancellationToken ct)
    {
        if (question.Control is { } control)
        {
            var outcome = await perspective.CheckAsync(control, ct);
            var cause = outcome is ValidationOutcome.Failed failed ? WireName.Of(failed.Cause) : null;
            metrics.Checked(control.Method, cause);
            LogChecked(control.Identifier, control.Method, cause ?? "valid", outcome.Trace.Milliseconds);
            return RemoteAnswer.Encode(outcome);
        }
        var caa = await perspective.CheckCaaAsync(question.Caa!, ct);
        var refusal = caa is CaaOutcome.Refused refused ? WireName.Of(refused.Cause) : null;
        metrics.CaaRenewed(refusal);
        LogCaaLookedUp(question.Caa!.Identifier, refusal ?? "permitted", caa.Trace.Milliseconds);
        return RemoteAnswer.Encode(caa);
    }

    [LoggerMessage(EventId = 2121, Level = LogLevel.Information, Message = "{Name} checked by {Method}: {Result}, {Milliseconds} ms")]
    private partial void LogChecked(Identifier name, ValidationMethod method, string result, double milliseconds);

    [LoggerMessage(EventId = 2122, Level = LogLevel.Information, Message = "CAA of {Name} looked up: {Result}, {Milliseconds} ms")]
    private partial void LogCaaLookedUp(Identifier name, string result, double milliseconds);

    [LoggerMessage(EventId = 2123, Level = LogLevel.Information, Message = "The check {Asker}/{Number} was answered when nobody waited for it any more")]
    private partial void LogTooLate(string asker, long number);

    [LoggerMessage(EventId = 2124, Level = LogLevel.Error, Message = "The check {Asker}/{Number} failed inside and is not answered")]
    private partial void LogFailed(string asker, long number, Exception e);

    [LoggerMessage(EventId = 2125, Level = LogLevel.Error, Message = "Checks could not be taken from the database; it is tried again")]
    private partial void LogNotTaken(Exception e);
}
