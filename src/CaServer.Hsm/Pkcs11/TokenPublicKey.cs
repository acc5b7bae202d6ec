using System.Formats.Asn1;
using System.Security.Cryptography;
using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.HighLevelAPI;

namespace CaServer.Hsm.Pkcs11;

/// <summary>Public key objects as SubjectPublicKeyInfo; .NET checks that a point lies on its curve.</summary>
internal static class TokenPublicKey
{
    private const byte UncompressedPoint = 0x04;

    /// <summary>CKA_EC_PARAMS of a curve: its object identifier in DER (RFC 5480 §2.1.1).</summary>
    public static byte[] CurveParameters(CaKeyKind kind)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        writer.WriteObjectIdentifier(kind == CaKeyKind.P256 ? "1.2.840.10045.3.1.7" : "1.3.132.0.34");
        return writer.Encode();
    }

    /// <summary>Reads an EC public key.</summary>
    public static (CaKeyKind Kind, byte[] SubjectPublicKeyInfo) ReadEc(ISession session, IObjectHandle handle, string label)
    {
        using var values = AttributeValues.Read(session, handle, CKA.CKA_EC_PARAMS, CKA.CKA_EC_POINT);
        var parameters = values.Bytes(CKA.CKA_EC_PARAMS);
        CaKeyKind kind;
        if (parameters.AsSpan().SequenceEqual(CurveParameters(CaKeyKind.P256)))
            kind = CaKeyKind.P256;
        else if (parameters.AsSpan().SequenceEqual(CurveParameters(CaKeyKind.P384)))
            kind = CaKeyKind.P384;
        else
            throw TokenKey.Unusable(label, "its curve is neither P-256 nor P-384");
        var point = UnwrapPoint(values.Bytes(CKA.CKA_EC_POINT), kind.Bits() / 8)
            ?? throw TokenKey.Unusable(label, "its public point is not an uncompressed point of its curve");
        try
        {
            var half = (point.Length - 1) / 2;
            using var key = ECDsa.Create(new ECParameters
            {
                Curve = kind.Curve(),
                Q = new ECPoint { X = point[1..(1 + half)], Y = point[(1 + half)..] },
            });
            return (kind, key.ExportSubjectPublicKeyInfo());
        }
        catch (CryptographicException)
        {
            throw TokenKey.Unusable(label, "its public point does not lie on its curve");
        }
    }

    /// <summary>Reads an RSA public key.</summary>
    public static (CaKeyKind Kind, byte[] SubjectPublicKeyInfo) ReadRsa(ISession session, IObjectHandle handle, string label)
    {
        using var values = AttributeValues.Read(session, handle, CKA.CKA_MODULUS, CKA.CKA_PUBLIC_EXPONENT);
        var modulus = values.Bytes(CKA.CKA_MODULUS);
        var exponent = values.Bytes(CKA.CKA_PUBLIC_EXPONENT);
        if (modulus is null || exponent is null)
            throw TokenKey.Unusable(label, "its public key cannot be read");
        using var key = RSA.Create();
        try
        {
            key.ImportParameters(new RSAParameters { Modulus = TrimZeros(modulus), Exponent = TrimZeros(exponent) });
        }
        catch (CryptographicException)
        {
            throw TokenKey.Unusable(label, "its modulus or exponent is not one of an RSA key");
        }
        var kind = CaKeyKindFacts.RsaOf(key.KeySize) ?? throw TokenKey.Unusable(label, $"a modulus of {key.KeySize} bits is not 2048, 3072 or 4096");
        return (kind, key.ExportSubjectPublicKeyInfo());
    }

    // PKCS#11 v2.40 §2.3.3 wants a DER OCTET STRING around the point; some older tokens give the bare point.
    private static byte[]? UnwrapPoint(byte[]? value, int fieldLength)
    {
        var length = 1 + (2 * fieldLength);
        if (value is null)
            return null;
        var point = value;
        if (value.Length != length && (!AsnDecoder.TryReadPrimitiveOctetString(value, AsnEncodingRules.DER, out var inner, out var consumed)
            || consumed != value.Length || (point = inner.ToArray()).Length != length))
        {
            return null;
        }
        return point[0] == UncompressedPoint ? point : null;
    }

    private static byte[] TrimZeros(byte[] value) => value.AsSpan().TrimStart((byte)0).ToArray();
}
