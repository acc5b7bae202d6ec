using System.Text.Json;

namespace CaServer.Domain;

/// <summary>
/// Everything that proves why a certificate may exist, as kept with the certificate: it can be re-checked offline, without the
/// database that it came from.
/// </summary>
public sealed record EvidenceBundle
{
    /// <summary>Layout of this record.</summary>
    public int Version { get; init; } = 1;

    /// <summary>The account's URL, the <c>kid</c> of the finalize request.</summary>
    public required string AccountUrl { get; init; }

    /// <summary>The order's finalize URL, the <c>url</c> of the finalize request.</summary>
    public required string FinalizeUrl { get; init; }

    /// <summary>Row id of the order.</summary>
    public required long Order { get; init; }

    /// <summary>Row id of the account.</summary>
    public required long Account { get; init; }

    /// <summary>The names ordered, in wire form; a wildcard begins with <c>*.</c>.</summary>
    public required IReadOnlyList<EvidenceName> Names { get; init; }

    /// <summary>The profile ordered.</summary>
    public required string Profile { get; init; }

    /// <summary>The finalize request, byte for byte as received.</summary>
    public required byte[] FinalizeJws { get; init; }

    /// <summary>The newAccount request and every keyChange request since, oldest first, byte for byte as received.</summary>
    public required IReadOnlyList<byte[]> KeyHistory { get; init; }

    /// <summary>The control statements, compact JWS.</summary>
    public required IReadOnlyList<string> Statements { get; init; }

    /// <summary>CAA statements, compact JWS, made because the look-ups in the control statements were old; null if there are none.</summary>
    public IReadOnlyList<string>? CaaStatements { get; init; }

    /// <summary>The bundle as UTF-8 JSON.</summary>
    public byte[] Encode() => JsonSerializer.SerializeToUtf8Bytes(this, EvidenceJson.Default.EvidenceBundle);

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    public static EvidenceBundle Decode(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return JsonSerializer.Deserialize(utf8, EvidenceJson.Default.EvidenceBundle) ?? throw new FormatException("The evidence is null.");
        }
        catch (JsonException e)
        {
            throw new FormatException("The evidence is not readable: " + e.Message, e);
        }
    }
}

/// <summary>A name in an evidence bundle.</summary>
public sealed record EvidenceName(IdentifierType Type, string Value)
{
    /// <summary>The name of an identifier.</summary>
    public static EvidenceName Of(Identifier identifier) => new(identifier.Type, identifier.ToString());
}
