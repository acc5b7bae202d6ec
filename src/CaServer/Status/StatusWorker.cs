using CaServer.Composition;
using CaServer.Hsm;

namespace CaServer.Status;

/// <summary>Keeps the issuing CA's CRLs fresh, where this process signs, and what is served up to date with the database.</summary>
internal sealed partial class StatusWorker(
    StatusFiles files, CrlPublisher? publisher, CrlRequests requests, TimeSpan crlLifetime, TimeProvider clock, ILogger<StatusWorker> log) : BackgroundService
{
    // Other processes revoke, too, and a served list has to follow within seconds.
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    // The root's CRL needs the root's key: there must be time to fetch it.
    private static readonly TimeSpan s_rootNotice = TimeSpan.FromDays(30);

    private DateTimeOffset _warnedAt;

    private DateTimeOffset _failedAt;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            var pause = TimeSpan.Zero;
            try
            {
                var begun = clock.GetTimestamp();
                var published = publisher is null ? [] : await publisher.PublishDueAsync(stoppingToken);
                if (published.Count > 0)
                {
                    Published(published.Count);
                    // Revocations that come within the pause are on the same list. A long list is not made without a rest.
                    pause = s_pause + clock.GetElapsedTime(begun);
                }
                await files.RefreshAsync(published, stoppingToken);
            }
            catch (HsmException e)
            {
                if (IsNews())
                    NotSigned(e.Message);
                pause = s_pause;
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // What is in memory is served on, and soon comes the next try.
                if (IsNews())
                    Failed(e);
                pause = s_pause;
            }
            WarnOfEnds(clock.GetUtcNow());
            if (pause > TimeSpan.Zero)
                await Task.Delay(pause, clock, stoppingToken);
            else
                await requests.WaitAsync(s_interval, clock, stoppingToken);
        }
    }

    // Every second would fill the log.
    private bool IsNews()
    {
        var now = clock.GetUtcNow();
        if (now < _failedAt + TimeSpan.FromMinutes(1))
            return false;
        _failedAt = now;
        return true;
    }

    private void WarnOfEnds(DateTimeOffset now)
    {
        if (now < _warnedAt + TimeSpan.FromDays(1))
            return;
        foreach (var (issuer, end) in files.CrlEnds)
        {
            var notice = issuer == FirstStart.RootName ? s_rootNotice : crlLifetime / 2;
            if (now < end - notice)
                continue;
            _warnedAt = now;
            EndsSoon(issuer, end);
        }
    }

    [LoggerMessage(4001, LogLevel.Information, "New CRLs are published: {Count}")]
    private partial void Published(int count);

    [LoggerMessage(4002, LogLevel.Error, "No CRL could be signed, the last one is served on: {Reason}")]
    private partial void NotSigned(string reason);

    [LoggerMessage(4003, LogLevel.Error, "CRLs and CA certificates could not be refreshed, the last ones are served on")]
    private partial void Failed(Exception exception);

    [LoggerMessage(4004, LogLevel.Warning, "The CRL of issuer '{Issuer}' ends at {End:u} and has no successor yet")]
    private partial void EndsSoon(string issuer, DateTimeOffset end);
}
