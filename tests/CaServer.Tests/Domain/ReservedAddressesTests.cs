using System.Net;
using CaServer.Domain;

namespace CaServer.Tests;

public sealed class ReservedAddressesTests
{
    [Theory]
    [InlineData("10.1.2.3")]
    [InlineData("127.0.0.1")]
    [InlineData("100.64.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.175.48.6")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::1")]
    [InlineData("fe80::1")]
    [InlineData("fd00::1")]
    [InlineData("2001:db8::1")]
    [InlineData("2001:20::1")]
    [InlineData("2002:101:101::1")]
    [InlineData("3fff::1")]
    [InlineData("4000::1")]
    [InlineData("64:ff9b::101:101")]
    public void A_special_address_is_refused_for_a_public_certificate(string address)
    {
        Assert.True(ReservedAddresses.Contains(IPAddress.Parse(address)));
        Assert.NotNull(new NamePolicy(PolicyPreset.WebPki, []).Refusal(Identifier.Ip(address)));
        Assert.Null(new NamePolicy(PolicyPreset.Private, []).Refusal(Identifier.Ip(address)));
    }

    [Theory]
    [InlineData("1.1.1.1")]
    [InlineData("172.32.0.1")]
    [InlineData("100.128.0.1")]
    [InlineData("2606:4700:4700::1111")]
    [InlineData("2001:4860:4860::8888")]
    public void A_public_address_is_not(string address)
    {
        Assert.False(ReservedAddresses.Contains(IPAddress.Parse(address)));
        Assert.Null(new NamePolicy(PolicyPreset.WebPki, []).Refusal(Identifier.Ip(address)));
    }
}
