using CaServer.Domain;
using CaServer.Storage;
using CaServer.TestKit.Storage;

namespace CaServer.Tests.Storage;

public sealed class CertificateListTests
{
    private static readonly DateTimeOffset s_now = StorageSamples.Now;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task Certificates_are_found_by_what_is_asked_newest_first(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var samples = new StorageSamples(test.Database);
        await samples.IssuerAsync();
        var (one, two) = (await samples.AccountAsync(), await samples.AccountAsync());
        var first = await IssueAsync(test, samples, one, s_now.AddDays(30), "a.example", "*.b.example");
        var second = await IssueAsync(test, samples, one, s_now.AddDays(90), "c.b.example");
        var third = await IssueAsync(test, samples, two, s_now.AddDays(90), "xb.example");
        var reported = s_now.AddHours(-1);
        Assert.True(await new RevocationStore(test.Database).AddAsync(
            new NewRevocation { Issuance = second, Shard = 0, Reason = RevocationReason.Superseded, RevokedAt = s_now, ReportedAt = reported, CrlEntry = [1], Evidence = [2] },
            StorageSamples.Leaf("revoked"),
            Ct));
        var list = new CertificateList(test.Database);
        async Task<IssuanceId[]> Found(CertificateQuery query) => [.. (await list.FindAsync(query, Ct)).Select(c => c.Issuance.Id)];
        var all = new CertificateQuery { Count = 10 };

        Assert.Equal([third, second, first], await Found(all));
        Assert.Equal([third, second], await Found(all with { Count = 2 }));
        Assert.Equal([first], await Found(all with { Before = second }));
        Assert.Equal([second, first], await Found(all with { Account = one.Id }));
        Assert.Equal([first], await Found(all with { Name = "a.example" }));
        Assert.Equal([first], await Found(all with { Name = "*.b.example" }));
        Assert.Empty(await Found(all with { Name = "b.example" }));
        Assert.Equal([second, first], await Found(all with { Name = "b.example", Below = true }));
        Assert.Equal([third], await Found(all with { Name = "xb.example", Below = true }));
        Assert.Empty(await Found(all with { Name = "%", Below = true }));
        Assert.Equal([first], await Found(all with { EndingBefore = s_now.AddDays(31) }));
        Assert.Equal([third, second], await Found(all with { EndingFrom = s_now.AddDays(31) }));
        Assert.Equal([third, second, first], await Found(all with { Issuer = "issuing", Profile = "dv", Ordered = true, IssuedFrom = s_now }));
        Assert.Empty(await Found(all with { Issuer = "other" }));
        Assert.Empty(await Found(all with { Profile = "other" }));
        Assert.Empty(await Found(all with { IssuedBefore = s_now }));
        Assert.Equal([second], await Found(all with { Revoked = true }));
        Assert.Equal([first], await Found(all with { Account = one.Id, Revoked = false }));
        Assert.Equal(1, await list.CountValidAsync(one.Id, s_now, Ct));
        Assert.Equal(0, await list.CountValidAsync(one.Id, s_now.AddDays(31), Ct));

        var revoked = (await list.FindAsync(all with { Revoked = true }, Ct))[0];
        Assert.Equal(new Revocation(RevocationReason.Superseded, s_now, reported), revoked.Revocation);
        Assert.Equivalent(revoked, await list.FindAsync(revoked.Issuance.Serial, Ct));
        Assert.Null(await list.FindAsync(SerialNumber.Generate(), Ct));
    }

    [Theory, EachDatabase]
    public async Task Accounts_are_listed_oldest_first_and_taken_away_once(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var accounts = new AccountStore(test.Database);
        var (one, _) = await accounts.FindOrCreateAsync(StorageSamples.NewAccount("t1") with { Contacts = ["mailto:One_%@example.org"] }, Ct);
        var (two, _) = await accounts.FindOrCreateAsync(StorageSamples.NewAccount("t2") with { Contacts = [] }, Ct);
        Assert.Equal([one.Id, two.Id], (await accounts.ListAsync(null, null, null, 10, Ct)).Select(a => a.Id));
        Assert.Equal([one.Id], (await accounts.ListAsync(null, null, null, 1, Ct)).Select(a => a.Id));
        Assert.Equal([two.Id], (await accounts.ListAsync(one.Id, null, null, 10, Ct)).Select(a => a.Id));
        Assert.Equal([one.Id], (await accounts.ListAsync(null, null, "oNE_%@", 10, Ct)).Select(a => a.Id));
        Assert.Empty(await accounts.ListAsync(null, null, "One%org", 10, Ct));
        Assert.True(await accounts.RevokeAsync(one.Id, StorageSamples.Leaf("accountEnded"), Ct));
        Assert.False(await accounts.RevokeAsync(one.Id, StorageSamples.Leaf("accountEnded"), Ct));
        Assert.Equal([one.Id], (await accounts.ListAsync(null, AccountStatus.Revoked, null, 10, Ct)).Select(a => a.Id));
        Assert.Equal([two.Id], (await accounts.ListAsync(null, AccountStatus.Valid, null, 10, Ct)).Select(a => a.Id));
    }

    private static async Task<IssuanceId> IssueAsync(TestDatabase test, StorageSamples samples, Account account, DateTimeOffset end, params string[] names)
    {
        var order = await samples.FinalizedAsync(account.Id, names);
        var issuances = new IssuanceStore(test.Database);
        var id = (await issuances.RecordAsync(StorageSamples.NewIssuance(order.Id) with { NotAfter = end, Names = [.. names.Select(Identifier.Dns)] }, Ct))!.Value;
        Assert.True(await issuances.CompleteAsync(id, [9], StorageSamples.Leaf("issued"), Ct));
        return id;
    }
}
