using CaServer.Composition;
using CaServer.Hsm;

namespace CaServer.Status;

/// <summary>Keeps the issuing CA's CRL fresh, where this process signs, and what is served up to date with the database.</summary>
internal sealed partial class StatusWorker(StatusFiles files, CrlPublisher? publisher, TimeProvider clock, ILogger<StatusWorker> log) : BackgroundService
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMinutes(1);

    // The root's CRL needs the root's key: there must be time to fetch it.
    private static readonly TimeSpan s_rootNotice = TimeSpan.FromDays(30);

    private DateTimeOffset _warnedAt;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_interval, clock);
        do
        {
            try
            {
                if (publisher is not null && await publisher.PublishIfDueAsync(stoppingToken))
                    Published();
                await files.RefreshAsync(stoppingToken);
            }
            catch (HsmException e)
            {
                NotSigned(e.Message);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // What is in memory is served on, and in a minute comes the next try.
                Failed(e);
            }
            WarnOfEnds(clock.GetUtcNow());
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private void WarnOfEnds(DateTimeOffset now)
    {
        if (now < _warnedAt + TimeSpan.FromDays(1))
            return;
        foreach (var (issuer, end) in files.CrlEnds)
        {
            var notice = issuer == FirstStart.RootName ? s_rootNotice : CrlPublisher.Validity / 2;
            if (now < end - notice)
                continue;
            _warnedAt = now;
            EndsSoon(issuer, end);
        }
    }

    [LoggerMessage(4001, LogLevel.Information, "A new CRL is published")]
    private partial void Published();

    [LoggerMessage(4002, LogLevel.Error, "No CRL could be signed, the last one is served on: {Reason}")]
    private partial void NotSigned(string reason);

    [LoggerMessage(4003, LogLevel.Error, "CRLs and CA certificates could not be refreshed, the last ones are served on")]
    private partial void Failed(Exception exception);

    [LoggerMessage(4004, LogLevel.Warning, "The CRL of issuer '{Issuer}' ends at {End:u} and has no successor yet")]
    private partial void EndsSoon(string issuer, DateTimeOffset end);
}
