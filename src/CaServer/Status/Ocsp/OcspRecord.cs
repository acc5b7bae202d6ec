using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using CaServer.Domain;
using CaServer.Pki.X509;

namespace CaServer.Status;

/// <summary>r and s of a signature.</summary>
[InlineArray(OcspTemplate.SignatureLength)]
internal struct SignatureOctets
{
    private byte _first;
}

/// <summary>
/// A pre-signed OCSP answer as it is kept in memory: 168 octets, where the two responses made from it have some 1,800. Times are
/// seconds since the epoch.
/// </summary>
internal struct OcspRecord
{
    /// <summary>The serial number, big-endian.</summary>
    public ulong SerialHigh;

    /// <inheritdoc cref="SerialHigh"/>
    public ulong SerialLow;

    public uint RevokedAt;
    public uint ThisUpdate;
    public uint NextUpdate;

    /// <summary>End of the certificate's validity.</summary>
    public uint NotAfter;

    /// <summary>Index into <see cref="OcspResponders"/>.</summary>
    public ushort Responder;

    public bool IsRevoked;
    public byte Reason;

    /// <summary>Of the response that names the issuer by SHA-1.</summary>
    public SignatureOctets Sha1;

    /// <summary>Of the response that names the issuer by SHA-256.</summary>
    public SignatureOctets Sha256;

    /// <summary>What it says.</summary>
    public readonly OcspAnswer Answer => new(IsRevoked, (RevocationReason)Reason, RevokedAt, ThisUpdate, NextUpdate);

    /// <summary>The signature of the response that names the issuer this way.</summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<byte> SignatureFor(OcspHash hash)
    {
        if (hash == OcspHash.Sha1)
            return Sha1;
        return Sha256;
    }

    /// <summary>Splits a serial number of ours.</summary>
    public static (ulong High, ulong Low) Split(ReadOnlySpan<byte> serial) =>
        (BinaryPrimitives.ReadUInt64BigEndian(serial), BinaryPrimitives.ReadUInt64BigEndian(serial[8..]));
}
