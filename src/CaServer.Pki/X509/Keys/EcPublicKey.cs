using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace CaServer.Pki.X509;

/// <summary>
/// Imports public EC keys. .NET's import multiplies the point by the order of the curve, which costs more than verifying a
/// signature. On curves with cofactor 1, as the three here, every point has that order, so OpenSSL's own import only checks that
/// the coordinates are in range and that the point lies on the curve (NIST SP 800-56A §5.6.2.3.4).
/// </summary>
internal static partial class EcPublicKey
{
    private const string Crypto = "libcrypto.so.3";
    private const byte Uncompressed = 4;

    // EVP_PKEY_PUBLIC_KEY of OpenSSL 3: the key and the parameters of its curve.
    private const int PublicKeySelection = 0x86;

    // The native key goes to .NET's own classes, so both must have loaded the same library.
    private static readonly bool s_hasOpenSsl3 =
        OperatingSystem.IsLinux() && SafeEvpPKeyHandle.OpenSslVersion >> 28 == 3 && NativeLibrary.TryLoad(Crypto, out _);

    /// <summary>Imports a key on P-256, P-384 or P-521.</summary>
    /// <exception cref="CryptographicException">The coordinates are not those of a point on the curve.</exception>
    internal static ECDsa Import(KeyKind kind, ReadOnlySpan<byte> x, ReadOnlySpan<byte> y) =>
        s_hasOpenSsl3 && OperatingSystem.IsLinux()
            ? ImportQuickly(kind, [Uncompressed, .. x, .. y])
            : ImportAnywhere(kind, x, y);

    /// <summary>As <see cref="Import"/>, with .NET alone.</summary>
    internal static ECDsa ImportAnywhere(KeyKind kind, ReadOnlySpan<byte> x, ReadOnlySpan<byte> y) => ECDsa.Create(new ECParameters
    {
        Curve = kind switch
        {
            KeyKind.P256 => ECCurve.NamedCurves.nistP256,
            KeyKind.P384 => ECCurve.NamedCurves.nistP384,
            KeyKind.P521 => ECCurve.NamedCurves.nistP521,
            KeyKind.Rsa => throw new ArgumentOutOfRangeException(nameof(kind)),
        },
        Q = new ECPoint { X = x.ToArray(), Y = y.ToArray() },
    });

    [System.Runtime.Versioning.SupportedOSPlatform("linux")]
    private static unsafe ECDsaOpenSsl ImportQuickly(KeyKind kind, ReadOnlySpan<byte> point)
    {
        var group = kind switch
        {
            KeyKind.P256 => "prime256v1"u8,
            KeyKind.P384 => "secp384r1"u8,
            KeyKind.P521 => "secp521r1"u8,
            KeyKind.Rsa => throw new ArgumentOutOfRangeException(nameof(kind)),
        };
        var context = NewContext(0, "EC", null);
        try
        {
            // A zero octet follows each of these literals, as C wants.
            fixed (byte* groupName = "group"u8, groupValue = group, pointName = "pub"u8, pointValue = point)
            {
                var parameters = stackalloc Parameter[]
                {
                    new(groupName, Parameter.Utf8String, groupValue, group.Length),
                    new(pointName, Parameter.OctetString, pointValue, point.Length),
                    default,
                };
                if (context == 0 || Begin(context) != 1 || FromData(context, out var key, PublicKeySelection, parameters) != 1)
                    throw new CryptographicException("The point is not on the curve.");
                using var handle = new SafeEvpPKeyHandle(key, ownsHandle: true);
                return new ECDsaOpenSsl(handle);
            }
        }
        finally
        {
            Free(context);
        }
    }

    [LibraryImport(Crypto, EntryPoint = "EVP_PKEY_CTX_new_from_name", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint NewContext(nint library, string algorithm, string? properties);

    [LibraryImport(Crypto, EntryPoint = "EVP_PKEY_fromdata_init")]
    private static partial int Begin(nint context);

    [LibraryImport(Crypto, EntryPoint = "EVP_PKEY_fromdata")]
    private static unsafe partial int FromData(nint context, out nint key, int selection, Parameter* parameters);

    [LibraryImport(Crypto, EntryPoint = "EVP_PKEY_CTX_free")]
    private static partial void Free(nint context);

    // OSSL_PARAM(3).
    [StructLayout(LayoutKind.Sequential)]
    private readonly unsafe struct Parameter(byte* name, uint type, byte* value, int length)
    {
        internal const uint Utf8String = 4;
        internal const uint OctetString = 5;

        private readonly byte* _name = name;
        private readonly uint _type = type;
        private readonly byte* _value = value;
        private readonly nuint _length = (nuint)length;
        private readonly nuint _written = nuint.MaxValue;
    }
}
