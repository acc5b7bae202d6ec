using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CaServer.Domain;
using CaServer.Pki.X509;
using CaServer.Signing;
using CaServer.TestKit.Evidence;

namespace CaServer.Tests.Signing;

/// <summary>Leaves are hashed into a log, so the same event must always give the same octets.</summary>
public sealed class LogLeafTests
{
    private static readonly DateTimeOffset s_time = new(2026, 11, 24, 12, 34, 56, 789, TimeSpan.FromHours(2));

    private static readonly IssuanceRecord s_record = new()
    {
        Order = 42,
        Account = 7,
        FinalizeJws = null,
        Serial = Serial(),
        Issuer = "issuing",
        Profile = "dv",
        NotBefore = s_time,
        NotAfter = s_time,
        Tbs = [1],
        Evidence = [2],
        Names = [Identifier.Dns("b.example.net"), Identifier.Dns("a.example.net")],
    };

    [Fact]
    public void An_issued_leaf_has_exactly_these_octets() => Assert.Equal(
        """{"account":7,"certificate":"084fed08b978af4d7d196a7446a86b58009e636b611db16211b65a9aadff29c5","evidence":"dbc1b4c900ffe48d575b5da5c638040125f65db0fe3e24494b76ea986457d986","issuer":"issuing","kind":"issued","names":["a.example.net","b.example.net"],"order":42,"profile":"dv","serial":"40000000000000000000000000000001","tbs":"4bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a","time":"2026-11-24T10:34:56Z","version":1}""",
        Text(LogLeaf.Issued(s_record, [3], s_time)));

    [Fact]
    public void A_leaf_about_an_account_has_exactly_these_octets()
    {
        Assert.Equal(
            """{"account":7,"evidence":"084fed08b978af4d7d196a7446a86b58009e636b611db16211b65a9aadff29c5","kind":"keyChanged","newKey":"b","oldKey":"a","time":"2026-11-24T10:34:56Z","version":1}""",
            Text(LogLeaf.KeyChanged(new AccountId(7), "a", "b", [3], s_time)));
        Assert.Equal(
            """{"account":7,"by":"operator ca","kind":"accountEnded","status":"revoked","time":"2026-11-24T10:34:56Z","version":1}""",
            Text(LogLeaf.AccountEnded(new AccountId(7), AccountStatus.Revoked, "operator ca", [], s_time)));
    }

    [Fact]
    public void A_leaf_about_a_key_for_external_account_binding_has_exactly_these_octets()
    {
        Assert.Equal(
            """{"accounts":3,"by":"operator ca","evidence":"084fed08b978af4d7d196a7446a86b58009e636b611db16211b65a9aadff29c5","expires":"2026-11-24T10:34:56Z","kid":"k1","kind":"eabCreated","names":["192.0.2.1","a.example"],"profiles":["dv"],"time":"2026-11-24T10:34:56Z","version":1}""",
            Text(LogLeaf.EabCreated("k1", [Identifier.Dns("a.example"), Identifier.Ip("192.0.2.1")], ["dv"], 3, s_time, [3], "operator ca", s_time)));
        Assert.Equal(
            """{"accounts":1,"by":"operator ca","evidence":"084fed08b978af4d7d196a7446a86b58009e636b611db16211b65a9aadff29c5","kid":"k1","kind":"eabCreated","time":"2026-11-24T10:34:56Z","version":1}""",
            Text(LogLeaf.EabCreated("k1", [], [], 1, null, [3], "operator ca", s_time)));
        Assert.Equal(
            """{"by":"operator ca","evidence":"084fed08b978af4d7d196a7446a86b58009e636b611db16211b65a9aadff29c5","kid":"k1","kind":"eabRotated","time":"2026-11-24T10:34:56Z","version":1}""",
            Text(LogLeaf.EabRotated("k1", [3], "operator ca", s_time)));
        Assert.Equal(
            """{"by":"operator ca","kid":"k1","kind":"eabRevoked","time":"2026-11-24T10:34:56Z","version":1}""",
            Text(LogLeaf.EabRevoked("k1", "operator ca", s_time)));
    }

