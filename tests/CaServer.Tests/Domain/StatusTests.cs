using System.Buffers.Text;
using CaServer.Domain;

namespace CaServer.Tests.Domain;

/// <summary>RFC 8555 §7.1.6, §8.1: what time does to states, and what a challenge's token is.</summary>
public sealed class StatusTests
{
    private static readonly DateTimeOffset s_end = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(AuthorizationStatus.Pending, AuthorizationStatus.Invalid)]
    [InlineData(AuthorizationStatus.Valid, AuthorizationStatus.Expired)]
    [InlineData(AuthorizationStatus.Invalid, AuthorizationStatus.Invalid)]
    [InlineData(AuthorizationStatus.Deactivated, AuthorizationStatus.Deactivated)]
    [InlineData(AuthorizationStatus.Revoked, AuthorizationStatus.Revoked)]
    public void What_runs_out_shows_the_state_of_the_text(AuthorizationStatus status, AuthorizationStatus afterwards)
    {
        var authorization = new Authorization
        {
            Id = new AuthorizationId(1),
            AccountId = new AccountId(1),
            Identifier = Identifier.Dns("a.example"),
            Status = status,
            Expires = s_end,
            Challenges = [],
        };
        Assert.Equal(status, authorization.StatusAt(s_end.AddSeconds(-1)));
        Assert.Equal(afterwards, authorization.StatusAt(s_end));
    }

    [Theory]
    [InlineData(OrderStatus.Pending, OrderStatus.Invalid)]
    [InlineData(OrderStatus.Ready, OrderStatus.Invalid)]
    [InlineData(OrderStatus.Processing, OrderStatus.Processing)]
    [InlineData(OrderStatus.Valid, OrderStatus.Valid)]
    [InlineData(OrderStatus.Invalid, OrderStatus.Invalid)]
    public void An_order_that_ran_out_before_it_was_finalized_is_invalid(OrderStatus status, OrderStatus afterwards)
    {
        var order = new Order
        {
            Id = new OrderId(1),
            AccountId = new AccountId(1),
            Status = status,
            Identifiers = [],
            Authorizations = [],
            Profile = "dv",
            Expires = s_end,
            CreatedAt = s_end.AddDays(-7),
        };
        Assert.Equal(status, order.StatusAt(s_end.AddSeconds(-1)));
        Assert.Equal(afterwards, order.StatusAt(s_end));
    }

    [Fact]
    public void A_token_has_256_random_bits_in_base64url_and_is_joined_to_the_thumbprint()
    {
        var tokens = Enumerable.Range(0, 100).Select(_ => Challenge.NewToken()).ToList();
        Assert.All(tokens, t => Assert.Equal(32, Base64Url.DecodeFromChars(t).Length));
        Assert.All(tokens, t => Assert.Matches("^[A-Za-z0-9_-]{43}$", t));
        Assert.Equal(100, tokens.Distinct().Count());
        Assert.Equal("token.thumbprint", Challenge.KeyAuthorization("token", "thumbprint"));
    }

    [Theory]
    [InlineData("a.example", "example", true)]
    [InlineData("b.a.example", "example", true)]
    [InlineData("*.example", "example", true)]
    [InlineData("*.a.example", "example", true)]
    [InlineData("example", "example", false)]
    [InlineData("aexample", "example", false)]
    [InlineData("a.example", "*.example", false)]
    [InlineData("example", "a.example", false)]
    public void A_name_is_below_a_domain_only_at_a_dot(string name, string domain, bool isBelow) =>
        Assert.Equal(isBelow, Identifier.Dns(name).IsBelow(Identifier.Dns(domain)));
}
