using CaServer.Domain;
using CaServer.Signing;

namespace CaServer.TestKit.Evidence;

/// <summary>A journal in memory that a test can let fail, before or after it has written.</summary>
public sealed class RecordingJournal : IIssuanceJournal
{
    private readonly Lock _lock = new();
    private readonly List<IssuanceRecord> _records = [];
    private readonly List<(IssuanceId Id, byte[] Certificate, byte[] Leaf)> _stored = [];
    private readonly List<(IssuanceId Id, byte[] Leaf)> _abandoned = [];

    public Exception? RecordFault { get; set; }

    public Exception? StoreFault { get; set; }

    /// <summary>Called when a record is durable and before anything is signed.</summary>
    public Action<IssuanceRecord>? OnRecorded { get; set; }

    public IReadOnlyList<IssuanceRecord> Records => _records;

    public IReadOnlyList<(IssuanceId Id, byte[] Certificate, byte[] Leaf)> Stored => _stored;

    public IReadOnlyList<(IssuanceId Id, byte[] Leaf)> Abandoned => _abandoned;

    public Task<IssuanceId> RecordAsync(IssuanceRecord record, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (RecordFault is not null)
            return Task.FromException<IssuanceId>(RecordFault);
        lock (_lock)
        {
            _records.Add(record);
            OnRecorded?.Invoke(record);
            return Task.FromResult(new IssuanceId(_records.Count));
        }
    }

    public Task StoreAsync(IssuanceId id, byte[] certificate, byte[] logLeaf, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (StoreFault is not null)
            return Task.FromException(StoreFault);
        lock (_lock)
            _stored.Add((id, certificate, logLeaf));
        return Task.CompletedTask;
    }

    public Task AbandonAsync(IssuanceId id, byte[] logLeaf, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
            _abandoned.Add((id, logLeaf));
        return Task.CompletedTask;
    }
}
