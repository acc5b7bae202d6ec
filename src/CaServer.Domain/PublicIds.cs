using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;

namespace CaServer.Domain;

/// <summary>
/// Turns row ids into the ids that clients see and back: one AES-128 block over a kind tag and the row id. So no random key has
/// to be indexed, ids of different kinds are never confused, neighbours cannot be guessed, and a forged id is found out with
/// probability 1 − 2⁻⁶⁴ before the database is asked.
/// </summary>
public sealed class PublicIds : IDisposable
{
    /// <summary>Octets of the key.</summary>
    public const int KeyLength = BlockCipher.KeyLength;

    private const int BlockLength = BlockCipher.BlockLength;
    private const int TextLength = 22;

    private readonly BlockCipher _cipher;

    /// <summary>Creates a codec; the same key gives the same ids.</summary>
    public PublicIds(ReadOnlySpan<byte> key) => _cipher = new BlockCipher(key);

    /// <summary>Public id of an account.</summary>
    public string Of(AccountId id) => Encrypt(Kind.Account, id.Value);

    /// <summary>Public id of an order.</summary>
    public string Of(OrderId id) => Encrypt(Kind.Order, id.Value);

    /// <summary>Public id of an authorization.</summary>
    public string Of(AuthorizationId id) => Encrypt(Kind.Authorization, id.Value);

    /// <summary>Public id of a challenge.</summary>
    public string Of(ChallengeId id) => Encrypt(Kind.Challenge, id.Value);

    /// <summary>Public id of a certificate.</summary>
    public string Of(IssuanceId id) => Encrypt(Kind.Certificate, id.Value);

    /// <summary>Public id of what was done to check an authorization; it says nothing of the authorization's own.</summary>
    public string OfChecks(AuthorizationId id) => Encrypt(Kind.Checks, id.Value);

    /// <summary>Reads an account's public id.</summary>
    public bool TryDecode(string? text, out AccountId id)
    {
        var found = TryDecrypt(Kind.Account, text, out var value);
        id = new AccountId(value);
        return found;
    }

    /// <summary>Reads an order's public id.</summary>
    public bool TryDecode(string? text, out OrderId id)
    {
        var found = TryDecrypt(Kind.Order, text, out var value);
        id = new OrderId(value);
        return found;
    }

    /// <summary>Reads an authorization's public id.</summary>
    public bool TryDecode(string? text, out AuthorizationId id)
    {
        var found = TryDecrypt(Kind.Authorization, text, out var value);
        id = new AuthorizationId(value);
        return found;
    }

    /// <summary>Reads a challenge's public id.</summary>
    public bool TryDecode(string? text, out ChallengeId id)
    {
        var found = TryDecrypt(Kind.Challenge, text, out var value);
        id = new ChallengeId(value);
        return found;
    }

    /// <summary>Reads a certificate's public id.</summary>
    public bool TryDecode(string? text, out IssuanceId id)
    {
        var found = TryDecrypt(Kind.Certificate, text, out var value);
        id = new IssuanceId(value);
        return found;
    }

    /// <summary>Reads the public id of what was done to check an authorization.</summary>
    public bool TryDecodeChecks(string? text, out AuthorizationId id)
    {
        var found = TryDecrypt(Kind.Checks, text, out var value);
        id = new AuthorizationId(value);
        return found;
    }

    /// <inheritdoc/>
    public void Dispose() => _cipher.Dispose();

    private string Encrypt(Kind kind, long value)
    {
        var block = new byte[BlockLength];
        BinaryPrimitives.WriteUInt64BigEndian(block, (ulong)kind);
        BinaryPrimitives.WriteInt64BigEndian(block.AsSpan(8), value);
        return Base64Url.EncodeToString(_cipher.Encrypt(block));
    }

    private bool TryDecrypt(Kind kind, string? text, out long value)
    {
        value = 0;
        var sealedBlock = new byte[BlockLength];
        if (text is not { Length: TextLength } || Base64Url.DecodeFromChars(text, sealedBlock, out _, out var written) != OperationStatus.Done || written != BlockLength)
            return false;
        ReadOnlySpan<byte> block = _cipher.Decrypt(sealedBlock);
        if (BinaryPrimitives.ReadUInt64BigEndian(block) != (ulong)kind)
            return false;
        value = BinaryPrimitives.ReadInt64BigEndian(block[8..]);
        return value > 0;
    }

    private enum Kind : ulong
    {
        Account = 1,
        Order = 2,
        Authorization = 3,
        Challenge = 4,
        Certificate = 5,
        Checks = 6,
    }
}
