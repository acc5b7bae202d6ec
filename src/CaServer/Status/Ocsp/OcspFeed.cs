using CaServer.Storage;

namespace CaServer.Status;

/// <summary>Brings signed answers from the database into memory. It only reads, so it runs wherever answers are served.</summary>
internal sealed class OcspFeed(OcspStore store, OcspResponders responders, OcspAnswers answers, TimeProvider clock)
{
    private const int PerRead = 4096;
    private const int LargeLoad = 100_000;

    private static readonly TimeSpan s_sweep = TimeSpan.FromHours(1);

    private long _seen;
    private DateTimeOffset _sweptAt;

    /// <summary>Whether everything that was signed before the start is in memory.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Takes over what was signed since the last call.</summary>
    public async Task UpdateAsync(CancellationToken ct)
    {
        while (true)
        {
            var changes = await store.ChangesAsync(_seen, PerRead, ct);
            if (changes.Count > 0)
            {
                await ApplyAsync(changes, ct);
                _seen = changes[^1].Change;
            }
            if (changes.Count < PerRead)
                break;
        }
        if (!IsComplete && answers.Count > LargeLoad)
        {
            // Once: what reading a large table left behind would otherwise stay in the process for hours.
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        }
        IsComplete = true;
        Sweep(clock.GetUtcNow());
    }

    /// <summary>The record of a stored answer, taken over into memory; null if its responder is not known even now.</summary>
    public async Task<OcspRecord?> ApplyAsync(ServedAnswer answer, CancellationToken ct)
    {
        await ApplyAsync([answer], ct);
        return answers.TryRead(answer.Serial, out var record) ? record : null;
    }

    /// <summary>Whether an answer may be given still.</summary>
    public bool IsFresh(in OcspRecord record) => record.NextUpdate > clock.GetUtcNow().ToUnixTimeSeconds();

    private async Task ApplyAsync(IReadOnlyList<ServedAnswer> changes, CancellationToken ct)
    {
        if (changes.Any(c => responders.IndexOf(c.Responder) < 0))
            await responders.RefreshAsync(ct);
        foreach (var change in changes)
        {
            // One signed by a responder that ended is past its own end, too.
            if (responders.IndexOf(change.Responder) is >= 0 and var index)
                answers.Apply(RecordOf(change, (ushort)index));
        }
    }

    private void Sweep(DateTimeOffset now)
    {
        if (now < _sweptAt + s_sweep)
            return;
        _sweptAt = now;
        answers.RemoveEnded((uint)now.ToUnixTimeSeconds());
    }

    private static OcspRecord RecordOf(ServedAnswer answer, ushort responder)
    {
        var (high, low) = OcspRecord.Split(answer.Serial);
        var record = new OcspRecord
        {
            SerialHigh = high,
            SerialLow = low,
            IsRevoked = answer.RevokedAt is not null,
            Reason = (byte)(answer.Reason ?? default),
            RevokedAt = Seconds(answer.RevokedAt ?? 0),
            ThisUpdate = Seconds(answer.ThisUpdate),
            NextUpdate = Seconds(answer.NextUpdate),
            NotAfter = Seconds(answer.NotAfter),
            Responder = responder,
        };
        answer.Sha1Signature.CopyTo((Span<byte>)record.Sha1);
        answer.Sha256Signature.CopyTo((Span<byte>)record.Sha256);
        return record;
    }

    private static uint Seconds(long milliseconds) => (uint)(milliseconds / 1000);
}

/// <summary>Runs the <see cref="OcspFeed"/>: at once at the start, then as often as a revocation may wait.</summary>
internal sealed partial class OcspFeedWorker(OcspFeed feed, OcspResponders responders, TimeProvider clock, ILogger<OcspFeedWorker> log) : BackgroundService
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_pauseAfterFault = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The rest of the start does not wait for a large table.
        await Task.Yield();
        var isReady = false;
        while (true)
        {
            var pause = s_interval;
            try
            {
                if (!isReady)
                    await responders.RefreshAsync(stoppingToken);
                isReady = true;
                await feed.UpdateAsync(stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                Failed(e);
                pause = s_pauseAfterFault;
            }
            await Task.Delay(pause, clock, stoppingToken);
        }
    }

    [LoggerMessage(4201, LogLevel.Error, "OCSP answers could not be read from the database, the last ones are served on")]
    private partial void Failed(Exception e);
}
