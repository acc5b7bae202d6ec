using CaServer.Storage;

namespace CaServer.Workers;

/// <summary>Deletes what is past its time, in small batches between which requests go first. Any process may run it.</summary>
internal sealed partial class RetentionWorker(RetentionStore retention, TimeProvider clock, ILogger<RetentionWorker> log) : BackgroundService
{
    private static readonly TimeSpan s_interval = TimeSpan.FromHours(1);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                while (await retention.DeleteBatchAsync(clock.GetUtcNow(), stoppingToken))
                    await Task.Delay(s_pause, clock, stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                LogFailed(e);
            }
        }
    }

    [LoggerMessage(EventId = 2401, Level = LogLevel.Error, Message = "What is past its time could not be deleted; it is tried again in an hour")]
    private partial void LogFailed(Exception e);
}
