using System.Text.Json;
using System.Text.Json.Serialization;
using CaServer.Domain;

namespace CaServer.Signing;

/// <summary>Why the server's own TLS certificate exists: the operator's configuration names these hosts, and the server's key asked.</summary>
public sealed record OperatorEvidence
{
    private const string Statement = "operator configuration";

    /// <summary>Layout of this record.</summary>
    public int Version { get; init; } = 1;

    /// <summary>What justifies the certificate: always "operator configuration".</summary>
    public required string Basis { get; init; }

    /// <summary>The hosts that the configuration names.</summary>
    public required IReadOnlyList<EvidenceName> Hosts { get; init; }

    /// <summary>The certificate request, DER PKCS#10.</summary>
    public required byte[] Csr { get; init; }

    /// <summary>The evidence for these hosts.</summary>
    public static OperatorEvidence Of(IReadOnlyList<Identifier> hosts, byte[] csr) =>
        new() { Basis = Statement, Hosts = [.. hosts.Select(EvidenceName.Of)], Csr = csr };

    /// <summary>The evidence as UTF-8 JSON.</summary>
    public byte[] Encode() => JsonSerializer.SerializeToUtf8Bytes(this, OperatorEvidenceJson.Default.OperatorEvidence);

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    public static OperatorEvidence Decode(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return JsonSerializer.Deserialize(utf8, OperatorEvidenceJson.Default.OperatorEvidence) is { Basis: Statement } evidence
                ? evidence
                : throw new FormatException("This is not the evidence of an operator's configuration.");
        }
        catch (JsonException e)
        {
            throw new FormatException("The evidence is not readable: " + e.Message, e);
        }
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(OperatorEvidence))]
internal sealed partial class OperatorEvidenceJson : JsonSerializerContext;
