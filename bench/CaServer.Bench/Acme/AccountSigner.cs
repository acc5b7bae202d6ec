using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace CaServer.Bench.Acme;

/// <summary>An ES256 account key and, once the account exists, its URL. Owned by one slot; not for use by two threads at once.</summary>
internal sealed class AccountSigner : IDisposable
{
    private static readonly JsonWriterOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly string _jwk;

    public AccountSigner()
        : this(key: null)
    {
    }

    private AccountSigner(ECParameters? key)
    {
        if (key is { } parameters)
            _key.ImportParameters(parameters);
        var q = _key.ExportParameters(includePrivateParameters: false).Q;
        // RFC 7638 §3: exactly these members in this order, so the same text serves as jwk and as input of the thumbprint.
        _jwk = $$"""{"crv":"P-256","kty":"EC","x":"{{Base64Url.EncodeToString(q.X)}}","y":"{{Base64Url.EncodeToString(q.Y)}}"}""";
        Thumbprint = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(_jwk)));
    }

    /// <summary>RFC 7638 thumbprint, base64url.</summary>
    public string Thumbprint { get; }

    /// <summary>The account URL; null before newAccount, and then the key itself goes into the header.</summary>
    public string? Kid { get; set; }

    /// <summary>The same account for another slot.</summary>
    public AccountSigner Share() => new(_key.ExportParameters(includePrivateParameters: true)) { Kid = Kid };

    /// <summary>A flattened JWS (RFC 8555 §6.2) as UTF-8. An empty payload makes it a POST-as-GET (§6.3).</summary>
    public byte[] Sign(string url, string nonce, ReadOnlySpan<byte> payload)
    {
        var header = Base64Url.EncodeToUtf8(ProtectedHeader(url, nonce));
        var body = Base64Url.EncodeToUtf8(payload);
        byte[] input = [.. header, (byte)'.', .. body];
        var signature = _key.SignData(input, HashAlgorithmName.SHA256);

        var buffer = new ArrayBufferWriter<byte>(input.Length + 160);
        using (var json = new Utf8JsonWriter(buffer, s_json))
        {
            json.WriteStartObject();
            json.WriteString("protected"u8, header);
            json.WriteString("payload"u8, body);
            json.WriteString("signature"u8, Base64Url.EncodeToUtf8(signature));
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    public void Dispose() => _key.Dispose();

    private ReadOnlySpan<byte> ProtectedHeader(string url, string nonce)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, s_json))
        {
            json.WriteStartObject();
            json.WriteString("alg"u8, "ES256"u8);
            if (Kid is null)
            {
                json.WritePropertyName("jwk"u8);
                json.WriteRawValue(_jwk);
            }
            else
            {
                json.WriteString("kid"u8, Kid);
            }
            json.WriteString("nonce"u8, nonce);
            json.WriteString("url"u8, url);
            json.WriteEndObject();
        }
        return buffer.WrittenSpan;
    }
}
