using CaServer.Signing;
using CaServer.Storage;

namespace CaServer.Status;

/// <summary>The responder that signs now, and its row.</summary>
internal sealed record ActiveResponder(long Id, OcspResponder Responder);

/// <summary>
/// The issuing CA's delegated OCSP responder: its key stays, its certificate is renewed after two thirds of its life, long before
/// an answer could reach beyond it.
/// </summary>
internal sealed class CurrentResponder(IssuingCa issuer, SigningKey key, ResponderCertificates certificates, OcspStore store, TimeProvider clock)
{
    private volatile ActiveResponder? _active;

    /// <summary>Name of the issuer.</summary>
    public string Issuer => issuer.Name;

    /// <summary>The responder in use.</summary>
    public ActiveResponder Active => _active ?? throw new InvalidOperationException("The OCSP responder has no certificate yet.");

    /// <summary>The stored certificate if it is still good for a while, otherwise a new one; true if it is new.</summary>
    /// <exception cref="InvalidOperationException">The signing core refused.</exception>
    public async Task<bool> RenewIfDueAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (_active is { } active && !IsDue(active.Responder, now))
            return false;
        if (await FindStoredAsync(now, ct) is { } stored)
        {
            _active = stored;
            return false;
        }
        var result = await certificates.IssueAsync(key, now, ct);
        if (result is not IssuanceResult.Issued issued)
            throw new InvalidOperationException($"The OCSP responder's certificate was refused: {((IssuanceResult.Refused)result).Sentence}");
        var responder = new OcspResponder(issuer.Certificate, key, issued.Certificate);
        _active = new ActiveResponder(await store.AddResponderAsync(issuer.Name, issued.Certificate, responder.NotAfter, ct), responder);
        return true;
    }

    private async Task<ActiveResponder?> FindStoredAsync(DateTimeOffset now, CancellationToken ct)
    {
        foreach (var stored in (await store.RespondersAsync(now, ct)).Where(r => r.Issuer == issuer.Name).Reverse())
        {
            try
            {
                var responder = new OcspResponder(issuer.Certificate, key, stored.Certificate);
                if (!IsDue(responder, now))
                    return new ActiveResponder(stored.Id, responder);
                responder.Dispose();
            }
            catch (ArgumentException)
            {
                // That of another key, as after the token was replaced: a new one is made.
            }
        }
        return null;
    }

    private static bool IsDue(OcspResponder responder, DateTimeOffset now) =>
        now >= responder.NotBefore + ((responder.NotAfter - responder.NotBefore) * 2 / 3);
}
