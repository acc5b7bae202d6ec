using CaServer.Pki.X509;

namespace CaServer.Tests.Pki.X509;

/// <summary>An extension as octets: <see cref="Critical"/> is the whole BOOLEAN, or empty.</summary>
internal sealed record MutableExtension(string Oid, byte[] Critical, byte[] Value)
{
    internal static readonly byte[] True = Der.Hex("0101ff");

    internal byte[] Encode() => Der.Sequence(Der.Oid(Oid), Critical, Der.OctetString(Value));
}

/// <summary>A certificate in pieces that a test can spoil one by one. Its signature is of no meaning.</summary>
internal sealed class MutableCertificate
{
    internal const string Ski = "2.5.29.14";
    internal const string KeyUsage = "2.5.29.15";
    internal const string San = "2.5.29.17";
    internal const string BasicConstraints = "2.5.29.19";
    internal const string Cdp = "2.5.29.31";
    internal const string Policies = "2.5.29.32";
    internal const string Aki = "2.5.29.35";
    internal const string Eku = "2.5.29.37";
    internal const string Aia = "1.3.6.1.5.5.7.1.1";

    internal byte[] Version { get; set; } = Der.Hex("a003020102");

    internal byte[] Serial { get; set; } = [];

    internal byte[] InnerAlgorithm { get; set; } = [];

    internal byte[] OuterAlgorithm { get; set; } = [];

    internal byte[] Issuer { get; set; } = [];

    internal byte[] NotBefore { get; set; } = [];

    internal byte[] NotAfter { get; set; } = [];

    internal byte[] Subject { get; set; } = [];

    internal byte[] PublicKey { get; set; } = [];

    internal byte[] UniqueIds { get; set; } = [];

    internal List<MutableExtension> Extensions { get; } = [];

    internal static MutableCertificate From(byte[] der)
    {
        Assert.True(DecodedCertificate.TryDecode(der, out var decoded));
        var result = new MutableCertificate
        {
            Serial = Der.Tlv(0x02, decoded.Serial.ToArray()),
            InnerAlgorithm = decoded.InnerAlgorithm.ToArray(),
            OuterAlgorithm = decoded.Parts.AlgorithmIdentifier.ToArray(),
            Issuer = decoded.Issuer.ToArray(),
            NotBefore = Der.UtcTime(decoded.NotBefore),
            NotAfter = Der.UtcTime(decoded.NotAfter),
            Subject = decoded.Subject.ToArray(),
            PublicKey = decoded.SubjectPublicKeyInfo.ToArray(),
        };
        result.Extensions.AddRange(decoded.Extensions.Select(e => new MutableExtension(e.Oid, e.Critical ? MutableExtension.True : [], e.Value.ToArray())));
        return result;
    }

    internal MutableExtension Find(string oid) => Extensions.Single(e => e.Oid == oid);

    internal void Remove(string oid) => Extensions.Remove(Find(oid));

    internal void Replace(string oid, byte[] value) => Change(oid, e => e with { Value = value });

    internal void Replace(string oid, string hex) => Replace(oid, Der.Hex(hex));

    internal void Change(string oid, Func<MutableExtension, MutableExtension> change) =>
        Extensions[Extensions.FindIndex(e => e.Oid == oid)] = change(Find(oid));

    internal void Add(string oid, byte[] value) => Extensions.Add(new MutableExtension(oid, [], value));

    /// <summary>Replaces the subjectAltName by these GeneralNames.</summary>
    internal void Names(params byte[][] names) => Replace(San, Der.Sequence(names));

    internal void DnsNames(params string[] names) => Names([.. names.Select(n => Der.Text(0x82, n))]);

    internal byte[] Encode()
    {
        var tbs = Der.Sequence(
            Version, Serial, InnerAlgorithm, Issuer, Der.Sequence(NotBefore, NotAfter), Subject, PublicKey, UniqueIds,
            Der.Tlv(0xa3, Der.Sequence([.. Extensions.Select(e => e.Encode())])));
        return Der.Sequence(tbs, OuterAlgorithm, Der.Hex("03020000"));
    }
}
