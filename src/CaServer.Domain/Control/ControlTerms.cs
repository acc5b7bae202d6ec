using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace CaServer.Domain;

/// <summary>
/// What a request to prove a name is about. The value that is published or sent is made from all of it: a value found in one account's
/// record is worth nothing for another account, name or method, whatever a database says.
/// </summary>
public sealed record ControlTerms
{
    /// <summary>Characters of a value; they stand for 160 bits, where BR §1.6.1 wants at least 112.</summary>
    public const int ValueLength = 32;

    private const int ValueOctets = 20;

    /// <summary>The method.</summary>
    public required ValidationMethod Method { get; init; }

    /// <summary>The random value of this request and no other (<see cref="Challenge.NewToken"/>).</summary>
    public required string Token { get; init; }

    /// <summary>URL of the account.</summary>
    public required string AccountUrl { get; init; }

    /// <summary>The identifier, a wildcard included.</summary>
    public required Identifier Identifier { get; init; }

    /// <summary>Whom the value is sent to, if the method sends it.</summary>
    public string? Recipient { get; init; }

    /// <summary>When the request was made, in whole seconds since the epoch, UTC.</summary>
    public required long CreatedAt { get; init; }

    /// <summary>The value to publish.</summary>
    public string PublishedValue() => ValueOf(SHA256.HashData(Message()));

    /// <summary>The value to send. Nobody can make it who does not have the key, not even who can read and write the database.</summary>
    public string SentValue(ReadOnlySpan<byte> key) => ValueOf(HMACSHA256.HashData(key, Message()));

    // No part can hold a line break.
    private byte[] Message() => Encoding.UTF8.GetBytes(string.Join(
        '\n', "control request", WireName.Of(Method), Token, AccountUrl, Identifier, Recipient, CreatedAt.ToString(CultureInfo.InvariantCulture)));

    private static string ValueOf(byte[] digest) => LowerBase32.Of(digest.AsSpan(0, ValueOctets));
}
