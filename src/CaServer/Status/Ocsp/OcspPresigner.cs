using CaServer.Domain;
using CaServer.Pki.X509;
using CaServer.Storage;

namespace CaServer.Status;

/// <summary>
/// Signs answers ahead, for every certificate that is valid: a process that only serves has no key to sign one with when it is
/// asked for.
/// </summary>
internal sealed class OcspPresigner(CurrentResponder current, OcspStore store, TimeSpan lifetime, TimeProvider clock)
{
    /// <summary>Most certificates of one round. A revocation waits for one round at most, some 40 ms.</summary>
    public const int Round = 128;

    // An answer is replaced between 40 % and 48 % of its life, so that those that were made together are spread
    // (BR §4.9.10: before half-life).
    private const double FirstDue = 0.40;
    private const double Spread = 0.08;

    /// <summary>Signs what is due; how many certificates were looked at.</summary>
    public async Task<int> SignDueAsync(CancellationToken ct)
    {
        var moment = clock.GetUtcNow();
        var due = await store.DueAsync(moment, Round, ct);
        var now = DateTimeOffset.FromUnixTimeSeconds(moment.ToUnixTimeSeconds());
        var ended = due.Where(d => d.NotAfter < now).Select(d => d.Issuance).ToList();
        if (ended.Count > 0)
            await store.DeleteAsync(ended, ct);
        var active = current.Active;
        var signed = new List<SignedAnswer>(due.Count);
        foreach (var answer in due)
        {
            if (answer.NotAfter >= now && answer.Issuer == current.Issuer)
                signed.Add(Sign(active, answer, now));
        }
        if (signed.Count > 0)
            await store.StoreAsync(signed, ct);
        return due.Count;
    }

    private SignedAnswer Sign(ActiveResponder active, DueAnswer about, DateTimeOffset now)
    {
        // A clock that was put back must not make an answer older than the revocation that it tells of.
        var thisUpdate = about.Revocation is { } r && r.RevokedAt > now ? r.RevokedAt : now;
        var nextUpdate = thisUpdate + lifetime;
        if (nextUpdate > active.Responder.NotAfter)
            nextUpdate = active.Responder.NotAfter;
        var answer = new OcspAnswer(
            about.Revocation is not null,
            about.Revocation?.Reason ?? RevocationReason.Unspecified,
            (uint)(about.Revocation?.RevokedAt.ToUnixTimeSeconds() ?? 0),
            (uint)thisUpdate.ToUnixTimeSeconds(),
            (uint)nextUpdate.ToUnixTimeSeconds());
        var serial = about.Serial.Octets;
        return new SignedAnswer
        {
            About = about,
            Responder = active.Id,
            ThisUpdate = thisUpdate,
            NextUpdate = nextUpdate,
            Sha1Signature = active.Responder.Presign(OcspHash.Sha1, serial, answer),
            Sha256Signature = active.Responder.Presign(OcspHash.Sha256, serial, answer),
            Due = thisUpdate + ((nextUpdate - thisUpdate) * (FirstDue + Spread * serial[^1] / 256)),
        };
    }
}

/// <summary>Runs the <see cref="OcspPresigner"/>: at once after a revocation, and often enough to find what other processes issued or revoked.</summary>
internal sealed partial class OcspSigningWorker(
    CurrentResponder current, OcspPresigner presigner, OcspRequests requests, TimeProvider clock, ILogger<OcspSigningWorker> log) : BackgroundService
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_pauseAfterFault = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        while (true)
        {
            var pause = s_interval;
            try
            {
                if (await current.RenewIfDueAsync(stoppingToken))
                    Renewed(current.Active.Responder.NotAfter);
                if (await presigner.SignDueAsync(stoppingToken) == OcspPresigner.Round)
                    continue;
            }
            catch (Exception e) when (e is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                Failed(e);
                pause = s_pauseAfterFault;
            }
            await requests.WaitAsync(pause, clock, stoppingToken);
        }
    }

    [LoggerMessage(4202, LogLevel.Information, "The OCSP responder has a new certificate, valid until {NotAfter:u}")]
    private partial void Renewed(DateTimeOffset notAfter);

    [LoggerMessage(4203, LogLevel.Error, "OCSP answers could not be signed, the last ones are served on")]
    private partial void Failed(Exception e);
}
