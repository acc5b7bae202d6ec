using CaServer.Domain;
using CaServer.Storage;
using CaServer.TestKit.Storage;

namespace CaServer.Tests.Storage;

public sealed class RevocationStoreTests
{
    private static readonly DateTimeOffset s_now = StorageSamples.Now;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task A_certificate_is_revoked_once_and_listed_until_it_has_ended(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var (issuances, revocations, log) = (new IssuanceStore(test.Database), new RevocationStore(test.Database), new LogStore(test.Database));
        var (id, issued) = await IssueAsync(test.Database, issuances);
        Assert.Null(await revocations.FindAsync(id, Ct));
        var before = await log.CountAsync(Ct);

        Assert.True(await revocations.AddAsync(Revocation(id), StorageSamples.Leaf("revoked"), Ct));
        Assert.False(await revocations.AddAsync(Revocation(id) with { Reason = RevocationReason.Unspecified }, StorageSamples.Leaf("revoked"), Ct));

        Assert.Equal(before + 1, await log.CountAsync(Ct));
        Assert.Equal(new Revocation(RevocationReason.KeyCompromise, s_now), await revocations.FindAsync(id, Ct));
        var crls = new CrlStore(test.Database);
        Assert.Equal(1, Assert.Single(await crls.ShardsAsync(issued.Issuer, Ct)).Revocations);
        var range = new CrlRange(issued.Issuer, 0, issued.NotAfter, 0, 1);
        Assert.Equal([7], await EntriesAsync(crls, range));
        Assert.Empty(await EntriesAsync(crls, range with { EndingFrom = issued.NotAfter.AddMilliseconds(1) }));
        Assert.Empty(await EntriesAsync(crls, range with { Shard = 1 }));
    }

    [Theory, EachDatabase]
    public async Task Revocations_of_a_shard_are_counted_and_a_range_has_those_of_its_numbers(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var revocations = new RevocationStore(test.Database);
        var crls = new CrlStore(test.Database);
        await new StorageSamples(test.Database).IssuerAsync();
        var issuer = "";
        for (byte i = 1; i <= 3; i++)
        {
            var (id, issued) = await IssueAsync(test.Database, new IssuanceStore(test.Database), addIssuer: false);
            issuer = issued.Issuer;
            Assert.True(await revocations.AddAsync(Revocation(id) with { CrlEntry = [i] }, StorageSamples.Leaf("revoked"), Ct));
        }
        var range = new CrlRange(issuer, 0, s_now, 0, 2);
        Assert.Equal(new byte[] { 1, 2 }, (await EntriesAsync(crls, range)).Order());
        Assert.Equal(new byte[] { 2, 3 }, (await EntriesAsync(crls, range with { After = 1, UpTo = 3 })).Order());
        Assert.Empty(await EntriesAsync(crls, range with { After = 3, UpTo = 3 }));
    }

    [Theory, EachDatabase]
    public async Task What_was_not_issued_cannot_be_revoked(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var (issuances, revocations) = (new IssuanceStore(test.Database), new RevocationStore(test.Database));
        await new StorageSamples(test.Database).IssuerAsync();
        var recorded = await issuances.RecordAsync(StorageSamples.NewIssuance(null), Ct);
        Assert.False(await revocations.AddAsync(Revocation(recorded!.Value), StorageSamples.Leaf("revoked"), Ct));
    }

    [Theory, EachDatabase]
    public async Task A_revoked_certificate_goes_with_its_revocation_once_it_is_past_its_time(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var (issuances, revocations) = (new IssuanceStore(test.Database), new RevocationStore(test.Database));
        var (id, issued) = await IssueAsync(test.Database, issuances);
        await revocations.AddAsync(Revocation(id), StorageSamples.Leaf("revoked"), Ct);
        var settings = new RetentionSettings();

        await new RetentionStore(test.Database, settings).DeleteBatchAsync(issued.NotAfter + settings.Certificates + TimeSpan.FromSeconds(1), Ct);

        Assert.Null(await issuances.FindAsync(id, Ct));
        Assert.Null(await revocations.FindAsync(id, Ct));
    }

    private static async Task<(IssuanceId Id, NewIssuance Issued)> IssueAsync(Database database, IssuanceStore issuances, bool addIssuer = true)
    {
        if (addIssuer)
            await new StorageSamples(database).IssuerAsync();
        var issuance = StorageSamples.NewIssuance(null);
        var id = (await issuances.RecordAsync(issuance, Ct))!.Value;
        Assert.True(await issuances.CompleteAsync(id, [1], StorageSamples.Leaf("issued"), Ct));
        return (id, issuance);
    }

    private static async Task<List<byte>> EntriesAsync(CrlStore crls, CrlRange range)
    {
        var octets = new List<byte>();
        await crls.ReadEntriesAsync(range, octets.AddRange, Ct);
        Assert.Equal(octets.Count, await crls.EntriesLengthAsync(range, Ct));
        return octets;
    }

    private static NewRevocation Revocation(IssuanceId id) => new()
    {
        Issuance = id,
        Shard = 0,
        Reason = RevocationReason.KeyCompromise,
        RevokedAt = s_now,
        CrlEntry = [7],
        Evidence = [8],
    };
}
