using CaServer.Domain;
using CaServer.Storage;
using CaServer.TestKit.Storage;

namespace CaServer.Tests.Storage;

public sealed class EabStoreTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task A_key_reads_back_as_it_was_stored(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var store = new EabStore(test.Database);

        var key = await store.CreateAsync(
            Key("k1") with
            {
                ExpiresAt = StorageSamples.Now.AddDays(1),
                MaxAccounts = 3,
                Domains = [Identifier.Dns("example.org"), Identifier.Ip("192.0.2.1")],
                Profiles = ["dv"],
                Note = "web team",
            },
            StorageSamples.Leaf("eabCreated"),
            Ct);

        Assert.Equal(("k1", 3L, 0L, "web team"), (key.Kid, key.MaxAccounts, key.Accounts, key.Note));
        Assert.Equal((StorageSamples.Now, StorageSamples.Now.AddDays(1), (DateTimeOffset?)null), (key.CreatedAt, key.ExpiresAt, key.RevokedAt));
        Assert.Equal([1, 2, 3], key.SealedMacKey);
        Assert.Equal([Identifier.Dns("example.org"), Identifier.Ip("192.0.2.1")], key.Domains);
        Assert.Equal(["dv"], key.Profiles);
        Assert.Equivalent(key, await store.FindAsync(key.Id, Ct));
        Assert.Equivalent(key, Assert.Single(await store.ListAsync(Ct)));
    }

    [Theory, EachDatabase]
    public async Task A_key_without_limits_allows_everything(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var key = await new EabStore(test.Database).CreateAsync(Key("k1"), StorageSamples.Leaf("eabCreated"), Ct);

        Assert.True(key.Allows(Identifier.Dns("example.org")));
        Assert.True(key.AllowsProfile("dv"));
        Assert.Null(key.ExpiresAt);
        Assert.Null(key.Note);
    }

    [Theory, EachDatabase]
    public async Task A_bound_account_has_its_binding_and_is_counted(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var (keys, accounts) = (new EabStore(test.Database), new AccountStore(test.Database));
        var key = await keys.CreateAsync(Key("k1"), StorageSamples.Leaf("eabCreated"), Ct);

        var (account, created) = await accounts.FindOrCreateBoundAsync(StorageSamples.NewAccount("t1"), new ExternalBinding(key.Id, "{}"), Ct);

        Assert.True(created);
        Assert.Equal(new ExternalBinding(key.Id, "{}"), account!.Binding);
        Assert.Equivalent(account, await accounts.FindAsync(account.Id, Ct));
        Assert.Equal(1, (await keys.FindAsync("k1", Ct))!.Accounts);
    }

    [Theory, EachDatabase]
    public async Task Of_many_accounts_that_want_the_last_places_only_so_many_get_one(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var (keys, accounts) = (new EabStore(test.Database), new AccountStore(test.Database));
        var key = await keys.CreateAsync(Key("k1") with { MaxAccounts = 3 }, StorageSamples.Leaf("eabCreated"), Ct);

        var results = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => Task.Run(
            () => accounts.FindOrCreateBoundAsync(StorageSamples.NewAccount($"t{i}"), new ExternalBinding(key.Id, "{}"), Ct), Ct)));

        Assert.Equal(3, results.Count(r => r.Created));
        Assert.Equal(9, results.Count(r => r.Account is null));
        Assert.Equal(3, (await keys.FindAsync("k1", Ct))!.Accounts);
    }

    [Theory, EachDatabase]
    public async Task One_account_key_that_asks_many_times_takes_one_place(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var (keys, accounts) = (new EabStore(test.Database), new AccountStore(test.Database));
        var key = await keys.CreateAsync(Key("k1") with { MaxAccounts = 2 }, StorageSamples.Leaf("eabCreated"), Ct);

        var results = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => Task.Run(
            () => accounts.FindOrCreateBoundAsync(StorageSamples.NewAccount("t1"), new ExternalBinding(key.Id, "{}"), Ct), Ct)));

        Assert.Single(results, r => r.Created);
        Assert.Single(results.Select(r => r.Account?.Id).OfType<AccountId>().Distinct());
        Assert.Equal(1, (await keys.FindAsync("k1", Ct))!.Accounts);
    }

    [Theory, EachDatabase]
    public async Task A_key_that_is_revoked_or_has_run_out_binds_nothing(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var (keys, accounts) = (new EabStore(test.Database), new AccountStore(test.Database));
        var revoked = await keys.CreateAsync(Key("revoked"), StorageSamples.Leaf("eabCreated"), Ct);
        var expired = await keys.CreateAsync(Key("expired") with { ExpiresAt = StorageSamples.Now }, StorageSamples.Leaf("eabCreated"), Ct);
        Assert.True(await keys.RevokeAsync("revoked", StorageSamples.Now, StorageSamples.Leaf("eabRevoked"), Ct));
        Assert.False(await keys.RevokeAsync("revoked", StorageSamples.Now, StorageSamples.Leaf("eabRevoked"), Ct));
        Assert.False(await keys.RevokeAsync("unknown", StorageSamples.Now, StorageSamples.Leaf("eabRevoked"), Ct));

        foreach (var key in new[] { revoked, expired })
        {
            var (account, created) = await accounts.FindOrCreateBoundAsync(StorageSamples.NewAccount("t1"), new ExternalBinding(key.Id, "{}"), Ct);
            Assert.Equal((null, false), (account, created));
        }
        Assert.Null(await accounts.FindByThumbprintAsync("t1", Ct));
        Assert.Equal(EabKeyState.Revoked, (await keys.FindAsync("revoked", Ct))!.StateAt(StorageSamples.Now));
        Assert.Equal(EabKeyState.Expired, (await keys.FindAsync("expired", Ct))!.StateAt(StorageSamples.Now));
    }

    [Theory, EachDatabase]
    public async Task A_rotated_key_has_the_new_MAC_key_unless_it_was_revoked(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var keys = new EabStore(test.Database);
        await keys.CreateAsync(Key("k1"), StorageSamples.Leaf("eabCreated"), Ct);

        Assert.True(await keys.RotateAsync("k1", [9], StorageSamples.Leaf("eabRotated"), Ct));
        Assert.Equal([9], (await keys.FindAsync("k1", Ct))!.SealedMacKey);
        await keys.RevokeAsync("k1", StorageSamples.Now, StorageSamples.Leaf("eabRevoked"), Ct);
        Assert.False(await keys.RotateAsync("k1", [8], StorageSamples.Leaf("eabRotated"), Ct));
    }

    [Theory, EachDatabase]
    public async Task What_is_done_to_a_key_is_a_leaf_of_the_log_and_what_is_not_done_is_none(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var keys = new EabStore(test.Database);

        await keys.CreateAsync(Key("k1"), StorageSamples.Leaf("eabCreated"), Ct);
        await keys.RotateAsync("k1", [9], StorageSamples.Leaf("eabRotated"), Ct);
        await keys.RotateAsync("unknown", [9], StorageSamples.Leaf("eabRotated"), Ct);
        await keys.RevokeAsync("k1", StorageSamples.Now, StorageSamples.Leaf("eabRevoked"), Ct);
        await keys.RevokeAsync("k1", StorageSamples.Now, StorageSamples.Leaf("eabRevoked"), Ct);

        Assert.Equal(["eabCreated", "eabRotated", "eabRevoked"], (await new LogStore(test.Database).ReadAsync(0, 10, Ct)).Select(l => l.Kind));
    }

    private static NewEabKey Key(string kid) => new() { Kid = kid, SealedMacKey = [1, 2, 3], CreatedAt = StorageSamples.Now };
}
