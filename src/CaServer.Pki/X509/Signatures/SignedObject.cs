using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;

namespace CaServer.Pki.X509;

/// <summary>
/// A signed ASN.1 object: what is signed, the algorithm, the signature. Certificates, CRLs and CSRs all have this shape
/// (RFC 5280 §4.1, §5.1; RFC 2986 §4.2).
/// </summary>
public sealed class SignedObject
{
    private SignedObject(ReadOnlyMemory<byte> toBeSigned, ReadOnlyMemory<byte> algorithmIdentifier, ReadOnlyMemory<byte> signature)
    {
        ToBeSigned = toBeSigned;
        AlgorithmIdentifier = algorithmIdentifier;
        Signature = signature;
    }

    /// <summary>The DER that is signed.</summary>
    public ReadOnlyMemory<byte> ToBeSigned { get; }

    /// <summary>The outer AlgorithmIdentifier, DER.</summary>
    public ReadOnlyMemory<byte> AlgorithmIdentifier { get; }

    /// <summary>The octets of the signature.</summary>
    public ReadOnlyMemory<byte> Signature { get; }

    /// <summary>Joins the three parts; each of the first two is one DER value.</summary>
    public static byte[] Encode(ReadOnlySpan<byte> toBeSigned, ReadOnlySpan<byte> algorithmIdentifier, ReadOnlySpan<byte> signature)
    {
        // Written by hand: a CRL can have many megabytes, which a growing writer would copy several times.
        var signatureLength = 1 + signature.Length;
        var signatureHeader = DerHeader.LengthOf(signatureLength);
        var content = toBeSigned.Length + algorithmIdentifier.Length + signatureHeader + signatureLength;
        var der = new byte[DerHeader.LengthOf(content) + content];
        var rest = DerHeader.Write(der, DerHeader.Sequence, content);
        toBeSigned.CopyTo(rest);
        rest = rest[toBeSigned.Length..];
        algorithmIdentifier.CopyTo(rest);
        rest = DerHeader.Write(rest[algorithmIdentifier.Length..], DerHeader.BitString, signatureLength);
        rest[0] = 0;
        signature.CopyTo(rest[1..]);
        return der;
    }

    /// <summary>Takes a signed object apart; the parts are slices of <paramref name="der"/>.</summary>
    /// <exception cref="FormatException">It is not DER, or something follows it.</exception>
    public static SignedObject Split(ReadOnlyMemory<byte> der) =>
        TrySplit(der, out var parts) ? parts : throw new FormatException("This is not a DER signed object.");

    /// <summary>Takes a signed object apart; the parts are slices of <paramref name="der"/>.</summary>
    public static bool TrySplit(ReadOnlyMemory<byte> der, [NotNullWhen(true)] out SignedObject? parts)
    {
        parts = null;
        try
        {
            var outer = new AsnReader(der, AsnEncodingRules.DER);
            var body = outer.ReadSequence();
            outer.ThrowIfNotEmpty();
            var toBeSigned = body.ReadEncodedValue();
            var algorithm = body.ReadEncodedValue();
            if (!body.TryReadPrimitiveBitString(out var unused, out var signature) || unused != 0)
                return false;
            body.ThrowIfNotEmpty();
            parts = new SignedObject(toBeSigned, algorithm, signature);
            return true;
        }
        catch (AsnContentException)
        {
            return false;
        }
    }
}
