using CaServer.Configuration;
using CaServer.Pki.X509;
using CaServer.Signing;
using CaServer.Storage;

namespace CaServer.Status;

/// <summary>
/// Makes the issuing CA's CRLs, one for each shard, and stores them. A shard is due when it has had a revocation that its list
/// was not made with, or when the list is old. Several processes may publish: the later number stays.
/// A list made for a revocation is the last one with what came since: to read a million entries again takes seconds. A list made
/// because the last one is old is read anew, and leaves out what has ended.
/// </summary>
internal sealed class CrlPublisher(IssuingCa issuer, CrlStore crls, StatusUrls urls, StatusSettings settings, TimeProvider clock)
{
    private readonly CrlSigner _signer = new(issuer, CrlScope.SubscriberCertificates);
    private readonly Dictionary<int, Entries> _lastEntries = [];
    private bool _shardsAreKnown;

    /// <summary>Makes what is due; the lists that were stored.</summary>
    public async Task<IReadOnlyList<StoredCrl>> PublishDueAsync(CancellationToken ct)
    {
        await EnsureShardsAsync(ct);
        var shards = await crls.ShardsAsync(issuer.Name, ct);
        var published = new List<StoredCrl>();
        foreach (var shard in shards)
        {
            var isOld = shard.ThisUpdate is not { } made || clock.GetUtcNow() >= made + settings.CrlInterval;
            if ((isOld || shard.Revocations > shard.Listed) && await PublishAsync(shard, isPartial: shards.Count > 1, isOld, ct) is { } crl)
                published.Add(crl);
        }
        return published;
    }

    // Once is enough: no other process takes a shard away.
    private async Task EnsureShardsAsync(CancellationToken ct)
    {
        if (_shardsAreKnown)
            return;
        await crls.EnsureShardsAsync(issuer.Name, settings.CrlShards, ct);
        _shardsAreKnown = true;
    }

    // Null if another process was faster; what it published may lack what made this one due, which then is due still.
    private async Task<StoredCrl?> PublishAsync(CrlShardState shard, bool isPartial, bool isOld, CancellationToken ct)
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(clock.GetUtcNow().ToUnixTimeSeconds());
        // RFC 5280 §3.3: an entry stays until it was on one CRL after the certificate's end. The present CRL may have been made
        // before that end, so what ended since then is listed once more.
        var range = new CrlRange(issuer.Name, shard.Shard, shard.ThisUpdate ?? DateTimeOffset.UnixEpoch, 0, shard.Revocations);
        var last = !isOld && _lastEntries.TryGetValue(shard.Shard, out var entries) && entries.Number == shard.Number ? entries : null;
        var contents = new RevocationListContents
        {
            // RFC 5280 §5.2.3: numbers rise. Seconds since the epoch keep rising also after a database was restored from a backup.
            Number = Math.Max((shard.Number ?? 0) + 1, now.ToUnixTimeSeconds()),
            ThisUpdate = now,
            NextUpdate = now + settings.CrlLifetime,
            // BR §7.2.2.1: byte for byte what stands in the shard's certificates. An only list covers everything and needs none.
            DistributionPoint = isPartial ? urls.Crl(issuer.Name, shard.Shard) : null,
            FreshestCrl = settings.DeltaCrls ? urls.DeltaCrl(issuer.Name, shard.Shard) : null,
        };
        var builder = await ReadAsync(contents, last is null ? range : range with { After = last.Listed }, last?.Octets ?? default, ct);
        var crl = new StoredCrl
        {
            Issuer = issuer.Name,
            Shard = shard.Shard,
            Number = contents.Number,
            ThisUpdate = now,
            NextUpdate = contents.NextUpdate,
            Der = _signer.Sign(contents, builder),
            Listed = shard.Revocations,
        };
        var isStored = settings.DeltaCrls
            ? await crls.StoreAsync(crl, await DeltaAsync(contents, range, now, ct), isBase: isOld, ct)
            : await crls.StoreAsync(crl, null, isBase: false, ct);
        if (!isStored)
            return null;
        _lastEntries[shard.Shard] = new Entries(crl.Number, crl.Listed, builder.Entries);
        return crl;
    }

    // RFC 5280 §5.2.4: made together with a complete list it has the same number and says the same. Whoever holds a list that is
    // valid still can go on with it: the delta is to one that was made before any such.
    private async Task<StoredDelta> DeltaAsync(RevocationListContents complete, CrlRange range, DateTimeOffset now, CancellationToken ct)
    {
        var from = await crls.FindBaseAsync(issuer.Name, range.Shard, now - settings.CrlLifetime - settings.CrlInterval, ct)
            ?? new CrlBase { Number = complete.Number, Listed = range.UpTo };
        var contents = complete with { DeltaBase = from.Number, FreshestCrl = null };
        return new StoredDelta(from.Number, _signer.Sign(contents, await ReadAsync(contents, range with { After = from.Listed }, default, ct)));
    }

    private async Task<RevocationListBuilder> ReadAsync(RevocationListContents contents, CrlRange range, ReadOnlyMemory<byte> before, CancellationToken ct)
    {
        var builder = _signer.Begin(contents, checked(before.Length + (int)await crls.EntriesLengthAsync(range, ct)));
        builder.Add(before.Span);
        await crls.ReadEntriesAsync(range, entry => builder.Add(entry), ct);
        return builder;
    }

    private sealed record Entries(long Number, long Listed, ReadOnlyMemory<byte> Octets);
}
