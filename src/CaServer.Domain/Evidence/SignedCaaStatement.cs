using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace CaServer.Domain;

/// <summary>A CAA statement as a compact JWS (RFC 7515 §7.1) with ES256; <c>kid</c> is the perspective's name.</summary>
public sealed class SignedCaaStatement
{
    private const string Type = "caa-statement+jws";

    private readonly StatementJws _jws;

    private SignedCaaStatement(StatementJws jws, CaaStatement statement)
    {
        _jws = jws;
        Statement = statement;
    }

    /// <summary>The compact serialization.</summary>
    public string Compact => _jws.Compact;

    /// <summary>The <c>kid</c>: whose key must have signed. A claim until <see cref="IsSignedBy"/> says so.</summary>
    public string Perspective => _jws.Perspective;

    /// <summary>What is stated. A claim until <see cref="IsSignedBy"/> says so.</summary>
    public CaaStatement Statement { get; }

    /// <summary>Signs a statement with a perspective's P-256 key.</summary>
    public static SignedCaaStatement Sign(CaaStatement statement, ECDsa key) =>
        new(StatementJws.Sign(statement, EvidenceJson.Default.CaaStatement, Type, statement.Perspective, key), statement);

    /// <summary>Reads a compact serialization; the signature is not checked.</summary>
    public static bool TryParse(string? compact, [NotNullWhen(true)] out SignedCaaStatement? result)
    {
        result = StatementJws.TryParse(compact, EvidenceJson.Default.CaaStatement, Type, s => s.Perspective, out var jws, out var statement)
            ? new SignedCaaStatement(jws, statement)
            : null;
        return result is not null;
    }

    /// <summary>Whether this public key made the signature over exactly this text.</summary>
    public bool IsSignedBy(ECDsa key) => _jws.IsSignedBy(key);
}
