using CaServer.Domain;

namespace CaServer.Tests.Domain;

/// <summary>The records of dns-account-01 and dns-persist-01, by the examples that their drafts give.</summary>
public sealed class RecordTests
{
    private const string Prefix = "https://ca.example/account-hash/";
    private const string Thumbprint = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"; // RFC 7638 §3.1
    private const string Account = "https://ca.example/acct/123";

    [Fact] // draft-ietf-acme-dns-account-label, the same in revisions 00 to 03
    public void The_account_label_is_that_of_the_draft() =>
        Assert.Equal(
            "_ujmmovf2vn55tgye._acme-challenge.example.org",
            DnsAccount01.RecordName(Identifier.Dns("*.example.org"), "https://example.com/acme/acct/ExampleAccount"));

    [Fact] // draft-ietf-acme-dns-persist-02 §10.2
    public void The_account_URIs_are_those_of_the_draft()
    {
        var (forName, forAnyName) = DnsPersist01.AccountUris(Prefix, Identifier.Dns("example.com"), Thumbprint, Account);

        Assert.Equal(Prefix + "sha-256/5SQm7n6tPh2-PlLbCKGnViTXX5z19SCN4cPGQHSk-kw", forName);
        Assert.Equal(Prefix + "sha-256/NpDnSwUthQK8zCgFdefYxAdAVPnygMLbs9US6oO-5ug", forAnyName);
    }

    [Fact]
    public void A_wildcard_has_the_record_of_the_name_below_the_asterisk_and_needs_the_policy()
    {
        var wildcard = Identifier.Dns("*.example.com");

        Assert.Equal("_validation-persist.example.com", DnsPersist01.RecordName(wildcard));
        Assert.Equal(DnsPersist01.AccountUris(Prefix, Identifier.Dns("example.com"), Thumbprint, Account), DnsPersist01.AccountUris(Prefix, wildcard, Thumbprint, Account));
        Assert.Equal("ca.example; accounturi=x; policy=wildcard", DnsPersist01.RecordValue("ca.example", "x", namesBelow: true));
        Assert.Equal("ca.example; accounturi=x", DnsPersist01.RecordValue("ca.example", "x", namesBelow: false));
    }
}