    [Fact]
    public void An_abandoned_leaf_says_why_and_has_no_certificate()
    {
        using var leaf = JsonDocument.Parse(LogLeaf.Abandoned(s_record, RefusalReason.SignatureWrong, "Why.", s_time));
        Assert.Equal("abandoned", leaf.RootElement.GetProperty("kind").GetString());
        Assert.Equal("signatureWrong", leaf.RootElement.GetProperty("reason").GetString());
        Assert.Equal("Why.", leaf.RootElement.GetProperty("sentence").GetString());
        Assert.False(leaf.RootElement.TryGetProperty("certificate", out _));
    }

    [Fact]
    public void A_refused_leaf_commits_to_the_evidence_that_was_refused()
    {
        var evidence = new SigningWorld().Evidence().Build();
        using var leaf = JsonDocument.Parse(LogLeaf.Refused(evidence, RefusalReason.QuorumNotMet, "Why.", s_time));
        Assert.Equal("refused", leaf.RootElement.GetProperty("kind").GetString());
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(evidence.Encode())), leaf.RootElement.GetProperty("evidence").GetString());
        Assert.False(leaf.RootElement.TryGetProperty("serial", out _));
    }

    [Fact]
    public void A_refused_leaf_stays_small_and_printable_whatever_the_evidence_holds()
    {
        var evidence = new SigningWorld().Evidence().Build() with
        {
            Names = [.. Enumerable.Repeat(new EvidenceName(IdentifierType.Dns, new string('\ud800', 1000)), 200)],
            Profile = "\u0000\n" + new string('x', 1000),
        };
        var leaf = LogLeaf.Refused(evidence, RefusalReason.EvidenceMalformed, "Why.", s_time);
        Assert.InRange(leaf.Length, 1, 100 * 300);
        Assert.All(leaf, b => Assert.InRange(b, (byte)0x20, (byte)0x7e));
    }

    [Fact]
    public void A_ceremony_leaf_commits_to_the_certificate()
    {
        var world = new SigningWorld();
        using var leaf = JsonDocument.Parse(world.Ceremony.LogLeaves[1]);
        Assert.Equal("ceremony", leaf.RootElement.GetProperty("kind").GetString());
        Assert.Equal("root", leaf.RootElement.GetProperty("issuer").GetString());
        Assert.Equal("issuing", leaf.RootElement.GetProperty("names")[0].GetString());
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(world.Ceremony.IssuingCertificate)), leaf.RootElement.GetProperty("certificate").GetString());
        Assert.Equal(
            Convert.ToHexStringLower(SHA256.HashData(SignedObject.Split(world.Ceremony.IssuingCertificate).ToBeSigned.Span)), leaf.RootElement.GetProperty("tbs").GetString());
    }

    [Fact]
    public void Members_stand_in_ordinal_order()
    {
        byte[][] leaves =
        [
            LogLeaf.Issued(s_record, [3], s_time),
            LogLeaf.Infrastructure(s_record with { Order = null, Account = null }, [3], s_time),
            LogLeaf.Abandoned(s_record, null, "Why.", s_time),
            LogLeaf.Refused(new SigningWorld().Evidence().Build(), RefusalReason.LintFailed, "Why.", s_time),
        ];
        foreach (var leaf in leaves)
        {
            using var document = JsonDocument.Parse(leaf);
            var members = document.RootElement.EnumerateObject().Select(m => m.Name).ToList();
            Assert.Equal(members.Order(StringComparer.Ordinal), members);
        }
    }

    private static string Text(byte[] leaf) => Encoding.UTF8.GetString(leaf);

    private static SerialNumber Serial() =>
        SerialNumber.TryParse("40000000000000000000000000000001", out var serial) ? serial : throw new FormatException();
}
