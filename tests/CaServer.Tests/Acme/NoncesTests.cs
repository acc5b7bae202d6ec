using System.Security.Cryptography;
using CaServer.Acme;
using CaServer.Storage;
using CaServer.TestKit.Storage;
using Microsoft.Extensions.Time.Testing;

namespace CaServer.Tests.Acme;

public sealed class NoncesTests
{
    private static readonly TimeSpan s_lifetime = TimeSpan.FromHours(1);

    private readonly FakeTimeProvider _clock = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_nonce_is_good_once()
    {
        using var nonces = NewNonces();
        var nonce = nonces.Issue();
        Assert.Matches("^[A-Za-z0-9_-]{22}$", nonce);
        Assert.True(await nonces.RedeemAsync(nonce, Ct));
        Assert.False(await nonces.RedeemAsync(nonce, Ct));
    }

    [Fact]
    public async Task A_nonce_is_good_until_its_time_is_over()
    {
        using var nonces = NewNonces();
        var (first, second) = (nonces.Issue(), nonces.Issue());
        _clock.Advance(s_lifetime);
        Assert.True(await nonces.RedeemAsync(first, Ct));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.False(await nonces.RedeemAsync(second, Ct));
    }

    [Fact]
    public async Task A_nonce_of_another_process_is_unknown()
    {
        using var nonces = NewNonces();
        using var others = NewNonces();
        Assert.False(await nonces.RedeemAsync(others.Issue(), Ct));
    }

    [Theory]
    [InlineData("")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("not a nonce at all....")]
    public async Task Other_text_is_no_nonce(string text)
    {
        using var nonces = NewNonces();
        nonces.Issue();
        Assert.False(await nonces.RedeemAsync(text, Ct));
    }

    [Fact]
    public async Task Each_nonce_can_be_redeemed_by_one_of_many_threads_only()
    {
        using var nonces = NewNonces();
        var issued = Enumerable.Range(0, 2_000).Select(_ => nonces.Issue()).ToArray();
        var redeemed = 0;
        await Parallel.ForAsync(0, issued.Length * 4, Ct, async (i, ct) =>
        {
            if (await nonces.RedeemAsync(issued[i % issued.Length], ct))
                Interlocked.Increment(ref redeemed);
        });
        Assert.Equal(issued.Length, redeemed);
    }

    [Theory, EachDatabase]
    public async Task A_nonce_of_one_instance_is_good_once_at_any_other_on_the_same_database(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var key = RandomNumberGenerator.GetBytes(Nonces.KeyLength);
        using var one = new Nonces(key, _clock, s_lifetime, new NonceStore(test.Database));
        using var other = new Nonces(key, _clock, s_lifetime, new NonceStore(test.Database));
        var (first, second, third) = (one.Issue(), one.Issue(), other.Issue());
        Assert.True(await other.RedeemAsync(first, Ct));
        Assert.False(await one.RedeemAsync(first, Ct));
        Assert.True(await one.RedeemAsync(second, Ct));
        _clock.Advance(s_lifetime + TimeSpan.FromSeconds(1));
        Assert.False(await one.RedeemAsync(third, Ct));
        Assert.False(await one.RedeemAsync("AAAAAAAAAAAAAAAAAAAAAA", Ct));
    }

    [Fact]
    public async Task A_nonce_that_left_the_window_is_refused_and_its_place_is_free_again()
    {
        using var nonces = NewNonces(window: 128);
        var first = nonces.Issue();
        Assert.True(await nonces.RedeemAsync(nonces.Issue(), Ct));
        for (var i = 0; i < 128; i++)
            nonces.Issue();
        Assert.False(await nonces.RedeemAsync(first, Ct));
        Assert.True(await nonces.RedeemAsync(nonces.Issue(), Ct));
    }

    private Nonces NewNonces(int window = 1 << 12) => new(RandomNumberGenerator.GetBytes(Nonces.KeyLength), _clock, s_lifetime, shared: null, window);
}
