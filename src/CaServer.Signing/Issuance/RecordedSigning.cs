using CaServer.Domain;

namespace CaServer.Signing;

/// <summary>What makes a log leaf of a finished issuance.</summary>
internal delegate byte[] LeafWriter(IssuanceRecord record, ReadOnlySpan<byte> certificate, DateTimeOffset time);

/// <summary>
/// The last steps: record → sign → verify → store. Before the record is durable nothing is signed; after it, the journal can say
/// of every serial number what became of it, whatever fails.
/// </summary>
internal sealed class RecordedSigning(IIssuanceJournal journal)
{
    internal async Task<IssuanceResult> FinishAsync(PreparedCertificate prepared, LeafWriter writeLeaf, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var record = prepared.Record;
        var id = await journal.RecordAsync(record, cancellationToken);

        byte[] certificate;
        try
        {
            certificate = prepared.Sign();
        }
        catch (RefusedException e)
        {
            await AbandonAsync(id, record, e.Reason, e.Message, now);
            return new IssuanceResult.Refused(e.Reason, e.Message, LogLeaf: null);
        }
        catch (Exception)
        {
            await AbandonAsync(id, record, null, "The token did not sign.", now);
            throw;
        }

        // A signed certificate is finished even while the process stops: unfinished it would be a serial to report.
        await journal.StoreAsync(id, certificate, writeLeaf(record, certificate, now), CancellationToken.None);
        return new IssuanceResult.Issued(id, record.Serial, certificate);
    }

    private Task AbandonAsync(IssuanceId id, IssuanceRecord record, RefusalReason? reason, string sentence, DateTimeOffset now) =>
        journal.AbandonAsync(id, LogLeaf.Abandoned(record, reason, sentence, now), CancellationToken.None);
}
