using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using CaServer.TestKit.Acme;

namespace CaServer.IntegrationTests.Acme;

/// <summary>A request of an account, octet for octet, in which a test spoils what it likes.</summary>
/// <param name="Account">The account.</param>
/// <param name="Url">The resource.</param>
/// <param name="Nonce">A good nonce.</param>
internal sealed record SpoiledRequest(TestAccount Account, string Url, string Nonce)
{
    /// <summary>The payload that the resource wants.</summary>
    public const string Payload = """{"identifiers":[{"type":"dns","value":"hostile.localhost"}]}""";

    private const int CoordinateLength = 32;

    // The order of P-256 (FIPS 186-5, SP 800-186 §3.2.1.3).
    private static readonly byte[] s_order = Convert.FromHexString("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551");

    /// <summary>The honest protected header.</summary>
    public string Header => AcmeSession.Header(Account.Key, Url, Nonce, Account.Url);

    /// <summary>The honest body.</summary>
    public string Body => Account.Key.Jws(Header, Payload);

    /// <summary>With another protected header, well signed.</summary>
    public byte[] WithHeader(string header) => WithHeader(Encoding.UTF8.GetBytes(header));

    /// <summary>With other octets as the protected header, well signed.</summary>
    public byte[] WithHeader(byte[] header) => Signed(header, Encoding.UTF8.GetBytes(Payload));

    /// <summary>With something put at the end of the protected header, well signed.</summary>
    public byte[] WithMember(string member) => WithHeader(Header[..^1] + "," + member + "}");

    /// <summary>With another algorithm in the protected header, well signed otherwise.</summary>
    public byte[] WithAlgorithm(string algorithm) => WithHeader(Header.Replace("\"ES256\"", algorithm, StringComparison.Ordinal));

    /// <summary>With another payload, well signed.</summary>
    public byte[] WithPayload(string payload) => WithPayload(Encoding.UTF8.GetBytes(payload));

    /// <summary>With other octets as the payload, well signed.</summary>
    public byte[] WithPayload(byte[] payload) => Signed(Encoding.UTF8.GetBytes(Header), payload);

    /// <summary>With another signature than the honest one, which is given.</summary>
    public byte[] WithSignature(Func<byte[], byte[]> spoil)
    {
        var (header, payload) = (Base64Url.EncodeToString(Encoding.UTF8.GetBytes(Header)), Base64Url.EncodeToString(Encoding.UTF8.GetBytes(Payload)));
        return Joined(header, payload, Base64Url.EncodeToString(spoil(Account.Key.Sign(Encoding.ASCII.GetBytes(header + "." + payload)))));
    }

    /// <summary>With a MAC instead of the signature, whose key is something that everybody knows.</summary>
    public byte[] WithMac(byte[] key)
    {
        var header = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(Header.Replace("ES256", "HS256", StringComparison.Ordinal)));
        var payload = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(Payload));
        return Joined(header, payload, Base64Url.EncodeToString(HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(header + "." + payload))));
    }

    /// <summary>With another spelling of one of the three members; the signature is over what is sent.</summary>
    public byte[] WithSpelling(string member, Func<string, string> spell)
    {
        var header = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(Header));
        var payload = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(Payload));
        if (member == "protected")
            header = spell(header);
        if (member == "payload")
            payload = spell(payload);
        var signature = Base64Url.EncodeToString(Account.Key.Sign(Encoding.UTF8.GetBytes(header + "." + payload)));
        return Joined(header, payload, member == "signature" ? spell(signature) : signature);
    }

    /// <summary>The last character with a bit set that stands for no octet.</summary>
    public static string NotCanonical(string base64Url)
    {
        const string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        Assert.NotEqual(0, base64Url.Length % 4);
        return base64Url[..^1] + alphabet[alphabet.IndexOf(base64Url[^1], StringComparison.Ordinal) | 1];
    }

    /// <summary>A signature with a number in the place of r or of s.</summary>
    public static byte[] With(byte[] signature, byte[]? r = null, byte[]? s = null) =>
        [.. r ?? signature[..CoordinateLength], .. s ?? signature[CoordinateLength..]];

    /// <summary>Zero.</summary>
    public static byte[] Zero => new byte[CoordinateLength];

    /// <summary>The order of the curve, which is one more than r and s can be.</summary>
    public static byte[] Order => [.. s_order];

    /// <summary>A signature as DER has it.</summary>
    public static byte[] Der(byte[] signature)
    {
        var writer = new System.Formats.Asn1.AsnWriter(System.Formats.Asn1.AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteIntegerUnsigned(Trimmed(signature.AsSpan(0, CoordinateLength)));
            writer.WriteIntegerUnsigned(Trimmed(signature.AsSpan(CoordinateLength)));
        }
        return writer.Encode();
    }

    private static ReadOnlySpan<byte> Trimmed(ReadOnlySpan<byte> number) => number.TrimStart((byte)0);

    private byte[] Signed(byte[] header, byte[] payload)
    {
        var (first, second) = (Base64Url.EncodeToString(header), Base64Url.EncodeToString(payload));
        return Joined(first, second, Base64Url.EncodeToString(Account.Key.Sign(Encoding.ASCII.GetBytes(first + "." + second))));
    }

    private static byte[] Joined(string header, string payload, string signature) =>
        Encoding.UTF8.GetBytes($$"""{"protected":"{{header}}","payload":"{{payload}}","signature":"{{signature}}"}""");
}
