using System.Numerics;

namespace CaServer.Pki.X509;

/// <summary>Checks that a public key may be certified (BR §6.1.1.3, §6.1.5, §6.1.6).</summary>
public static class KeyChecks
{
    private const int LeastExponent = 65537;

    /// <summary>What is wrong with the key, as one sentence for the subscriber; null if it may be certified.</summary>
    public static string? Fault(SubjectPublicKey key, KeyPolicy policy)
    {
        if (!policy.AllowedKinds.Contains(key.Kind))
            return $"Keys of type {Name(key.Kind)} are not accepted; use {string.Join(" or ", policy.AllowedKinds.Order().Select(Name))}.";
        var fault = key.Kind == KeyKind.Rsa ? RsaFault(key, policy) : PointFault(key);
        if (fault is null && policy.IsBlocked is { } isBlocked && isBlocked(key.Sha256()))
            return "The key is on a list of compromised or weak keys; make a new one.";
        return fault;
    }

    private static string? RsaFault(SubjectPublicKey key, KeyPolicy policy)
    {
        if (key.Bits < policy.MinRsaBits || key.Bits > policy.MaxRsaBits || key.Bits % 8 != 0)
            return $"The RSA key has {key.Bits} bits; use {policy.MinRsaBits} to {policy.MaxRsaBits} bits, a multiple of 8.";
        // BR §6.1.6: e SHOULD be 2^16+1 .. 2^256-1; we insist. The upper end was checked when the key was read.
        if (key.Exponent.IsEven || key.Exponent < LeastExponent)
            return "The RSA public exponent must be odd and at least 65537.";
        if (key.Modulus.IsEven)
            return "The RSA modulus is even.";
        return RsaModulus.Weakness(key.Modulus);
    }

    // BR §6.1.6 (full public key validation, NIST SP 800-56A §5.6.2.3.3). The cofactor of these curves is 1, so that a
    // point on the curve, with coordinates in range, is all there is to check; infinity has no uncompressed form.
    private static string? PointFault(SubjectPublicKey key)
    {
        var coordinates = key.Point.Span;
        var width = coordinates.Length / 2;
        var x = new BigInteger(coordinates[..width], isUnsigned: true, isBigEndian: true);
        var y = new BigInteger(coordinates[width..], isUnsigned: true, isBigEndian: true);
        return NistCurve.Of(key.Kind).Contains(x, y) ? null : "The EC public key is not a point on its curve.";
    }

    private static string Name(KeyKind kind) => kind switch
    {
        KeyKind.Rsa => "RSA",
        KeyKind.P256 => "ECDSA P-256",
        KeyKind.P384 => "ECDSA P-384",
        KeyKind.P521 => "ECDSA P-521",
    };
}
