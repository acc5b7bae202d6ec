using CaServer.Acme;
using Microsoft.Extensions.Time.Testing;

namespace CaServer.Tests.Acme;

public sealed class NoncesTests
{
    private static readonly TimeSpan s_lifetime = TimeSpan.FromHours(1);

    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void A_nonce_is_good_once()
    {
        using var nonces = new Nonces(_clock, s_lifetime);
        var nonce = nonces.Issue();
        Assert.Matches("^[A-Za-z0-9_-]{22}$", nonce);
        Assert.True(nonces.TryRedeem(nonce));
        Assert.False(nonces.TryRedeem(nonce));
    }

    [Fact]
    public void A_nonce_is_good_until_its_time_is_over()
    {
        using var nonces = new Nonces(_clock, s_lifetime);
        var (first, second) = (nonces.Issue(), nonces.Issue());
        _clock.Advance(s_lifetime);
        Assert.True(nonces.TryRedeem(first));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.False(nonces.TryRedeem(second));
    }

    [Fact]
    public void A_nonce_of_another_process_is_unknown()
    {
        using var nonces = new Nonces(_clock, s_lifetime);
        using var others = new Nonces(_clock, s_lifetime);
        Assert.False(nonces.TryRedeem(others.Issue()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("not a nonce at all....")]
    public void Other_text_is_no_nonce(string text)
    {
        using var nonces = new Nonces(_clock, s_lifetime);
        nonces.Issue();
        Assert.False(nonces.TryRedeem(text));
    }

    [Fact]
    public void Each_nonce_can_be_redeemed_by_one_of_many_threads_only()
    {
        using var nonces = new Nonces(_clock, s_lifetime);
        var issued = Enumerable.Range(0, 5_000).Select(_ => nonces.Issue()).ToArray();
        var redeemed = 0;
        Parallel.For(0, issued.Length * 4, i =>
        {
            if (nonces.TryRedeem(issued[i % issued.Length]))
                Interlocked.Increment(ref redeemed);
        });
        Assert.Equal(issued.Length, redeemed);
    }

    [Fact]
    public void A_nonce_that_left_the_window_is_refused_and_its_place_is_free_again()
    {
        using var nonces = new Nonces(_clock, s_lifetime, window: 128);
        var first = nonces.Issue();
        Assert.True(nonces.TryRedeem(nonces.Issue()));
        for (var i = 0; i < 128; i++)
            nonces.Issue();
        Assert.False(nonces.TryRedeem(first));
        Assert.True(nonces.TryRedeem(nonces.Issue()));
    }
}
