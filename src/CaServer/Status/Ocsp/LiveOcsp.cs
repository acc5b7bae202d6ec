using CaServer.Domain;
using CaServer.Hsm;
using CaServer.Pki.X509;
using CaServer.Signing;
using CaServer.Storage;

namespace CaServer.Status;

/// <summary>
/// Signs responses while the client waits: for a nonce, for several certificates at once, for a serial number that was never
/// issued. How many a second is limited, and how many at the same time, so that nobody can keep the token from issuing.
/// </summary>
internal sealed partial class LiveOcsp(CurrentResponder current, OcspStore store, OcspAnswers answers, TimeSpan lifetime, TimeProvider clock, ILogger<LiveOcsp> log)
    : IDisposable
{
    private const int AtOnce = 2;

    // About serial numbers that do not exist nothing needs to be known for long (BR §4.9.10: at least 8 hours).
    private static readonly TimeSpan s_unknownLifetime = TimeSpan.FromHours(8);

    private readonly SemaphoreSlim _signing = new(AtOnce);

    /// <summary>
    /// The response to a request, whose certificates are all of this responder's issuer; <c>tryLater</c> when the token is busy
    /// or fails.
    /// </summary>
    public async Task<ReadOnlyMemory<byte>> RespondAsync(OcspRequest request, bool withNonce, CancellationToken ct)
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(clock.GetUtcNow().ToUnixTimeSeconds());
        var responder = current.Active.Responder;
        var singles = new List<OcspSingle>(request.Certificates.Count);
        foreach (var id in request.Certificates)
            singles.Add(await SingleAsync(id, now, responder.NotAfter, ct));
        if (!await _signing.WaitAsync(TimeSpan.Zero, ct))
            return OcspResponse.TryLater;
        try
        {
            // A token blocks its thread while it signs.
            return await Task.Run(() => responder.Respond(singles, now, withNonce ? request.NonceValue : null), ct);
        }
        catch (Exception e) when (e is HsmException or RefusedException)
        {
            Failed(e.Message);
            return OcspResponse.TryLater;
        }
        finally
        {
            _signing.Release();
        }
    }

    public void Dispose() => _signing.Dispose();

    private async Task<OcspSingle> SingleAsync(OcspCertId id, DateTimeOffset now, DateTimeOffset latest, CancellationToken ct)
    {
        var (status, revocation) = await StatusAsync(id.Serial, ct);
        var end = now + (status == OcspStatus.Unknown ? s_unknownLifetime : lifetime);
        return new OcspSingle
        {
            CertId = id.Der,
            Status = status,
            RevokedAt = revocation?.RevokedAt ?? default,
            Reason = revocation?.Reason ?? default,
            ThisUpdate = now,
            NextUpdate = end < latest ? end : latest,
        };
    }

    private async Task<(OcspStatus Status, Revocation? Revocation)> StatusAsync(ReadOnlyMemory<byte> octets, CancellationToken ct)
    {
        if (!SerialNumber.TryCreate(octets.Span, out var serial))
            return (OcspStatus.Unknown, null);
        if (answers.TryRead(octets.Span, out var record))
        {
            return record.IsRevoked
                ? (OcspStatus.Revoked, new Revocation((RevocationReason)record.Reason, DateTimeOffset.FromUnixTimeSeconds(record.RevokedAt)))
                : (OcspStatus.Good, null);
        }
        return await store.FindCertificateAsync(current.Issuer, serial, ct) switch
        {
            null => (OcspStatus.Unknown, null),
            { Revocation: { } revocation } => (OcspStatus.Revoked, revocation),
            _ => (OcspStatus.Good, null),
        };
    }

    [LoggerMessage(4204, LogLevel.Warning, "An OCSP response could not be signed: {Reason}")]
    private partial void Failed(string reason);
}
