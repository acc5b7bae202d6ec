using System.Diagnostics;
using CaServer.Domain;
using CaServer.Pki.X509;

namespace CaServer.Tests.Pki.X509;

public sealed class RevocationListTests
{
    private const string DeltaUrl = "http://status.example/crl/issuing/0-delta.crl";

    private static readonly TestCa s_ca = TestCa.Shared;

    private static readonly Case[] s_cases =
    [
        new("crl_not_der", c => c.ThisUpdate = Der.Text(0x17, "261123120000+0000")) { Also = ["not_a_crl"], Only = true },
        new("crl_not_der", c => c.Aki = Der.Sequence(Der.Oid("2.5.29.35"), Der.Hex("010100"), Der.OctetString(Der.Sequence(Der.Tlv(0x80, s_ca.Issuer.SubjectKeyIdentifier.ToArray()))))),
        new("crl_not_der", c => c.Entries = Der.Sequence(Entry(Der.Hex("0203000001")))) { Also = ["crl_entry"] },
        new("crl_version_not_2", c => c.Version = Der.Hex("020100")),
        new("crl_version_not_2", c => c.Version = []),
        new("crl_signature_algorithms_differ", c => c.OuterAlgorithm = Der.Hex("300a06082a8648ce3d040303")),
        new("crl_signature_algorithm_not_permitted", c => c.OuterAlgorithm = c.InnerAlgorithm = Der.Hex("300a06082a8648ce3d040303")),
        new("crl_issuer_differs", c => c.Issuer = s_ca.RootContents.Subject.Der.ToArray()),
        new("crl_time_encoding", c => c.NextUpdate = Der.GeneralizedTime(s_ca.Now.AddDays(7))),
        new("crl_next_update_missing", c => c.NextUpdate = []),
        new("crl_life", c => c.NextUpdate = Der.UtcTime(s_ca.Now.AddDays(10).AddSeconds(1))),
        new("crl_life", c => c.NextUpdate = c.ThisUpdate),
        new("crl_life", c => c.NextUpdate = Der.UtcTime(s_ca.Now.AddMonths(12).AddSeconds(1))) { IsOfRoot = true },
        new("crl_list_empty", c => c.Entries = Der.Sequence()),
        new("crl_entry", c => c.Entries = Der.Sequence(Entry(Der.Hex("020101"), Reason(0)))),
        new("crl_entry", c => c.Entries = Der.Sequence(Entry(Der.Hex("020101"), Reason(6)))),
        new("crl_entry", c => c.Entries = Der.Sequence(Entry(Der.Hex("020101"), Reason(2)))),
        new("crl_entry", c => c.Entries = Der.Sequence(Entry(Der.Hex("0201ff")))),
        new("crl_entry", c => c.Entries = Der.Sequence(Der.Sequence(Der.Hex("020101"), Der.Text(0x17, "261323120000Z")))),
        new("crl_entry", c => c.Entries = Der.Sequence(Entry(Der.Hex("020101"), Der.Sequence(Der.Sequence(Der.Oid("2.5.29.29"), Der.OctetString([0x30, 0])))))),
        new("crl_entry", c => c.Entries = Der.Sequence(Entry(Der.Hex("020101")))) { IsOfRoot = true },
        new("crl_aki", c => c.Aki = []),
        new("crl_aki", c => c.Aki = Der.Sequence(Der.Oid("2.5.29.35"), Der.OctetString(Der.Hex("3003800100")))),
        new("crl_number", c => c.Number = []),
        new("crl_number", c => c.Number = Der.Sequence(Der.Oid("2.5.29.20"), Der.OctetString(Der.Hex("0201ff")))),
        new("crl_number", c => c.Number = Der.Sequence(Der.Oid("2.5.29.20"), Der.OctetString(Der.Hex("0215 008000000000000000000000000000000000000000"))))
        { },
        new("crl_issuing_distribution_point", c => c.More = Idp("http://other.example/1.crl")) { Point = TestCa.CrlUrl },
        new("crl_issuing_distribution_point", c => c.More = Idp(TestCa.CrlUrl)),
        new("crl_issuing_distribution_point", c => c.More = []) { Point = TestCa.CrlUrl },
        new("crl_issuing_distribution_point", c => c.More = Idp(TestCa.CrlUrl, Der.Hex("8101ff"), Der.Hex("8201ff"))) { Point = TestCa.CrlUrl },
        new("crl_issuing_distribution_point", c => c.More = Idp(TestCa.CrlUrl, Der.Hex("8401ff"))) { Point = TestCa.CrlUrl },
        new("crl_delta_indicator", c => c.More = []) { DeltaBase = 5 },
        new("crl_delta_indicator", c => c.More = Delta(4)) { DeltaBase = 5 },
        new("crl_delta_indicator", c => c.More = Delta(9)) { DeltaBase = 9 },
        new("crl_extension_criticality", c => c.More = Der.Sequence(Der.Oid("2.5.29.27"), Der.OctetString(Der.Hex("020105")))) { DeltaBase = 5 },
        new("crl_extension_not_permitted", c => c.More = Delta(5)),
        new("crl_freshest", c => c.More = []) { Freshest = DeltaUrl },
        new("crl_freshest", c => c.More = Freshest("http://other.example/1.crl")) { Freshest = DeltaUrl },
        new("crl_freshest", c => c.More = Freshest(DeltaUrl, Der.Hex("81020780"))) { Freshest = DeltaUrl },
        new("crl_freshest", c => c.More = Delta(5).Concat(Freshest(DeltaUrl)).ToArray()) { Freshest = DeltaUrl, DeltaBase = 5 },
        new("crl_extension_criticality", c => c.More = Freshest(DeltaUrl, isCritical: true)) { Freshest = DeltaUrl },
        new("crl_extension_not_permitted", c => c.More = Freshest(DeltaUrl)),
        new("crl_extension_not_permitted", c => c.More = Der.Sequence(Der.Oid("2.5.29.18"), Der.OctetString(Der.Hex("3000")))),
        new("crl_extension_not_permitted", c => c.More = c.Number),
        new("crl_extension_criticality", c => c.Number = Der.Sequence(Der.Oid("2.5.29.20"), MutableExtension.True, Der.OctetString(Der.Hex("020107")))),
    ];

