using CaServer.Configuration;
using CaServer.Pki.X509;
using CaServer.Signing;
using CaServer.Storage;

namespace CaServer.Status;

/// <summary>
/// Makes the issuing CA's CRLs, one for each shard, and stores them. A shard is due when it has had a revocation that its list
/// was not made with, or when the list is old. Several processes may publish: the later number stays.
/// </summary>
internal sealed class CrlPublisher(IssuingCa issuer, CrlStore crls, StatusUrls urls, StatusSettings settings, TimeProvider clock)
{
    // Octets.
    private const int LongList = 8 << 20;

    private readonly CrlSigner _signer = new(issuer, CrlScope.SubscriberCertificates);
    private bool _shardsAreKnown;

    /// <summary>Makes what is due; how many lists.</summary>
    public async Task<int> PublishDueAsync(CancellationToken ct)
    {
        await EnsureShardsAsync(ct);
        var shards = await crls.ShardsAsync(issuer.Name, ct);
        var published = 0;
        foreach (var shard in shards)
        {
            var isOld = shard.ThisUpdate is not { } made || clock.GetUtcNow() >= made + settings.CrlInterval;
            if ((isOld || shard.Revocations > shard.Listed) && await PublishAsync(shard, isPartial: shards.Count > 1, isOld, ct))
                published++;
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

    // False if another process was faster; what it published may lack what made this one due, which then is due still.
    private async Task<bool> PublishAsync(CrlShardState shard, bool isPartial, bool isOld, CancellationToken ct)
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(clock.GetUtcNow().ToUnixTimeSeconds());
        // RFC 5280 §3.3: an entry stays until it was on one CRL after the certificate's end. The present CRL may have been made
        // before that end, so what ended since then is listed once more.
        var range = new CrlRange(issuer.Name, shard.Shard, shard.ThisUpdate ?? DateTimeOffset.UnixEpoch, 0, shard.Revocations);
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
        var crl = new StoredCrl
        {
            Issuer = issuer.Name,
            Shard = shard.Shard,
            Number = contents.Number,
            ThisUpdate = now,
            NextUpdate = contents.NextUpdate,
            Der = await SignAsync(contents, range, ct),
            Listed = shard.Revocations,
        };
        var isStored = settings.DeltaCrls
            ? await crls.StoreAsync(crl, await DeltaAsync(contents, range, now, ct), isBase: isOld, ct)
            : await crls.StoreAsync(crl, null, isBase: false, ct);
        // What it was made in would otherwise stay beside the list that is served until the next one is made.
        if (crl.Der.Length > LongList)
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return isStored;
    }

    // RFC 5280 §5.2.4: made together with a complete list it has the same number and says the same. Whoever holds a list that is
    // valid still can go on with it: the delta is to one that was made before any such.
    private async Task<StoredDelta> DeltaAsync(RevocationListContents complete, CrlRange range, DateTimeOffset now, CancellationToken ct)
    {
        var from = await crls.FindBaseAsync(issuer.Name, range.Shard, now - settings.CrlLifetime - settings.CrlInterval, ct)
            ?? new CrlBase { Number = complete.Number, Listed = range.UpTo };
        var contents = complete with { DeltaBase = from.Number, FreshestCrl = null };
        return new StoredDelta(from.Number, await SignAsync(contents, range with { After = from.Listed }, ct));
    }

    private async Task<ReadOnlyMemory<byte>> SignAsync(RevocationListContents contents, CrlRange range, CancellationToken ct)
    {
        var builder = _signer.Begin(contents, checked((int)await crls.EntriesLengthAsync(range, ct)));
        await crls.ReadEntriesAsync(range, entry => builder.Add(entry), ct);
        return _signer.Sign(contents, builder);
    }
}
