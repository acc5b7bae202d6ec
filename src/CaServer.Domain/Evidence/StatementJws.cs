using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace CaServer.Domain;

/// <summary>What a perspective signs, in the form in which it is kept: a compact JWS (RFC 7515 §7.1) with ES256.</summary>
internal sealed class StatementJws
{
    /// <summary>Longest compact form that is read, in characters.</summary>
    internal const int MaxLength = 4096;

    private const string Algorithm = "ES256";
    private const int SignatureLength = 64;

    private readonly int _signedLength;
    private readonly byte[] _signature;

    private StatementJws(string compact, byte[] signature, string perspective)
    {
        Compact = compact;
        _signedLength = compact.LastIndexOf('.');
        _signature = signature;
        Perspective = perspective;
    }

    internal string Compact { get; }

    /// <summary>The <c>kid</c>.</summary>
    internal string Perspective { get; }

    /// <summary>Signs a payload.</summary>
    /// <param name="payload">What is stated.</param>
    /// <param name="json">How it is written.</param>
    /// <param name="type">Keeps a signature made for one kind of statement from being taken for another (RFC 8725 §3.11).</param>
    /// <param name="perspective">Whose key it is.</param>
    /// <param name="key">The key, P-256.</param>
    internal static StatementJws Sign<T>(T payload, JsonTypeInfo<T> json, string type, string perspective, ECDsa key)
    {
        var header = JsonSerializer.SerializeToUtf8Bytes(
            new StatementHeader { Alg = Algorithm, Kid = perspective, Typ = type }, EvidenceJson.Default.StatementHeader);
        var signed = Base64Url.EncodeToString(header) + "." + Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(payload, json));
        var signature = key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return signature.Length == SignatureLength
            ? new StatementJws(signed + "." + Base64Url.EncodeToString(signature), signature, perspective)
            : throw new ArgumentException("A perspective signs with a P-256 key.", nameof(key));
    }

    /// <summary>Reads a compact serialization of this type; the signature is not checked.</summary>
    internal static bool TryParse<T>(
        string? compact, JsonTypeInfo<T> json, string type, Func<T, string> perspectiveOf, [NotNullWhen(true)] out StatementJws? jws, [NotNullWhen(true)] out T? payload)
        where T : class
    {
        (jws, payload) = (null, null);
        if (compact is null || compact.Length > MaxLength)
            return false;
        var parts = compact.Split('.');
        if (parts.Length != 3)
            return false;
        try
        {
            var header = JsonSerializer.Deserialize(Base64Url.DecodeFromChars(parts[0]), EvidenceJson.Default.StatementHeader);
            payload = JsonSerializer.Deserialize(Base64Url.DecodeFromChars(parts[1]), json);
            var signature = Base64Url.DecodeFromChars(parts[2]);
            if (header is not { Alg: Algorithm } || header.Typ != type || payload is null || header.Kid != perspectiveOf(payload) || signature.Length != SignatureLength)
                return false;
            jws = new StatementJws(compact, signature, header.Kid);
            return true;
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            return false;
        }
    }

    /// <summary>Whether this public key made the signature over exactly this text.</summary>
    internal bool IsSignedBy(ECDsa key) =>
        key.KeySize == 256
        && key.VerifyData(Encoding.ASCII.GetBytes(Compact, 0, _signedLength), _signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
}
