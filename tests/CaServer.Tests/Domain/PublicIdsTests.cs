using System.Security.Cryptography;
using CaServer.Domain;

namespace CaServer.Tests.Domain;

public sealed class PublicIdsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(long.MaxValue)]
    public void An_id_reads_back_as_its_own_kind_only(long value)
    {
        using var ids = new PublicIds(RandomNumberGenerator.GetBytes(16));
        var text = ids.Of(new OrderId(value));
        Assert.Matches("^[A-Za-z0-9_-]{22}$", text);
        Assert.True(ids.TryDecode(text, out OrderId order));
        Assert.Equal(value, order.Value);
        Assert.False(ids.TryDecode(text, out AccountId _));
        Assert.False(ids.TryDecode(text, out AuthorizationId _));
        Assert.False(ids.TryDecode(text, out ChallengeId _));
        Assert.False(ids.TryDecode(text, out IssuanceId _));
        Assert.False(ids.TryDecodeChecks(text, out _));
    }

    [Fact]
    public void The_id_of_an_authorization_and_that_of_its_checks_are_two()
    {
        using var ids = new PublicIds(RandomNumberGenerator.GetBytes(16));
        var (own, checks) = (ids.Of(new AuthorizationId(7)), ids.OfChecks(new AuthorizationId(7)));
        Assert.NotEqual(own, checks);
        Assert.False(ids.TryDecodeChecks(own, out _));
        Assert.False(ids.TryDecode(checks, out AuthorizationId _));
        Assert.True(ids.TryDecodeChecks(checks, out var id));
        Assert.Equal(7, id.Value);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("AAAAAAAAAAA AAAAAAAAAA")]
    [InlineData("../../../../etc/passwd")]
    public void Other_text_is_no_id(string? text)
    {
        using var ids = new PublicIds(RandomNumberGenerator.GetBytes(16));
        Assert.False(ids.TryDecode(text, out OrderId _));
    }

    [Fact]
    public void Another_servers_id_is_no_id()
    {
        using var ids = new PublicIds(RandomNumberGenerator.GetBytes(16));
        using var others = new PublicIds(RandomNumberGenerator.GetBytes(16));
        Assert.False(ids.TryDecode(others.Of(new OrderId(1)), out OrderId _));
    }
}
