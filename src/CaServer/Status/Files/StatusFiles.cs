using System.Collections.Frozen;
using CaServer.Storage;

namespace CaServer.Status;

/// <summary>
/// CA certificates and CRLs in memory, by path. What is there stays there when the database or the HSM cannot be reached: the last
/// good CRL is better than none.
/// </summary>
internal sealed class StatusFiles(IssuerStore issuers, CrlStore crls, TimeSpan crlAge)
{
    /// <summary>The path of the root certificate, PEM.</summary>
    public const string RootPath = "/ca/root.pem";

    // Octets.
    private const int LongList = 8 << 20;

    private FrozenDictionary<string, StatusFile> _certificates = FrozenDictionary<string, StatusFile>.Empty;
    private Dictionary<(string Issuer, long Shard), HeldCrl> _crls = [];
    private volatile FrozenDictionary<string, StatusFile> _files = FrozenDictionary<string, StatusFile>.Empty;

    /// <summary>When the first of each issuer's present CRLs ends.</summary>
    public IReadOnlyDictionary<string, DateTimeOffset> CrlEnds { get; private set; } = FrozenDictionary<string, DateTimeOffset>.Empty;

    /// <summary>The document at a path; null if there is none.</summary>
    public StatusFile? Find(string? path) => path is not null && _files.TryGetValue(path, out var file) ? file : null;

    /// <summary>Takes over what changed in the database: a list is read only if its number is another. One caller at a time.</summary>
    /// <param name="stored">Lists that this process has just stored, which need not be read.</param>
    /// <param name="ct">Cancels before anything is taken over.</param>
    public async Task RefreshAsync(IReadOnlyList<StoredCrl> stored, CancellationToken ct)
    {
        var (changed, isLong) = (false, false);
        // CA certificates never change, and new ones come with a ceremony, after which there are new lists.
        var numbers = await crls.NumbersAsync(ct);
        var held = new Dictionary<(string, long), HeldCrl>(numbers.Count);
        foreach (var number in numbers)
        {
            if (_crls.TryGetValue((number.Issuer, number.Shard), out var present) && present.Number >= number.Number)
            {
                held[(number.Issuer, number.Shard)] = present;
                continue;
            }
            var crl = stored.FirstOrDefault(c => c.Issuer == number.Issuer && c.Shard == number.Shard && c.Number == number.Number)
                ?? await crls.FindAsync(number.Issuer, (int)number.Shard, ct);
            if (crl is null)
            {
                // Another became the present one while it was read; until the next call the last one is served on.
                if (present is not null)
                    held[(number.Issuer, number.Shard)] = present;
                continue;
            }
            var delta = number.HasDelta ? await crls.FindDeltaAsync(number.Issuer, (int)number.Shard, ct) : null;
            held[(number.Issuer, number.Shard)] = new HeldCrl(
                crl.Number, crl.NextUpdate, $"/crl/{crl.Issuer}/{crl.Shard}", FileOf(crl), delta is null ? null : FileOf(delta));
            changed = true;
            isLong |= crl.Der.Length > LongList;
        }
        if (!changed && _certificates.Count > 0)
            return;
        _crls = held;
        _certificates = CaDocuments.Of(await issuers.ListAsync(ct)).ToFrozenDictionary(StringComparer.Ordinal);
        CrlEnds = held.GroupBy(c => c.Key.Item1, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Min(c => c.Value.End), StringComparer.Ordinal);
        _files = _certificates.Concat(held.Values.SelectMany(c => c.Files)).ToFrozenDictionary(StringComparer.Ordinal);
        // The list that was served before would otherwise stay beside the new one until the next.
        if (isLong)
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }

    private StatusFile FileOf(StoredCrl crl) => new(crl.Der, "application/pkix-crl", crl.ThisUpdate, crlAge);

    private sealed record HeldCrl(long Number, DateTimeOffset End, string Path, StatusFile Complete, StatusFile? Delta)
    {
        public IEnumerable<KeyValuePair<string, StatusFile>> Files =>
            Delta is null
                ? [KeyValuePair.Create(Path + ".crl", Complete)]
                : [KeyValuePair.Create(Path + ".crl", Complete), KeyValuePair.Create(Path + "-delta.crl", Delta)];
    }
}
