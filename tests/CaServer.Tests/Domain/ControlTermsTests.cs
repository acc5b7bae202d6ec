using CaServer.Domain;

namespace CaServer.Tests.Domain;

public sealed class ControlTermsTests
{
    private static readonly ControlTerms s_terms = new()
    {
        Method = ValidationMethod.DnsText,
        Token = "evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA",
        AccountUrl = "https://ca.example/acme/account/1",
        Identifier = Identifier.Dns("www.example.org"),
        CreatedAt = 1_800_000_000,
    };

    [Fact]
    public void The_value_is_made_from_all_that_the_request_is_about()
    {
        ControlTerms[] others =
        [
            s_terms with { Method = ValidationMethod.AgreedFile },
            s_terms with { Token = Challenge.NewToken() },
            s_terms with { AccountUrl = "https://ca.example/acme/account/2" },
            s_terms with { Identifier = Identifier.Dns("*.www.example.org") },
            s_terms with { Recipient = "admin@example.org" },
            s_terms with { CreatedAt = 1_800_000_001 },
        ];
        Assert.Equal(1 + others.Length, others.Append(s_terms).Select(t => t.PublishedValue()).Distinct().Count());
        Assert.Equal(1 + others.Length, others.Append(s_terms).Select(t => t.SentValue(new byte[32])).Distinct().Count());
    }

    // printf 'control request\ndns-txt\n…\n1800000000' | openssl dgst -sha256 -binary | head -c 20 | base32 | tr A-Z a-z; with -hmac for the second.
    [Fact]
    public void It_is_160_bits_in_base32()
    {
        Assert.Equal("pqb5gxd4ctvrm53u6q5nlwozku6udcdj", s_terms.PublishedValue());
        Assert.Equal("bsyi3rjpmsbeudjgc7zef7qbzbyd3vks", s_terms.SentValue("key"u8));
    }

    [Theory]
    [InlineData("admin@example.org", "admin@example.org")]
    [InlineData("a.b+c@EXAMPLE.org", "a.b+c@example.org")]
    [InlineData("Mail <admin@example.org>", null)]
    [InlineData("\"a b\"@example.org", null)]
    [InlineData("a..b@example.org", null)]
    [InlineData(".a@example.org", null)]
    [InlineData("a@b@example.org", null)]
    [InlineData("a\r\nBcc: b@example.org", null)]
    [InlineData("a@[192.0.2.1]", null)]
    [InlineData("a@*.example.org", null)]
    [InlineData("@example.org", null)]
    [InlineData("example.org", null)]
    public void An_address_is_plain_or_none(string text, string? read) =>
        Assert.Equal(read, EmailAddress.TryParse(text, out var address) ? address.ToString() : null);

    [Theory]
    [InlineData("admin@example.org", "www.example.org", "example.org")]
    [InlineData("hostmaster@www.example.org", "www.example.org", "www.example.org")]
    [InlineData("info@example.org", "www.example.org", null)]
    [InlineData("admin@example.com", "www.example.org", null)]
    [InlineData("admin@shop.www.example.org", "www.example.org", null)]
    public void A_constructed_address_is_at_the_name_or_above(string address, string name, string? domain)
    {
        Assert.True(EmailAddress.TryParse(address, out var parsed));
        Assert.Equal(domain, ManualProof.IsConstructed(parsed, Identifier.Dns(name), out var found) ? found.Value : null);
    }
}
