namespace CaServer.Workers;

/// <summary>
/// The shape of a worker: several consumers of a queue, and a search for rows that nobody holds: those of a crash, of a full
/// queue, of another role, or put back to be tried later.
/// </summary>
internal abstract partial class LeasedWorker<T>(WorkQueue<T> queue, int consumers, TimeProvider clock, ILogger log) : BackgroundService
    where T : class
{
    /// <summary>How often rows without a live lease are looked for if nobody says that there are some.</summary>
    private static readonly TimeSpan SearchInterval = TimeSpan.FromSeconds(5);

    /// <summary>The next row without a live lease, leased to this process; null if there is none.</summary>
    protected abstract Task<T?> ClaimAsync(CancellationToken cancellationToken);

    /// <summary>Does the work. It must not throw for anything that can be expected.</summary>
    protected abstract Task WorkAsync(T work, CancellationToken cancellationToken);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var tasks = new List<Task>(consumers + 1) { SearchAsync(stoppingToken) };
        for (var i = 0; i < consumers; i++)
            tasks.Add(ConsumeAsync(stoppingToken));
        try
        {
            await Task.WhenAll(tasks);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What is still queued keeps its lease until it runs out; the next start takes it up.
        }
    }

    private async Task ConsumeAsync(CancellationToken stoppingToken)
    {
        await foreach (var work in queue.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                await WorkAsync(work, stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                // The lease runs out and the row is taken up again; a worker that dies would stop everything.
                LogWorkFailed(log, GetType().Name, e);
            }
        }
    }

    private async Task SearchAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                while (queue.HasRoom && await ClaimAsync(stoppingToken) is { } work)
                    await queue.AddAsync(work, stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                LogSearchFailed(log, GetType().Name, e);
            }
            await queue.Unheld.WaitAsync(SearchInterval, clock, stoppingToken);
        }
    }

    [LoggerMessage(EventId = 2001, Level = LogLevel.Error, Message = "{Worker} failed at a piece of work; it is tried again when its lease runs out")]
    private static partial void LogWorkFailed(ILogger log, string worker, Exception e);

    [LoggerMessage(EventId = 2002, Level = LogLevel.Error, Message = "{Worker} could not look for work; it tries again in a few seconds")]
    private static partial void LogSearchFailed(ILogger log, string worker, Exception e);
}
