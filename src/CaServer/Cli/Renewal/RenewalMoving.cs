using System.Text.Json.Serialization;
using CaServer.Domain;
using CaServer.Storage;

namespace CaServer.Cli;

/// <summary>What became of the window of one certificate.</summary>
internal enum RenewalMoveResult
{
    /// <summary>It is moved.</summary>
    [JsonStringEnumMemberName("moved")] Moved,

    /// <summary>It would be, without <c>--dry-run</c>.</summary>
    [JsonStringEnumMemberName("wouldBeMoved")] WouldBeMoved,

    /// <summary>The certificate is revoked, so that its window is over already.</summary>
    [JsonStringEnumMemberName("revoked")] Revoked,

    /// <summary>The certificate has ended.</summary>
    [JsonStringEnumMemberName("expired")] Expired,

    /// <summary>No certificate has this serial number.</summary>
    [JsonStringEnumMemberName("notFound")] NotFound,
}

/// <summary>What became of the window of one certificate, as <c>renewal move --json</c> prints it.</summary>
/// <param name="Serial">Its serial number.</param>
/// <param name="Result">What became of it.</param>
/// <param name="Names">Its names; null if there is no such certificate.</param>
internal sealed record RenewalMoveOutcome(string Serial, RenewalMoveResult Result, IReadOnlyList<string>? Names);

/// <summary>One run of a move. Many certificates take several transactions; a run that is cut short is simply run again.</summary>
internal sealed class RenewalMoving(RenewalStore store, NewRenewalMove move, int batch, bool rehearse)
{
    private readonly List<IssuanceId> _waiting = [];

    /// <summary>The number of the move; null while nothing is moved.</summary>
    public RenewalMoveId? Number { get; private set; }

    /// <summary>Moves the windows of these certificates.</summary>
    public async Task<IReadOnlyList<RenewalMoveOutcome>> RunAsync(IAsyncEnumerable<(SerialNumber Serial, ListedCertificate? Certificate)> chosen, CancellationToken ct)
    {
        var outcomes = new List<RenewalMoveOutcome>();
        await foreach (var (serial, certificate) in chosen)
        {
            var result = ResultOf(certificate);
            outcomes.Add(new RenewalMoveOutcome(serial.ToString(), result, certificate is null ? null : [.. certificate.Issuance.Names.Select(n => n.ToString())]));
            if (result != RenewalMoveResult.Moved)
                continue;
            _waiting.Add(certificate!.Issuance.Id);
            if (_waiting.Count >= batch)
                await StoreAsync(ct);
        }
        await StoreAsync(ct);
        return outcomes;
    }

    private RenewalMoveResult ResultOf(ListedCertificate? certificate) => certificate switch
    {
        null => RenewalMoveResult.NotFound,
        { Revocation: not null } => RenewalMoveResult.Revoked,
        _ when certificate.Issuance.NotAfter < move.CreatedAt => RenewalMoveResult.Expired,
        _ => rehearse ? RenewalMoveResult.WouldBeMoved : RenewalMoveResult.Moved,
    };

    private async Task StoreAsync(CancellationToken ct)
    {
        if (_waiting.Count == 0)
            return;
        if (Number is { } number)
            await store.ExtendAsync(number, _waiting, ct);
        else
            Number = await store.CreateAsync(move, _waiting, ct);
        _waiting.Clear();
    }
}
