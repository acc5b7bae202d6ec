using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;

namespace CaServer.Conformance.Acme;

/// <summary>A request of RFC 8555 §6.2 before it is signed. Untouched it is as it should be; a case changes the one thing that it is about.</summary>
internal sealed class JwsRequest(SigningKey key, JsonObject header, string payload)
{
    /// <summary>The media type of signed requests.</summary>
    public const string JoseJson = "application/jose+json";

    /// <summary>Whose signature it gets.</summary>
    public SigningKey Key { get; set; } = key;

    /// <summary>The protected header.</summary>
    public JsonObject Header { get; } = header;

    /// <summary>The protected header as text, for what no <see cref="JsonObject"/> can be.</summary>
    public Func<string, string> HeaderText { get; set; } = text => text;

    /// <summary>The payload; the empty string is POST-as-GET.</summary>
    public string Payload { get; } = payload;

    /// <summary>A change of the header's encoding before it is signed.</summary>
    public Func<string, string> HeaderCode { get; set; } = code => code;

    /// <summary>A change of the payload's encoding before it is signed.</summary>
    public Func<string, string> PayloadCode { get; set; } = code => code;

    /// <summary>From the signing input to the signature.</summary>
    public Func<byte[], byte[]>? Signature { get; set; }

    /// <summary>A change of the encoded parts after signing.</summary>
    public Action<JsonObject> Envelope { get; set; } = _ => { };

    /// <summary>A change of the body's text.</summary>
    public Func<string, string> Body { get; set; } = text => text;

    /// <summary>The body's octets, for what is no text.</summary>
    public Func<byte[], byte[]> Octets { get; set; } = octets => octets;

    /// <summary>The Content-Type; null for none.</summary>
    public string? ContentType { get; set; } = JoseJson;

    /// <summary>Whether it is sent again, with another nonce, when it is refused with badNonce.</summary>
    public bool IsRetried { get; set; } = true;

    /// <summary>The body to send.</summary>
    public byte[] Serialize() => Octets(Encoding.UTF8.GetBytes(Body(Sign().ToJsonString())));

    /// <summary>Adds a member to the header's text, even one that is there already.</summary>
    public void AppendToHeader(string member) => HeaderText = text => $"{text[..^1]},{member}}}";

    /// <summary>The flattened JSON serialization (RFC 7515 §7.2.2).</summary>
    public JsonObject Sign()
    {
        var header64 = HeaderCode(Encode(HeaderText(Header.ToJsonString())));
        var payload64 = PayloadCode(Encode(Payload));
        var input = Encoding.ASCII.GetBytes($"{header64}.{payload64}");
        var envelope = new JsonObject
        {
            ["protected"] = header64,
            ["payload"] = payload64,
            ["signature"] = Base64Url.EncodeToString((Signature ?? Key.Sign)(input)),
        };
        Envelope(envelope);
        return envelope;
    }

    public static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}
