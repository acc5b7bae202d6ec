using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace CaServer.Domain;

/// <summary>A control statement as a compact JWS (RFC 7515 §7.1) with ES256; <c>kid</c> is the perspective's name.</summary>
public sealed class SignedControlStatement
{
    /// <summary>Longest compact form that is read, in characters.</summary>
    public const int MaxLength = StatementJws.MaxLength;

    private const string Type = "control-statement+jws";

    private readonly StatementJws _jws;

    private SignedControlStatement(StatementJws jws, ControlStatement statement)
    {
        _jws = jws;
        Statement = statement;
    }

    /// <summary>The compact serialization.</summary>
    public string Compact => _jws.Compact;

    /// <summary>The <c>kid</c>: whose key must have signed. A claim until <see cref="IsSignedBy"/> says so.</summary>
    public string Perspective => _jws.Perspective;

    /// <summary>What is stated. A claim until <see cref="IsSignedBy"/> says so.</summary>
    public ControlStatement Statement { get; }

    /// <summary>Signs a statement with a perspective's P-256 key.</summary>
    public static SignedControlStatement Sign(ControlStatement statement, ECDsa key) =>
        new(StatementJws.Sign(statement, EvidenceJson.Default.ControlStatement, Type, statement.Perspective, key), statement);

    /// <summary>Reads a compact serialization; the signature is not checked.</summary>
    public static bool TryParse(string? compact, [NotNullWhen(true)] out SignedControlStatement? result)
    {
        result = StatementJws.TryParse(compact, EvidenceJson.Default.ControlStatement, Type, s => s.Perspective, out var jws, out var statement)
            ? new SignedControlStatement(jws, statement)
            : null;
        return result is not null;
    }

    /// <summary>Whether this public key made the signature over exactly this text.</summary>
    public bool IsSignedBy(ECDsa key) => _jws.IsSignedBy(key);
}
