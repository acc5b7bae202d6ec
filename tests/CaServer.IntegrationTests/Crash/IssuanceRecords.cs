using System.Formats.Asn1;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace CaServer.IntegrationTests.Crash;

/// <summary>
/// What the database says about every serial number, read with SQL and ASN.1 code of the platform, not with that under test.
/// </summary>
internal sealed class IssuanceRecords
{
    private readonly List<Issuance> _issuances;
    private readonly List<Order> _orders;
    private readonly List<Leaf> _leaves;
    private readonly long _nextLeaf;

    private IssuanceRecords(List<Issuance> issuances, List<Order> orders, List<Leaf> leaves, long nextLeaf)
    {
        _issuances = issuances;
        _orders = orders;
        _leaves = leaves;
        _nextLeaf = nextLeaf;
    }

    /// <summary>How many serial numbers were recorded and given up.</summary>
    public int Abandoned => _issuances.Count(i => i.State == "abandoned");

    public static IssuanceRecords Read(DatabaseCopy database) => new(
        database.List("SELECT id, order_id, state, serial, tbs, certificate FROM issuances", Issuance.Read),
        database.List("SELECT id, status, certificate_id FROM orders", Order.Read),
        database.List("SELECT sequence, kind, body FROM log_leaves ORDER BY sequence", Leaf.Read),
        database.List("SELECT next FROM log_head", row => row.GetInt64(0)).Single());

    /// <summary>What must hold whenever no work is left.</summary>
    public void Check()
    {
        Assert.DoesNotContain(_issuances, i => i.State == "recorded");
        Assert.Distinct(_issuances.Select(i => i.Serial));
        Assert.Distinct(_issuances.Where(i => i.State != "abandoned" && i.Order is not null).Select(i => i.Order));
        foreach (var issuance in _issuances.Where(i => i.State == "issued"))
            CheckCertificate(issuance);
        foreach (var order in _orders)
        {
            var issued = _issuances.SingleOrDefault(i => i.Order == order.Id && i.State == "issued");
            Assert.Equal((order.Status == "valid", order.Certificate), (issued is not null, issued?.Id));
        }
        CheckLog();
    }

    /// <summary>A certificate that somebody has is one of those recorded as issued.</summary>
    public void CheckIssued(byte[] certificate) =>
        Assert.Single(_issuances, i => i.State == "issued" && i.Certificate.AsSpan().SequenceEqual(certificate));

    // RFC 5280 §4.1: the signed octets are those that were recorded, and have the recorded serial number.
    private static void CheckCertificate(Issuance issuance)
    {
        var certificate = new AsnReader(issuance.Certificate, AsnEncodingRules.DER).ReadSequence();
        var tbs = certificate.ReadEncodedValue().ToArray();
        Assert.Equal(issuance.Tbs, tbs);
        var fields = new AsnReader(tbs, AsnEncodingRules.DER).ReadSequence();
        fields.ReadEncodedValue();
        Assert.Equal(issuance.Serial, Convert.ToHexStringLower(fields.ReadIntegerBytes().Span));
    }

    // The log has no gap, and one entry for what became of each serial number.
    private void CheckLog()
    {
        Assert.Equal(Enumerable.Range(0, _leaves.Count).Select(i => (long)i), _leaves.Select(l => l.Sequence));
        Assert.Equal(_leaves.Count, _nextLeaf);
        var told = _leaves.Where(l => l.Kind != "ceremony").SelectMany(l => l.Serials.Select(serial => (serial, State: l.Kind == "abandoned" ? "abandoned" : "issued")));
        Assert.Equal(_issuances.Select(i => (i.Serial, i.State)).Order(), told.Order());
    }

    private sealed record Issuance(long Id, long? Order, string State, string Serial, byte[] Tbs, byte[]? Certificate)
    {
        public static Issuance Read(SqliteDataReader row) => new(
            row.GetInt64(0),
            row.IsDBNull(1) ? null : row.GetInt64(1),
            row.GetString(2),
            Convert.ToHexStringLower(row.GetFieldValue<byte[]>(3)),
            row.GetFieldValue<byte[]>(4),
            row.IsDBNull(5) ? null : row.GetFieldValue<byte[]>(5));
    }

    private sealed record Order(long Id, string Status, long? Certificate)
    {
        public static Order Read(SqliteDataReader row) => new(row.GetInt64(0), row.GetString(1), row.IsDBNull(2) ? null : row.GetInt64(2));
    }

    private sealed record Leaf(long Sequence, string Kind, string[] Serials)
    {
        public static Leaf Read(SqliteDataReader row)
        {
            using var body = JsonDocument.Parse(row.GetFieldValue<byte[]>(2));
            string[] serials = body.RootElement.TryGetProperty("serials", out var several)
                ? [.. several.EnumerateArray().Select(s => s.GetString()!)]
                : body.RootElement.TryGetProperty("serial", out var one) ? [one.GetString()!] : [];
            return new Leaf(row.GetInt64(0), row.GetString(1), serials);
        }
    }
}
