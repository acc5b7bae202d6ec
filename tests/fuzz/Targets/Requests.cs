using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using CaServer.Acme;
using CaServer.Domain;
using CaServer.Pki.Jose;
using CaServer.Pki.X509;
using CaServer.TestKit.Acme;

namespace CaServer.Fuzz;

/// <summary>What a request needs around the octets that are fuzzed: the same in every process, so that inputs keep their meaning.</summary>
internal static class Requests
{
    internal const string Base = "https://ca.example";

    private static readonly PublicIds s_ids = new(new byte[PublicIds.KeyLength]);

    internal static AcmeUrls Urls { get; } = new(new Uri(Base), s_ids);

    internal static string AccountUrl { get; } = Urls.Account(new AccountId(1));

    /// <summary>The account's key.</summary>
    internal static TestAccountKey Key { get; } = TestAccountKey.Of(FixedKey("account"));

    internal static AccountKey Public { get; } = AccountKey.Import(JsonWebKey.Parse(Key.Jwk));

    /// <summary>Another key of the account's owner.</summary>
    internal static TestAccountKey NextKey { get; } = TestAccountKey.Of(FixedKey("next"));

    internal static Order Order { get; } = new()
    {
        Id = new OrderId(1),
        AccountId = new AccountId(1),
        Status = OrderStatus.Ready,
        Identifiers = [Identifier.Dns("www.example.com"), Identifier.Ip("192.0.2.1")],
        Authorizations = [new AuthorizationId(1), new AuthorizationId(2)],
        Profile = "dv",
        Expires = DateTimeOffset.MaxValue,
        CreatedAt = DateTimeOffset.UnixEpoch,
    };

    internal static FrontEndSettings Settings(PolicyPreset preset) => new()
    {
        Urls = Urls,
        Names = new NamePolicy(preset, []),
        Profiles = new Dictionary<string, CertificateProfile> { ["dv"] = new("dv", CertificateProfileOptions.Dv(), preset) },
        CaaIdentities = ["ca.example"],
        Offered = new OfferedMethods([ValidationMethod.Http01, ValidationMethod.TlsAlpn01, ValidationMethod.DnsAccount01], [], PlainAccountUri: false),
        OrderLifetime = TimeSpan.FromDays(7),
        FinalizeWait = TimeSpan.Zero,
        IssuerKeyIdentifier = [1, 2, 3, 4],
        ChainsPem = [""],
        MaxIdentifiers = 100,
        CorsOrigins = [],
    };

    /// <summary>The external account key of an account that may have names in one domain only.</summary>
    internal static EabKey LimitedTo(string domain) => new()
    {
        Id = new EabKeyId(1),
        Kid = "k1",
        SealedMacKey = [],
        CreatedAt = DateTimeOffset.UnixEpoch,
        ExpiresAt = null,
        RevokedAt = null,
        MaxAccounts = 1,
        Accounts = 1,
        Domains = [Identifier.Dns(domain)],
        Profiles = [],
        Note = null,
    };

    /// <summary>A key that a text stands for.</summary>
    internal static ECDsa FixedKey(string text) =>
        ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = SHA256.HashData(Encoding.UTF8.GetBytes(text)) });

    /// <summary>A request body of these parts.</summary>
    internal static byte[] Body(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload, ReadOnlySpan<byte> signature) => Encoding.ASCII.GetBytes(
        $$"""{"protected":"{{Base64Url.EncodeToString(header)}}","payload":"{{Base64Url.EncodeToString(payload)}}","signature":"{{Base64Url.EncodeToString(signature)}}"}""");

    /// <summary>A request of the account with this payload, read.</summary>
    internal static FlattenedJws OfAccount(byte[] payload, string url) => FlattenedJws.Parse(Body(
        Encoding.UTF8.GetBytes(AcmeSession.Header(Key, url, "bm9uY2U", AccountUrl)), payload, new byte[64]));
}
