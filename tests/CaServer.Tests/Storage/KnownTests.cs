using CaServer.Domain;
using CaServer.Storage;
using CaServer.TestKit.Storage;

namespace CaServer.Tests.Storage;

public sealed class KnownTests
{
    private static readonly AccountId s_id = new(1);

    private long? _mark = 0;
    private int _reads;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_account_is_read_once_until_one_is_changed()
    {
        var known = new Known<AccountId, Account>(() => _mark, most: 10);
        await known.FindAsync(s_id, ReadAsync);
        await known.FindAsync(s_id, ReadAsync);
        Assert.Equal(1, _reads);

        await known.ChangeAsync(s_id, Task.FromResult(true));
        await known.FindAsync(s_id, ReadAsync);
        Assert.Equal(2, _reads);
    }

    [Fact]
    public async Task A_write_whose_fate_is_unknown_is_taken_for_a_change()
    {
        var known = new Known<AccountId, Account>(() => _mark, most: 10);
        await known.FindAsync(s_id, ReadAsync);
        await Assert.ThrowsAsync<InvalidOperationException>(() => known.ChangeAsync(s_id, Task.FromException<bool>(new InvalidOperationException())));
        await known.FindAsync(s_id, ReadAsync);
        Assert.Equal(2, _reads);
    }

    [Fact]
    public async Task What_was_read_while_an_account_changed_is_not_kept()
    {
        var known = new Known<AccountId, Account>(() => _mark, most: 10);
        await known.FindAsync(s_id, async id =>
        {
            await known.ChangeAsync(s_id, Task.FromResult(true));
            return await ReadAsync(id);
        });
        await known.FindAsync(s_id, ReadAsync);
        Assert.Equal(2, _reads);
    }

    [Fact]
    public async Task A_write_of_another_process_has_everything_read_again()
    {
        var known = new Known<AccountId, Account>(() => _mark, most: 10);
        await known.FindAsync(s_id, ReadAsync);
        _mark = null;
        await known.FindAsync(s_id, ReadAsync);
        _mark = 1;
        await known.FindAsync(s_id, ReadAsync);
        await known.FindAsync(s_id, ReadAsync);
        Assert.Equal(3, _reads);
    }

    [Fact]
    public async Task An_account_that_there_is_not_is_looked_for_each_time()
    {
        var known = new Known<AccountId, Account>(() => _mark, most: 10);
        for (var i = 0; i < 2; i++)
            Assert.Null(await known.FindAsync(s_id, NoneAsync));
        Assert.Equal(2, _reads);
    }

    [Fact]
    public async Task A_change_of_any_has_everything_read_again()
    {
        var known = new Known<AccountId, Account>(() => _mark, most: 10);
        await known.FindAsync(s_id, ReadAsync);
        await known.ChangeAllAsync(Task.FromResult(true));
        await known.FindAsync(s_id, ReadAsync);
        Assert.Equal(2, _reads);
    }

    [Fact]
    public async Task A_change_of_one_leaves_another_known()
    {
        var known = new Known<AccountId, Account>(() => _mark, most: 10);
        await known.FindAsync(s_id, ReadAsync);
        await known.ChangeAsync(new AccountId(2), Task.FromResult(true));
        Assert.NotNull(known.Find(s_id));
    }

    [Fact]
    public async Task No_more_are_kept_than_there_is_room_for()
    {
        var known = new Known<AccountId, Account>(() => _mark, most: 2);
        foreach (var id in (long[])[1, 2, 3])
            await known.FindAsync(new AccountId(id), ReadAsync);
        Assert.Null(known.Find(new AccountId(1)));
        Assert.NotNull(known.Find(new AccountId(3)));
    }

    [Fact]
    public void What_is_kept_after_a_change_that_came_before_is_not_used()
    {
        var known = new Known<AccountId, Account>(() => _mark, most: 10);
        var before = known.Now(s_id);
        known.Change(s_id);
        known.Keep(s_id, Sample(s_id), before);
        Assert.Null(known.Find(s_id));
    }

    [Theory, EachDatabase]
    public async Task An_account_given_up_or_taken_away_is_so_at_once(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var store = new AccountStore(test.Database);
        var (account, _) = await store.FindOrCreateAsync(StorageSamples.NewAccount("t1"), Ct);
        Assert.Equal(AccountStatus.Valid, (await store.FindAsync(account.Id, Ct))!.Status);

        await store.ChangeKeyAsync(account.Id, "t1", "t2", "{}", [1], StorageSamples.Leaf("k"), Ct);
        Assert.Equal("t2", (await store.FindAsync(account.Id, Ct))!.Thumbprint);
        await new AccountStore(test.Database).DeactivateAsync(account.Id, StorageSamples.Leaf("d"), Ct);
        Assert.Equal(AccountStatus.Deactivated, (await store.FindAsync(account.Id, Ct))!.Status);
    }

    [Theory, EachDatabase(DatabaseKind.Sqlite)]
    public async Task An_account_that_a_command_beside_takes_away_is_so_at_once(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var store = new AccountStore(test.Database);
        var (account, _) = await store.FindOrCreateAsync(StorageSamples.NewAccount("t1"), Ct);
        await store.FindAsync(account.Id, Ct);

        await using (var command = await Database.OpenForCommandAsync(test.Settings, TimeProvider.System, Ct))
            Assert.True(await new AccountStore(command).RevokeAsync(account.Id, StorageSamples.Leaf("r"), Ct));

        Assert.Equal(AccountStatus.Revoked, (await store.FindAsync(account.Id, Ct))!.Status);
    }

    private Task<Account?> NoneAsync(AccountId id)
    {
        _reads++;
        return Task.FromResult<Account?>(null);
    }

    private Task<Account?> ReadAsync(AccountId id)
    {
        _reads++;
        return Task.FromResult<Account?>(Sample(id));
    }

    private static Account Sample(AccountId id) => new()
    {
        Id = id,
        Status = AccountStatus.Valid,
        Thumbprint = "t",
        Jwk = "{}",
        Contacts = [],
        TermsAgreedAt = null,
        CreatedAt = StorageSamples.Now,
    };
}
