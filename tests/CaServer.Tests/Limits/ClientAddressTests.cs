using System.Net;
using CaServer.Limits;
using Microsoft.AspNetCore.Http;

namespace CaServer.Tests.Limits;

public sealed class ClientAddressTests
{
    [Theory]
    // Nobody is trusted: what a header says does not count.
    [InlineData("", "192.0.2.9", "198.51.100.1", "192.0.2.9")]
    // Somebody else than the proxy.
    [InlineData("10.0.0.0/8", "192.0.2.9", "198.51.100.1", "192.0.2.9")]
    [InlineData("10.0.0.0/8", "10.0.0.1", "198.51.100.1", "198.51.100.1")]
    [InlineData("10.0.0.0/8", "10.0.0.1", null, "10.0.0.1")]
    // What the client wrote itself stands left of what the proxies added.
    [InlineData("10.0.0.0/8", "10.0.0.1", "203.0.113.66, 198.51.100.1", "198.51.100.1")]
    [InlineData("10.0.0.0/8", "10.0.0.1", "203.0.113.66, 198.51.100.1, 10.0.0.2", "198.51.100.1")]
    [InlineData("10.0.0.0/8", "10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3")]
    [InlineData("10.0.0.0/8", "10.0.0.1", "198.51.100.1, junk", "10.0.0.1")]
    [InlineData("10.0.0.0/8", "10.0.0.1", "198.51.100.1, junk, 10.0.0.2", "10.0.0.2")]
    [InlineData("10.0.0.0/8", "10.0.0.1", "198.51.100.1:5678", "198.51.100.1")]
    [InlineData("10.0.0.0/8", "10.0.0.1", "[2001:db8::1]:5678", "2001:db8::1")]
    [InlineData("10.0.0.0/8", "::ffff:10.0.0.1", "::ffff:198.51.100.1", "198.51.100.1")]
    [InlineData("::1/128", "::1", "2001:db8::7", "2001:db8::7")]
    [InlineData("", "fe80::1%3", null, "fe80::1")]
    [InlineData("", "::ffff:192.0.2.9", null, "192.0.2.9")]
    public void The_client_is_the_last_that_no_known_proxy_is(string trusted, string remote, string? forwarded, string client)
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Parse(remote);
        if (forwarded is not null)
            context.Request.Headers["X-Forwarded-For"] = forwarded;
        var address = new ClientAddress(trusted.Length == 0 ? [] : [IPNetwork.Parse(trusted)]).Of(context);
        Assert.Equal(client, address.ToString());
    }

    [Fact]
    public void Several_headers_are_one_list()
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Parse("10.0.0.1");
        context.Request.Headers["X-Forwarded-For"] = new[] { "203.0.113.66", "198.51.100.1" };
        Assert.Equal("198.51.100.1", new ClientAddress([IPNetwork.Parse("10.0.0.0/8")]).Of(context).ToString());
    }
}
