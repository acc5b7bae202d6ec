using CaServer.Domain;
using CaServer.Storage;
using CaServer.TestKit.Storage;

namespace CaServer.Tests.Storage;

public sealed class AccountStoreTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task An_account_reads_back_as_it_was_stored(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var store = new AccountStore(test.Database);

        var (account, created) = await store.FindOrCreateAsync(StorageSamples.NewAccount("t1"), Ct);

        Assert.True(created);
        Assert.Equal(AccountStatus.Valid, account.Status);
        Assert.Equal("t1", account.Thumbprint);
        Assert.Equal(["mailto:someone@example.org"], account.Contacts);
        Assert.Equal(StorageSamples.Now, account.TermsAgreedAt);
        Assert.Equal(StorageSamples.Now, account.CreatedAt);
        Assert.Equivalent(account, await store.FindAsync(account.Id, Ct));
        Assert.Equivalent(account, await store.FindByThumbprintAsync("t1", Ct));
        Assert.Equal([[7, 7, 7]], await store.KeyHistoryAsync(account.Id, Ct));
    }

    [Theory, EachDatabase]
    public async Task An_account_that_never_agreed_to_terms_has_no_time_of_it(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var store = new AccountStore(test.Database);

        var (account, _) = await store.FindOrCreateAsync(StorageSamples.NewAccount("t1") with { TermsAgreedAt = null, Contacts = [] }, Ct);

        Assert.Null(account.TermsAgreedAt);
        Assert.Empty(account.Contacts);
    }

    [Theory, EachDatabase]
    public async Task A_known_key_gives_the_account_as_it_is(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var store = new AccountStore(test.Database);
        var (first, _) = await store.FindOrCreateAsync(StorageSamples.NewAccount("t1"), Ct);

        var (second, created) = await store.FindOrCreateAsync(StorageSamples.NewAccount("t1") with { Contacts = [], RequestJws = [8] }, Ct);

        Assert.False(created);
        Assert.Equivalent(first, second);
        Assert.Equal([[7, 7, 7]], await store.KeyHistoryAsync(first.Id, Ct));
    }

    [Theory, EachDatabase]
    public async Task Of_many_callers_with_one_key_exactly_one_makes_the_account(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var store = new AccountStore(test.Database);

        var results = await Task.WhenAll(
            Enumerable.Range(0, 12).Select(_ => Task.Run(() => store.FindOrCreateAsync(StorageSamples.NewAccount("t1"), Ct), Ct)));

        Assert.Single(results, r => r.Created);
        Assert.Single(results.Select(r => r.Account.Id).Distinct());
        Assert.Single(await store.KeyHistoryAsync(results[0].Account.Id, Ct));
    }

    [Theory, EachDatabase]
    public async Task A_deactivated_account_is_deactivated_once_and_keeps_its_contacts(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var store = new AccountStore(test.Database);
        var account = await new StorageSamples(test.Database).AccountAsync();
        Assert.True(await store.UpdateContactsAsync(account.Id, ["mailto:new@example.org"], Ct));

        Assert.True(await store.DeactivateAsync(account.Id, StorageSamples.Leaf("accountEnded"), Ct));
        Assert.False(await store.DeactivateAsync(account.Id, StorageSamples.Leaf("accountEnded"), Ct));
        Assert.False(await store.UpdateContactsAsync(account.Id, [], Ct));

        var found = await store.FindAsync(account.Id, Ct);
        Assert.Equal(AccountStatus.Deactivated, found!.Status);
        Assert.Equal(["mailto:new@example.org"], found.Contacts);
    }

    [Theory, EachDatabase]
    public async Task A_key_change_and_the_end_of_an_account_are_leaves_of_the_log_and_what_did_not_happen_is_none(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var store = new AccountStore(test.Database);
        var account = await new StorageSamples(test.Database).AccountAsync();
        Task<bool> ChangeAsync(string old, string next) => store.ChangeKeyAsync(account.Id, old, next, "{}", [8], StorageSamples.Leaf("keyChanged"), Ct);

        Assert.True(await ChangeAsync(account.Thumbprint, "next"));
        Assert.False(await ChangeAsync(account.Thumbprint, "other"));
        Assert.True(await store.DeactivateAsync(account.Id, StorageSamples.Leaf("accountEnded"), Ct));
        Assert.False(await store.RevokeAsync(account.Id, StorageSamples.Leaf("accountEnded"), Ct));
        Assert.False(await ChangeAsync("next", "other"));

        Assert.Equal(2, (await store.KeyHistoryAsync(account.Id, Ct)).Count);
        Assert.Equal(["keyChanged", "accountEnded"], (await new LogStore(test.Database).ReadAsync(0, 10, Ct)).Select(l => l.Kind));
    }

    [Theory, EachDatabase]
    public async Task An_unknown_account_is_null(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var store = new AccountStore(test.Database);

        Assert.Null(await store.FindAsync(new AccountId(99), Ct));
        Assert.Null(await store.FindByThumbprintAsync("none", Ct));
        Assert.Empty(await store.KeyHistoryAsync(new AccountId(99), Ct));
    }
}
