using System.Text.Json;
using System.Text.Json.Serialization;
using CaServer.Pki.X509;

namespace CaServer.Signing;

/// <summary>Why an OCSP responder's certificate exists: the signer itself holds the key and answers with it.</summary>
public sealed record ResponderEvidence
{
    private const string Statement = "ocsp responder";

    /// <summary>Layout of this record.</summary>
    public int Version { get; init; } = 1;

    /// <summary>What justifies the certificate: always "ocsp responder".</summary>
    public required string Basis { get; init; }

    /// <summary>The key, DER SubjectPublicKeyInfo; it signed the certificate's to-be-signed octets when they were prepared.</summary>
    public required byte[] Key { get; init; }

    /// <summary>The evidence for this key.</summary>
    public static ResponderEvidence Of(SubjectPublicKey key) => new() { Basis = Statement, Key = key.Der.ToArray() };

    /// <summary>The evidence as UTF-8 JSON.</summary>
    public byte[] Encode() => JsonSerializer.SerializeToUtf8Bytes(this, ResponderEvidenceJson.Default.ResponderEvidence);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ResponderEvidence))]
internal sealed partial class ResponderEvidenceJson : JsonSerializerContext;
