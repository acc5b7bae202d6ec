using System.Globalization;
using System.Numerics;

namespace CaServer.Pki.X509;

/// <summary>A prime curve y² = x³ − 3x + b (FIPS 186-5, NIST SP 800-186 §3.2.1).</summary>
internal sealed class NistCurve
{
    private static readonly NistCurve s_p256 = new(
        BigInteger.Pow(2, 256) - BigInteger.Pow(2, 224) + BigInteger.Pow(2, 192) + BigInteger.Pow(2, 96) - 1,
        "5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b");

    private static readonly NistCurve s_p384 = new(
        BigInteger.Pow(2, 384) - BigInteger.Pow(2, 128) - BigInteger.Pow(2, 96) + BigInteger.Pow(2, 32) - 1,
        "b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef");

    private static readonly NistCurve s_p521 = new(
        BigInteger.Pow(2, 521) - 1,
        "0051953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00");

    private readonly BigInteger _p;
    private readonly BigInteger _b;

    private NistCurve(BigInteger p, string b)
    {
        _p = p;
        _b = BigInteger.Parse("0" + b, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
    }

    /// <summary>The curve of a kind of EC key.</summary>
    internal static NistCurve Of(KeyKind kind) => kind switch
    {
        KeyKind.P256 => s_p256,
        KeyKind.P384 => s_p384,
        KeyKind.P521 => s_p521,
        KeyKind.Rsa => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    /// <summary>Whether both coordinates are below p and satisfy the equation.</summary>
    internal bool Contains(BigInteger x, BigInteger y) =>
        x < _p && y < _p && (y * y - (x * x - 3) * x - _b) % _p == 0;
}