    public static TheoryData<int> Cases => [.. Enumerable.Range(0, s_cases.Length)];

    [Theory, MemberData(nameof(Cases))]
    public void What_breaks_a_rule_is_found_and_nothing_else(int number)
    {
        var test = s_cases[number];
        var issuer = test.IsOfRoot ? s_ca.Root : s_ca.Issuer;
        var crl = new MutableCrl(issuer, s_ca.Now);
        Assert.Empty(RevocationListLint.Check(crl.Encode(), issuer, test.IsOfRoot));
        test.Spoil(crl);
        var found = RevocationListLint.Check(crl.Encode(), issuer, test.IsOfRoot, test.Point, test.DeltaBase, test.Freshest).Select(f => f.Rule).Order();
        Assert.Equal(test.Only ? test.Also : test.Also.Append(test.Rule).Order(), found);
    }

    [Fact]
    public void Every_rule_has_a_case() => Assert.Empty(RevocationListRules.All.Select(r => r.Name).Except(s_cases.Select(c => c.Rule)));

    [Fact]
    public void A_flipped_bit_anywhere_never_makes_the_lints_throw()
    {
        var crl = s_ca.Crl(new RevocationListContents
        {
            Number = 7,
            ThisUpdate = s_ca.Now,
            NextUpdate = s_ca.Now.AddDays(7),
            DistributionPoint = TestCa.CrlUrl,
            Entries = [RevocationList.EncodeEntry(SerialNumber.Generate(), s_ca.Now, RevocationReason.Superseded)],
        });
        for (var bit = 0; bit < crl.Length * 8; bit++)
        {
            var spoiled = crl.ToArray();
            spoiled[bit / 8] ^= (byte)(1 << (bit % 8));
            RevocationListLint.Check(spoiled, s_ca.Issuer, coversCaCertificates: false, TestCa.CrlUrl);
        }
    }

