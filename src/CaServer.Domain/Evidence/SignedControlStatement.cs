using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace CaServer.Domain;

/// <summary>A control statement as a compact JWS (RFC 7515 §7.1) with ES256; <c>kid</c> is the perspective's name.</summary>
public sealed class SignedControlStatement
{
    /// <summary>Longest compact form that is read, in characters.</summary>
    public const int MaxLength = 4096;

    // The type keeps a signature made for a statement from being taken for one over anything else (RFC 8725 §3.11).
    private const string Type = "control-statement+jws";
    private const string Algorithm = "ES256";
    private const int SignatureLength = 64;

    private readonly int _signedLength;
    private readonly byte[] _signature;

    private SignedControlStatement(string compact, int signedLength, byte[] signature, string perspective, ControlStatement statement)
    {
        Compact = compact;
        _signedLength = signedLength;
        _signature = signature;
        Perspective = perspective;
        Statement = statement;
    }

    /// <summary>The compact serialization.</summary>
    public string Compact { get; }

    /// <summary>The <c>kid</c>: whose key must have signed. A claim until <see cref="IsSignedBy"/> says so.</summary>
    public string Perspective { get; }

    /// <summary>What is stated. A claim until <see cref="IsSignedBy"/> says so.</summary>
    public ControlStatement Statement { get; }

    /// <summary>Signs a statement with a perspective's P-256 key.</summary>
    public static SignedControlStatement Sign(ControlStatement statement, ECDsa key)
    {
        var header = JsonSerializer.SerializeToUtf8Bytes(
            new StatementHeader { Alg = Algorithm, Kid = statement.Perspective, Typ = Type }, EvidenceJson.Default.StatementHeader);
        var payload = JsonSerializer.SerializeToUtf8Bytes(statement, EvidenceJson.Default.ControlStatement);
        var signed = Base64Url.EncodeToString(header) + "." + Base64Url.EncodeToString(payload);
        var signature = key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        if (signature.Length != SignatureLength)
            throw new ArgumentException("A perspective signs with a P-256 key.", nameof(key));
        return new SignedControlStatement(signed + "." + Base64Url.EncodeToString(signature), signed.Length, signature, statement.Perspective, statement);
    }

    /// <summary>Reads a compact serialization; the signature is not checked.</summary>
    public static bool TryParse(string? compact, [NotNullWhen(true)] out SignedControlStatement? result)
    {
        result = null;
        if (compact is null || compact.Length > MaxLength)
            return false;
        var parts = compact.Split('.');
        if (parts.Length != 3)
            return false;
        try
        {
            var header = JsonSerializer.Deserialize(Base64Url.DecodeFromChars(parts[0]), EvidenceJson.Default.StatementHeader);
            var statement = JsonSerializer.Deserialize(Base64Url.DecodeFromChars(parts[1]), EvidenceJson.Default.ControlStatement);
            var signature = Base64Url.DecodeFromChars(parts[2]);
            if (header is not { Alg: Algorithm, Typ: Type } || statement is null || header.Kid != statement.Perspective || signature.Length != SignatureLength)
                return false;
            result = new SignedControlStatement(compact, compact.LastIndexOf('.'), signature, header.Kid, statement);
            return true;
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            return false;
        }
    }

    /// <summary>Whether this public key made the signature over exactly this text.</summary>
    public bool IsSignedBy(ECDsa key) =>
        key.KeySize == 256
        && key.VerifyData(Encoding.ASCII.GetBytes(Compact, 0, _signedLength), _signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
}
