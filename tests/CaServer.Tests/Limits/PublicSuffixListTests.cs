using CaServer.Domain;

namespace CaServer.Tests.Limits;

public sealed class PublicSuffixListTests
{
    private const string DebianFile = "/usr/share/publicsuffix/public_suffix_list.dat";

    private static readonly PublicSuffixList s_list = PublicSuffixList.Parse(
        """
        // a comment
        // ===BEGIN ICANN DOMAINS===
        com
        uk
        co.uk

        // one label below is registered by the registry
        *.ck
        !www.ck
        jp
        ac.jp   what follows a blank does not count
        *.kobe.jp
        !city.kobe.jp
        公司.cn
        // ===END ICANN DOMAINS===
        // ===BEGIN PRIVATE DOMAINS===
        hosting.example.com
        *.apps.example.com
        """.Split('\n'));

    [Theory]
    [InlineData("example.com", "example.com")]
    [InlineData("a.b.example.com", "example.com")]
    [InlineData("com", null)]
    [InlineData("example.co.uk", "example.co.uk")]
    [InlineData("www.example.co.uk", "example.co.uk")]
    [InlineData("co.uk", null)]
    [InlineData("example.uk", "example.uk")]
    [InlineData("ck", null)]
    [InlineData("any.ck", null)]
    [InlineData("b.any.ck", "b.any.ck")]
    [InlineData("a.b.any.ck", "b.any.ck")]
    [InlineData("www.ck", "www.ck")]
    [InlineData("a.www.ck", "www.ck")]
    [InlineData("kobe.jp", "kobe.jp")]
    [InlineData("c.kobe.jp", null)]
    [InlineData("b.c.kobe.jp", "b.c.kobe.jp")]
    [InlineData("city.kobe.jp", "city.kobe.jp")]
    [InlineData("www.city.kobe.jp", "city.kobe.jp")]
    [InlineData("ac.jp", null)]
    [InlineData("a.xn--55qx5d.cn", "a.xn--55qx5d.cn")]
    [InlineData("xn--55qx5d.cn", null)]
    [InlineData("customer.hosting.example.com", "customer.hosting.example.com")]
    [InlineData("hosting.example.com", null)]
    [InlineData("apps.example.com", "example.com")]
    [InlineData("unlisted", null)]
    [InlineData("host.unlisted", "host.unlisted")]
    [InlineData("a.host.unlisted", "host.unlisted")]
    [InlineData("xcom", null)]
    [InlineData("notco.uk", "notco.uk")]
    public void A_registered_domain_is_one_label_more_than_the_public_suffix(string name, string? domain) =>
        Assert.Equal(domain, s_list.RegisteredDomain(name));

    [Theory]
    [InlineData("com", true)]
    [InlineData("co.uk", true)]
    [InlineData("any.ck", true)]
    [InlineData("www.ck", false)]
    [InlineData("unlisted", true)]
    [InlineData("example.com", false)]
    // A hosting provider may certify what it owns.
    [InlineData("hosting.example.com", false)]
    public void A_registry_controls_what_the_first_section_says(string name, bool controlled) =>
        Assert.Equal(controlled, s_list.IsRegistryControlled(name));

    [Theory]
    [InlineData("*.co.uk", false)]
    [InlineData("*.com", false)]
    [InlineData("*.unlisted", false)]
    [InlineData("*.example.co.uk", true)]
    [InlineData("*.hosting.example.com", true)]
    [InlineData("example.com", true)]
    public void A_public_certificate_has_no_wildcard_directly_below_a_public_suffix(string name, bool allowed)
    {
        Assert.Equal(allowed, new NamePolicy(PolicyPreset.WebPki, [], s_list).Refusal(Identifier.Dns(name)) is null);
        Assert.Null(new NamePolicy(PolicyPreset.Private, [], s_list).Refusal(Identifier.Dns(name)));
    }

    [Fact]
    public void Without_a_list_the_last_label_is_the_suffix()
    {
        Assert.Equal("co.uk", PublicSuffixList.Empty.RegisteredDomain("www.co.uk"));
        Assert.Null(PublicSuffixList.Empty.RegisteredDomain("uk"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("// only a comment")]
    [InlineData("<html>")]
    [InlineData("com\nnot,a,rule")]
    public void What_is_no_list_is_refused(string text) =>
        Assert.Throws<FormatException>(() => PublicSuffixList.Parse(text.Split('\n')));

    [Fact]
    public void The_list_that_Debian_ships_is_read()
    {
        Assert.SkipUnless(File.Exists(DebianFile), "The Debian package publicsuffix is not installed.");
        var list = PublicSuffixList.Parse(File.ReadLines(DebianFile));
        Assert.True(list.Count > 5000);
        Assert.Equal("example.co.uk", list.RegisteredDomain("www.example.co.uk"));
        Assert.Equal("someone.github.io", list.RegisteredDomain("a.someone.github.io"));
        Assert.True(list.IsRegistryControlled("co.uk"));
        Assert.False(list.IsRegistryControlled("github.io"));
    }
}
