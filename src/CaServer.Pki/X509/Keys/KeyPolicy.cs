using System.Collections.Frozen;

namespace CaServer.Pki.X509;

/// <summary>Which keys a profile certifies.</summary>
public sealed record KeyPolicy
{
    /// <summary>Every kind of key that BR §6.1.5 knows, RSA from 2048 to 4096 bits.</summary>
    public static KeyPolicy Default { get; } = new();

    /// <summary>The kinds of keys allowed.</summary>
    public FrozenSet<KeyKind> AllowedKinds { get; init; } = Enum.GetValues<KeyKind>().ToFrozenSet();

    /// <summary>Least bits of an RSA modulus.</summary>
    public int MinRsaBits { get; init; } = 2048;

    /// <summary>Most bits of an RSA modulus.</summary>
    public int MaxRsaBits { get; init; } = 4096;

    /// <summary>
    /// Says of the SHA-256 hash of a SubjectPublicKeyInfo whether the key is known to be compromised or weak (BR §6.1.1.3);
    /// null where there is no such list. Called by many threads at once.
    /// </summary>
    public Func<ReadOnlySpan<byte>, bool>? IsBlocked { get; init; }
}
