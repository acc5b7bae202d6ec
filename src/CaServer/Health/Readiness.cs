using CaServer.Hsm;
using CaServer.Status;
using CaServer.Storage;

namespace CaServer.Health;

/// <summary>One thing that must work for requests to be answered.</summary>
/// <param name="Name">Its name in the answer.</param>
/// <param name="Fault">What is wrong; null if it works.</param>
internal sealed record Check(string Name, string? Fault);

/// <summary>Whether this process can do its work now.</summary>
internal sealed partial class Readiness(Database database, ICaKeyStore? keys, StatusFiles? status, TimeProvider clock, ILogger<Readiness> log)
{
    // Monitoring gives up after a few seconds; a token that hangs must not hang it.
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(5);

    /// <summary>Makes every check, at the same time.</summary>
    public Task<Check[]> CheckAsync(CancellationToken ct) => Task.WhenAll(
        TryAsync("database", database.PingAsync, ct),
        TryAsync("hsm", CheckKeysAsync, ct),
        TryAsync("crl", CheckCrlsAsync, ct));

    // A token blocks its thread while it is asked; files are in memory once they are open.
    private Task CheckKeysAsync(CancellationToken ct) => keys is Pkcs11Token token ? Task.Run(token.Check, ct) : Task.CompletedTask;

    private Task CheckCrlsAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        foreach (var (issuer, end) in status?.CrlEnds ?? System.Collections.Frozen.FrozenDictionary<string, DateTimeOffset>.Empty)
        {
            if (now >= end)
                throw new InvalidOperationException($"The CRL of issuer '{issuer}' ended at {end:u}.");
        }
        return Task.CompletedTask;
    }

    private async Task<Check> TryAsync(string name, Func<CancellationToken, Task> check, CancellationToken ct)
    {
        try
        {
            await check(ct).WaitAsync(s_timeout, clock, ct);
            return new Check(name, null);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Failed(name, e.Message);
            // What exceptions say may name hosts and paths; monitoring needs no more than this, the log has the rest.
            return new Check(name, e is TimeoutException ? $"no answer within {s_timeout.TotalSeconds} s" : "not working, see the log");
        }
    }

    [LoggerMessage(5001, LogLevel.Warning, "Not ready: {Check}: {Reason}")]
    private partial void Failed(string check, string reason);
}
