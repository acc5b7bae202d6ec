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
        var listed = await crls.EntriesAsync(issued.Issuer, 0, issued.NotAfter, Ct);
        Assert.Equal([7], listed.Octets.ToArray());
        Assert.Equal((1, 1L), (listed.Count, listed.Revocations));
        Assert.Equal(0, (await crls.EntriesAsync(issued.Issuer, 0, issued.NotAfter.AddMilliseconds(1), Ct)).Count);
        Assert.Equal(0, (await crls.EntriesAsync(issued.Issuer, 1, s_now, Ct)).Count);
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

    private static async Task<(IssuanceId Id, NewIssuance Issued)> IssueAsync(Database database, IssuanceStore issuances)
    {
        await new StorageSamples(database).IssuerAsync();
        var issuance = StorageSamples.NewIssuance(null);
        var id = (await issuances.RecordAsync(issuance, Ct))!.Value;
        Assert.True(await issuances.CompleteAsync(id, [1], StorageSamples.Leaf("issued"), Ct));
        return (id, issuance);
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