    [Fact]
    public void An_entry_without_reason_has_no_extensions()
    {
        Assert.True(SerialNumber.TryParse("40000000000000000000000000000001", out var serial));
        var at = new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);
        Assert.Equal(
            "3021" + "0210" + "40000000000000000000000000000001" + "170D3236313132333132303030305A",
            Convert.ToHexString(RevocationList.EncodeEntry(serial, at, RevocationReason.Unspecified)));
        Assert.Equal(
            "302F" + "0210" + "40000000000000000000000000000001" + "170D3236313132333132303030305A" + "300C300A0603551D1504030A0101",
            Convert.ToHexString(RevocationList.EncodeEntry(serial, at, RevocationReason.KeyCompromise)));
    }

    [Fact]
    public void The_issuing_distribution_point_is_critical_and_equals_that_of_the_certificates()
    {
        var contents = new RevocationListContents { Number = 1, ThisUpdate = s_ca.Now, NextUpdate = s_ca.Now.AddDays(7), DistributionPoint = TestCa.CrlUrl };
        var crl = Convert.ToHexString(s_ca.Crl(contents));
        var leaf = Convert.ToHexString(s_ca.Leaf(s_ca.Contents()));
        var fullName = Convert.ToHexString(Der.Tlv(0xa0, Der.Tlv(0xa0, Der.Url(TestCa.CrlUrl))));
        Assert.Contains("0603551D1C0101FF", crl, StringComparison.Ordinal);
        Assert.Contains(fullName, crl, StringComparison.Ordinal);
        Assert.Contains(fullName, leaf, StringComparison.Ordinal);
    }

    [Fact]
    public void A_large_list_costs_time_in_proportion()
    {
        // A quadratic encoder needs minutes for this (100 times the entries, 10,000 times the time).
        var entry = RevocationList.EncodeEntry(SerialNumber.Generate(), s_ca.Now, RevocationReason.Superseded);
        var entries = Enumerable.Repeat((ReadOnlyMemory<byte>)entry, 200_000).ToList();
        var contents = new RevocationListContents { Number = 1, ThisUpdate = s_ca.Now, NextUpdate = s_ca.Now.AddDays(7), Entries = entries };
        var before = Stopwatch.GetTimestamp();
        var crl = s_ca.Crl(contents);
        Assert.Empty(RevocationListLint.Check(crl, s_ca.Issuer, coversCaCertificates: false));
        Assert.InRange(Stopwatch.GetElapsedTime(before), TimeSpan.Zero, TimeSpan.FromSeconds(10));
        Assert.True(crl.Length > 200_000 * entry.Length);
    }

    [Theory]
    [InlineData(0, 70)]
    [InlineData(1, 71)]
    [InlineData(2, 72)]
    [InlineData(400, 512)]
    public void A_list_put_together_in_place_is_the_one_that_is_put_together_of_parts(int count, int signatureLength)
    {
        var entries = Enumerable.Range(0, count).Select(_ => RevocationList.EncodeEntry(SerialNumber.Generate(), s_ca.Now, RevocationReason.Superseded)).ToList();
        var contents = new RevocationListContents { Number = 1, ThisUpdate = s_ca.Now, NextUpdate = s_ca.Now.AddDays(7), DistributionPoint = TestCa.CrlUrl };
        var algorithm = s_ca.Issuer.SignatureAlgorithm.Der.Span;
        var builder = new RevocationListBuilder(contents, s_ca.Issuer, algorithm, entries.Sum(e => e.Length));
        if (count > 0)
            Assert.Throws<InvalidOperationException>(() => builder.Tbs);
        foreach (var entry in entries)
            builder.Add(entry);
        Assert.Throws<InvalidOperationException>(() => builder.Add([0]));

        var tbs = RevocationList.EncodeTbs(contents with { Entries = [.. entries.Select(e => (ReadOnlyMemory<byte>)e)] }, s_ca.Issuer, algorithm);
        Assert.Equal(tbs, builder.Tbs.ToArray());
        // The linter's comes first, and leaves nothing behind.
        builder.Complete(Enumerable.Repeat((byte)1, 8).ToArray());
        builder.Complete(Enumerable.Repeat((byte)1, 600).ToArray());
        var signature = Enumerable.Repeat((byte)2, signatureLength).ToArray();
        Assert.Equal(SignedObject.Encode(tbs, algorithm, signature), builder.Complete(signature).ToArray());
    }

    [Fact]
    public void A_delta_says_critically_what_it_is_a_delta_to_and_a_complete_list_where_its_deltas_are()
    {
        var contents = new RevocationListContents { Number = 7, ThisUpdate = s_ca.Now, NextUpdate = s_ca.Now.AddDays(7), DistributionPoint = TestCa.CrlUrl, FreshestCrl = DeltaUrl };
        var complete = s_ca.Crl(contents);
        Assert.Empty(RevocationListLint.Check(complete, s_ca.Issuer, coversCaCertificates: false, TestCa.CrlUrl, freshestCrl: DeltaUrl));
        var delta = s_ca.Crl(contents with { DeltaBase = 5, FreshestCrl = null });
        Assert.Empty(RevocationListLint.Check(delta, s_ca.Issuer, coversCaCertificates: false, TestCa.CrlUrl, deltaBase: 5));
        Assert.Contains("0603551D1B0101FF0403020105", Convert.ToHexString(delta), StringComparison.Ordinal);
        Assert.Contains("0603551D2E04", Convert.ToHexString(complete), StringComparison.Ordinal);
    }

    private static byte[] Entry(byte[] serial, params byte[][] extensions) => Der.Sequence([serial, Der.UtcTime(s_ca.Now), .. extensions]);

    private static byte[] Reason(byte reason) => Der.Sequence(Der.Sequence(Der.Oid("2.5.29.21"), Der.OctetString([0x0a, 0x01, reason])));

    private static byte[] Delta(byte number) =>
        Der.Sequence(Der.Oid("2.5.29.27"), MutableExtension.True, Der.OctetString([0x02, 0x01, number]));

    private static byte[] Freshest(string url, byte[]? more = null, bool isCritical = false) => Der.Sequence(
        Der.Oid("2.5.29.46"),
        isCritical ? MutableExtension.True : [],
        Der.OctetString(Der.Sequence(Der.Sequence(Der.Tlv(0xa0, Der.Tlv(0xa0, Der.Url(url))), more ?? []))));

    private static byte[] Idp(string url, params byte[][] more) =>
        Der.Sequence(Der.Oid("2.5.29.28"), MutableExtension.True, Der.OctetString(Der.Sequence([Der.Tlv(0xa0, Der.Tlv(0xa0, Der.Url(url))), .. more])));

    private sealed record Case(string Rule, Action<MutableCrl> Spoil)
    {
        internal string[] Also { get; init; } = [];

        /// <summary>Whether only <see cref="Also"/> is found.</summary>
        internal bool Only { get; init; }

        internal bool IsOfRoot { get; init; }

        internal string? Point { get; init; }

        internal long? DeltaBase { get; init; }

        internal string? Freshest { get; init; }
    }

    /// <summary>A CRL in pieces.</summary>
    private sealed class MutableCrl(IssuerCertificate issuer, DateTimeOffset now)
    {
        internal byte[] Version { get; set; } = Der.Hex("020101");

        internal byte[] InnerAlgorithm { get; set; } = issuer.SignatureAlgorithm.Der.ToArray();

        internal byte[] OuterAlgorithm { get; set; } = issuer.SignatureAlgorithm.Der.ToArray();

        internal byte[] Issuer { get; set; } = issuer.SubjectDer.ToArray();

        internal byte[] ThisUpdate { get; set; } = Der.UtcTime(now);

        internal byte[] NextUpdate { get; set; } = Der.UtcTime(now.AddDays(7));

        internal byte[] Entries { get; set; } = [];

        internal byte[] Aki { get; set; } =
            Der.Sequence(Der.Oid("2.5.29.35"), Der.OctetString(Der.Sequence(Der.Tlv(0x80, issuer.SubjectKeyIdentifier.ToArray()))));

        internal byte[] Number { get; set; } = Der.Sequence(Der.Oid("2.5.29.20"), Der.OctetString(Der.Hex("020107")));

        internal byte[] More { get; set; } = [];

        internal byte[] Encode() => Der.Sequence(
            Der.Sequence(Version, InnerAlgorithm, Issuer, ThisUpdate, NextUpdate, Entries, Der.Tlv(0xa0, Der.Sequence(Aki, Number, More))),
            OuterAlgorithm,
            Der.Hex("03020000"));
    }
}
