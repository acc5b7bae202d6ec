using CaServer.Configuration;

namespace CaServer.Composition;

/// <summary>Renews the server's own TLS certificate after two thirds of its life, or reads the operator's files again when they change; without a restart.</summary>
internal sealed partial class ServerCertificateWorker(
    ServerCertificate certificate, ServerCertificateIssuer? issuer, TlsFiles? files, TimeProvider clock, ILogger<ServerCertificateWorker> log) : BackgroundService
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                if (files is not null)
                    Reload(files);
                else if (issuer is not null && ServerCertificateIssuer.IsDue(certificate.Leaf, clock.GetUtcNow()))
                    Use(await issuer.RenewAsync(stoppingToken));
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // The present certificate has a third of its life left, and in a minute comes the next try.
                Failed(certificate.Leaf.NotAfter.ToUniversalTime(), e);
            }
        }
    }

    // By content, not by time stamp: a restored or copied file may be as old as it likes.
    private void Reload(TlsFiles files)
    {
        var file = TlsFile.Read(files);
        if (!file.Leaf.RawDataMemory.Span.SequenceEqual(certificate.Leaf.RawDataMemory.Span))
            Use(file);
        else
            file.Leaf.Dispose();
    }

    private void Use(TlsFile file)
    {
        certificate.Replace(file.Leaf, file.Chain);
        Replaced(file.Leaf.SerialNumber, file.Leaf.NotAfter.ToUniversalTime());
    }

    [LoggerMessage(3001, LogLevel.Information, "TLS certificate {Serial} is in use, valid until {NotAfter:u}")]
    private partial void Replaced(string serial, DateTime notAfter);

    [LoggerMessage(3002, LogLevel.Error, "The TLS certificate could not be replaced; the present one is valid until {NotAfter:u}")]
    private partial void Failed(DateTime notAfter, Exception exception);
}
