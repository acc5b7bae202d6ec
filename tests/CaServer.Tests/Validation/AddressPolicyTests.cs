using System.Net;
using CaServer.Domain;
using CaServer.Validation.Addresses;

namespace CaServer.Tests.Validation;

public sealed class AddressPolicyTests
{
    private static readonly AddressPolicy s_private = new(PolicyPreset.Private, []);
    private static readonly AddressPolicy s_public = new(PolicyPreset.WebPki, []);

    // What no operator can permit, whatever is listed.
    private static readonly AddressPolicy s_everything = new(PolicyPreset.Private, [IPNetwork.Parse("0.0.0.0/0"), IPNetwork.Parse("::/0")]);

    public static TheoryData<string> Never =>
    [
        "0.0.0.0", "0.1.2.3", "169.254.169.254", "169.254.0.1", "169.254.170.2", "100.100.100.200", "168.63.129.16", "192.0.0.192",
        "224.0.0.1", "239.255.255.255", "255.255.255.255",
        "::", "fe80::1", "fe80::1%1", "febf::1", "ff02::1", "fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254", "fd00:c1::a9fe:a9fe", "fd00:42::42",
        "::ffff:169.254.169.254", "::169.254.169.254", "::ffff:0:169.254.169.254", "64:ff9b::169.254.169.254", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a9fe:a9fe",
        "2002:a9fe:a9fe::1", "fd12::5efe:169.254.169.254", "2001:4860::200:5efe:a9fe:a9fe", "::ffff:0.0.0.0", "::ffff:224.0.0.1", "64:ff9b::ffff:ffff",
    ];

    public static TheoryData<string> NotPublic =>
    [
        "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "127.0.0.1", "127.255.255.254", "100.64.0.1", "192.0.0.8", "192.0.2.7",
        "198.18.0.1", "198.51.100.9", "203.0.113.5", "192.88.99.1", "240.0.0.1",
        "::1", "fc00::1", "fd12:3456::1", "fec0::1", "2001:db8::1", "2001::1", "2001:20::1", "3fff::1", "100::1", "5f00::1", "4000::1",
        "::ffff:127.0.0.1", "::127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::192.168.0.1", "2002:7f00:1::", "2002:c0a8:101::1",
    ];

    public static TheoryData<string> Public =>
    [
        "1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.1", "172.15.255.255", "172.32.0.1", "193.0.0.1", "223.255.255.255",
        "2606:4700::1111", "2a00:1450::1", "2001:4860:4860::8888", "2003::1", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1",
    ];

    public static TheoryData<string> PrivateRanges =>
        ["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "fc00::1", "fd12:3456::1", "::ffff:10.0.0.1", "64:ff9b::192.168.0.1"];

    public static TheoryData<string> Loopback => ["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"];

    [Theory]
    [MemberData(nameof(Never))]
    public void What_is_link_local_metadata_or_no_one_host_is_refused_whatever_is_listed(string address)
    {
        foreach (var policy in (AddressPolicy[])[s_private, s_public, s_everything])
            Assert.NotNull(policy.Refusal(IPAddress.Parse(address), forLocalhost: true));
        Assert.False(AddressPolicy.CanBeListed(IPAddress.Parse(address)));
    }

    [Theory]
    [MemberData(nameof(NotPublic))]
    public void The_webpki_preset_refuses_what_is_not_public_unless_it_is_listed(string address)
    {
        Assert.NotNull(s_public.Refusal(IPAddress.Parse(address), forLocalhost: true));
        Assert.Null(s_everything.Refusal(IPAddress.Parse(address), forLocalhost: false));
    }

    [Theory]
    [MemberData(nameof(Public))]
    public void Public_addresses_are_permitted_by_both_presets(string address)
    {
        Assert.Null(s_public.Refusal(IPAddress.Parse(address), forLocalhost: false));
        Assert.Null(s_private.Refusal(IPAddress.Parse(address), forLocalhost: false));
    }

    [Theory]
    [MemberData(nameof(PrivateRanges))]
    public void The_private_preset_permits_private_ranges(string address) =>
        Assert.Null(s_private.Refusal(IPAddress.Parse(address), forLocalhost: false));

    [Theory]
    [MemberData(nameof(Loopback))]
    public void The_private_preset_permits_loopback_for_localhost_only(string address)
    {
        Assert.Null(s_private.Refusal(IPAddress.Parse(address), forLocalhost: true));
        Assert.NotNull(s_private.Refusal(IPAddress.Parse(address), forLocalhost: false));
    }

    [Fact]
    public void A_listed_network_is_listed_in_the_forms_that_carry_it()
    {
        var policy = new AddressPolicy(PolicyPreset.WebPki, [IPNetwork.Parse("127.0.0.0/8")]);
        Assert.Null(policy.Refusal(IPAddress.Parse("127.0.0.1"), forLocalhost: false));
        Assert.Null(policy.Refusal(IPAddress.Parse("::ffff:127.0.0.1"), forLocalhost: false));
        Assert.NotNull(policy.Refusal(IPAddress.Parse("::1"), forLocalhost: false));
        Assert.NotNull(policy.Refusal(IPAddress.Parse("10.0.0.1"), forLocalhost: false));
    }

    [Theory]
    [InlineData("localhost", true)]
    [InlineData("a.b.localhost", true)]
    [InlineData("notlocalhost", false)]
    [InlineData("localhost.example", false)]
    public void Only_what_lies_at_or_below_localhost_is_localhost(string name, bool expected) => Assert.Equal(expected, LocalhostName.Is(name));
}
