using CaServer.Storage;

namespace CaServer.Workers;

/// <summary>Wakes the workers of this process when another process tells that there is something for them.</summary>
internal sealed class NoticeWorker(
    Database database, ValidationQueue validation, SigningQueue signing, TimeProvider clock, RemotePerspectives? remotes = null) : BackgroundService
{
    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => remotes is null
        ? database.ListenAsync(Heard, clock, stoppingToken)
        : Task.WhenAll(database.ListenAsync(Heard, clock, stoppingToken), remotes.RunAsync(stoppingToken));

    private void Heard(Notice? notice)
    {
        if (notice is null or Notice.Challenge)
            validation.Work.Unheld.Ask();
        if (notice is null or Notice.Order)
            signing.Work.Unheld.Ask();
        if (notice is null or Notice.ChecksAnswered)
            remotes?.Heard();
    }
}
