using CaServer.Composition;
using CaServer.Hsm;

namespace CaServer.Status;

/// <summary>Keeps the issuing CA's CRL fresh, where this process signs, and what is served up to date with the database.</summary>
internal sealed partial class StatusWorker(StatusFiles files, CrlPublisher? publisher, CrlRequests requests, TimeProvider clock, ILogger<StatusWorker> log) : BackgroundService
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    // The root's CRL needs the root's key: there must be time to fetch it.
    private static readonly TimeSpan s_rootNotice = TimeSpan.FromDays(30);

    private DateTimeOffset _warnedAt;

    // Kept when the interval ends first: an abandoned wait would swallow the next request.
    private Task? _request;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var atOnce = false;
        do
        {
            try
            {
                if (publisher is not null && await publisher.PublishIfDueAsync(atOnce, stoppingToken))
                    Published();
                atOnce = false;
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
            // What could not be published at once is as urgent in a minute.
            atOnce |= await WaitAsync(stoppingToken);
        }
        while (true);
    }

    // True if a revocation ended the wait. Those that come within the pause after it are on the same CRL.
    private async Task<bool> WaitAsync(CancellationToken stoppingToken)
    {
        try
        {
            _request ??= requests.WaitAsync(stoppingToken);
            await _request.WaitAsync(s_interval, clock, stoppingToken);
            _request = null;
        }
        catch (TimeoutException)
        {
            return false;
        }
        await Task.Delay(s_pause, clock, stoppingToken);
        return true;
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
