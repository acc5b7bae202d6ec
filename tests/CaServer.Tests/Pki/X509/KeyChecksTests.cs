using System.Collections.Frozen;
using System.Numerics;
using System.Security.Cryptography;
using CaServer.Pki.X509;
using CaServer.TestKit;

namespace CaServer.Tests.Pki.X509;

public sealed class KeyChecksTests
{
    private static readonly BigInteger s_small = SmallPrimes(752).Aggregate(BigInteger.One, (product, p) => product * p);

    [Fact]
    public void Keys_of_the_platform_are_good()
    {
        foreach (var key in new[] { TestKeys.P256, TestKeys.P384, TestKeys.P521, TestKeys.Rsa2048 })
            Assert.Null(KeyChecks.Fault(key, KeyPolicy.Default));
    }

    [Theory]
    [InlineData("rsa-roca.key", "ROCA")]
    [InlineData("rsa-fermat-pkcs1.key", "too close")]
    [InlineData("rsa-fermat-pkcs8.key", "too close")]
    [InlineData("rsa-smallfactors-corrupt.key", "small factor")]
    [InlineData("rsa-e1.key", "exponent")]
    [InlineData("rsa-large-e.key", "exponent")]
    [InlineData("rsa-e-larger-n.key", "exponent")]
    [InlineData("rsa-ok.key", null)]
    [InlineData("rsa-smallfactors-valid.key", null)] // its least factor is 31337; BR §6.1.6 looks below 752
    [InlineData("rsa-vanity.key", null)]
    public void A_sample_of_each_weakness_is_found(string file, string? expected)
    {
        var fault = SubjectPublicKey.TryRead(SpkiOf(Vectors.Path("badkeys-keys/" + file)), out var key, out var unreadable)
            ? KeyChecks.Fault(key, KeyPolicy.Default)
            : unreadable;
        if (expected is null)
            Assert.Null(fault);
        else
            Assert.Contains(expected, fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rsa-debianweak.key")]
    [InlineData("rsa-sharedprimes.key")]
    public void A_listed_key_is_refused_by_its_hash(string file)
    {
        var key = TestKeys.Read(SpkiOf(Vectors.Path("badkeys-keys/" + file)));
        var listed = Convert.ToHexString(SHA256.HashData(key.Der.Span));
        Assert.Null(KeyChecks.Fault(key, KeyPolicy.Default));
        Assert.Contains("list", KeyChecks.Fault(key, KeyPolicy.Default with { IsBlocked = hash => Convert.ToHexString(hash) == listed }), StringComparison.Ordinal);
        Assert.Null(KeyChecks.Fault(TestKeys.P256, KeyPolicy.Default with { IsBlocked = hash => Convert.ToHexString(hash) == listed }));
    }

    [Theory]
    [InlineData(1024, "1024 bits")]
    [InlineData(2047, "2047 bits")]
    [InlineData(2049, "2049 bits")]
    [InlineData(4104, "4104 bits")]
    public void Rsa_sizes_outside_the_policy_are_refused(int bits, string expected) =>
        Assert.Contains(expected, KeyChecks.Fault(Rsa((BigInteger.One << (bits - 1)) + 1, 65537), KeyPolicy.Default), StringComparison.Ordinal);

    [Theory]
    [InlineData(3)]
    [InlineData(65535)]
    [InlineData(65538)]
    public void Exponents_that_are_small_or_even_are_refused(int exponent) =>
        Assert.Contains("exponent", KeyChecks.Fault(Rsa(ModulusOf(TestKeys.Rsa2048), exponent), KeyPolicy.Default), StringComparison.Ordinal);

    [Fact]
    public void An_even_modulus_is_refused() =>
        Assert.Contains("even", KeyChecks.Fault(Rsa(ModulusOf(TestKeys.Rsa2048) + 1, 65537), KeyPolicy.Default), StringComparison.Ordinal);

    [Fact]
    public void Each_prime_below_752_is_found_as_a_factor()
    {
        foreach (var p in SmallPrimes(752))
        {
            var n = (Factor(1024) * p) | 1;
            while (n % p != 0)
                n += 2;
            Assert.Contains("small factor", RsaModulus.Weakness(n), StringComparison.Ordinal);
        }
        Assert.Equal(751, SmallPrimes(752).Last());
    }

    [Fact]
    public void Primes_that_a_hundred_rounds_find_are_too_close_and_farther_ones_are_not()
    {
        // n = (a - b)(a + b) is found in the round in which the method comes to a; that is about b² / 2a after the root of n.
        Assert.Contains("too close", Weakness(rounds: 0), StringComparison.Ordinal);
        Assert.Contains("too close", Weakness(rounds: 1), StringComparison.Ordinal);
        Assert.Contains("too close", Weakness(rounds: 98), StringComparison.Ordinal);
        Assert.Null(Weakness(rounds: 102));
        Assert.Null(Weakness(rounds: 100_000));

        static string? Weakness(long rounds)
        {
            var a = (Random(1024) | (BigInteger.One << 1023)) & ~BigInteger.One;
            while (true)
            {
                a += 2;
                var b = rounds == 0 ? BigInteger.Zero : RsaModulus.SquareRoot(2 * a * rounds) | 1;
                var n = (a - b) * (a + b);
                if (b.IsZero)
                    n = (a + 1) * (a + 1);
                if (BigInteger.GreatestCommonDivisor(n, s_small).IsOne)
                    return RsaModulus.Weakness(n);
            }
        }
    }

    [Fact]
    public void Primes_of_the_faulty_generators_form_are_found()
    {
        // p = k * M + (65537^a mod M); for 2048-bit keys M is the product of the first 126 primes, 2 to 701.
        var m = SmallPrimes(702).Aggregate(new BigInteger(2), (product, p) => product * p);
        Assert.Contains("ROCA", RsaModulus.Weakness(Prime() * Prime()), StringComparison.Ordinal);

        BigInteger Prime()
        {
            while (true)
            {
                var candidate = Random(54) * m + BigInteger.ModPow(65537, Random(62), m);
                if (BigInteger.GreatestCommonDivisor(candidate, s_small).IsOne)
                    return candidate;
            }
        }
    }

    [Fact]
    public void Good_moduli_are_not_taken_for_weak_ones()
    {
        // Products of numbers without small factors stand in for products of primes, which cost much more to make.
        for (var i = 0; i < 200; i++)
            Assert.Null(RsaModulus.Weakness(Factor(1024) * Factor(1024)));
    }

    [Fact]
    public void The_integer_root_is_exact_around_squares()
    {
        for (var bits = 1; bits < 2200; bits += 37)
        {
            var root = Random(bits) + 1;
            Assert.Equal(root, RsaModulus.SquareRoot(root * root));
            Assert.Equal(root - 1, RsaModulus.SquareRoot(root * root - 1));
            Assert.Equal(root, RsaModulus.SquareRoot(root * root + 1));
        }
        Assert.Equal(0, RsaModulus.SquareRoot(0));
    }

    [Theory]
    [InlineData(KeyKind.P256)]
    [InlineData(KeyKind.P384)]
    [InlineData(KeyKind.P521)]
    public void A_point_beside_its_curve_is_refused(KeyKind kind)
    {
        var key = kind switch { KeyKind.P256 => TestKeys.P256, KeyKind.P384 => TestKeys.P384, _ => TestKeys.P521 };
        var spoiled = key.Der.ToArray();
        spoiled[^1] ^= 1;
        Assert.Contains("not a point", KeyChecks.Fault(TestKeys.Read(spoiled), KeyPolicy.Default), StringComparison.Ordinal);
        var tooLarge = key.Der.ToArray();
        tooLarge.AsSpan(tooLarge.Length - key.Point.Length).Fill(0xff);
        Assert.Contains("not a point", KeyChecks.Fault(TestKeys.Read(tooLarge), KeyPolicy.Default), StringComparison.Ordinal);
        var zero = key.Der.ToArray();
        zero.AsSpan(zero.Length - key.Point.Length).Clear();
        Assert.Contains("not a point", KeyChecks.Fault(TestKeys.Read(zero), KeyPolicy.Default), StringComparison.Ordinal);
    }

    [Fact]
    public void A_kind_that_the_profile_does_not_certify_is_named_with_those_it_does()
    {
        var policy = KeyPolicy.Default with { AllowedKinds = new[] { KeyKind.P384, KeyKind.P256 }.ToFrozenSet() };
        Assert.Equal("Keys of type RSA are not accepted; use ECDSA P-256 or ECDSA P-384.", KeyChecks.Fault(TestKeys.Rsa2048, policy));
        Assert.Null(KeyChecks.Fault(TestKeys.P256, policy));
    }

    private static SubjectPublicKey Rsa(BigInteger modulus, BigInteger exponent) => TestKeys.Read(Der.Sequence(
        Der.Hex("300d06092a864886f70d0101010500"),
        Der.Tlv(0x03, [0], Der.Write(w =>
        {
            using (w.PushSequence())
            {
                w.WriteInteger(modulus);
                w.WriteInteger(exponent);
            }
        }))));

    private static BigInteger ModulusOf(SubjectPublicKey key) => key.Modulus;

    private static BigInteger Random(int bits)
    {
        var octets = RandomNumberGenerator.GetBytes(bits / 8 + 1);
        return new BigInteger(octets, isUnsigned: true) & ((BigInteger.One << bits) - 1);
    }

    /// <summary>An odd number of this size without factors below 752.</summary>
    private static BigInteger Factor(int bits)
    {
        var candidate = Random(bits) | (BigInteger.One << (bits - 1)) | 1;
        while (!BigInteger.GreatestCommonDivisor(candidate, s_small).IsOne)
            candidate += 2;
        return candidate;
    }

    private static IEnumerable<int> SmallPrimes(int limit) =>
        Enumerable.Range(3, limit - 3).Where(n => n % 2 == 1 && Enumerable.Range(3, Math.Max(0, (int)Math.Sqrt(n) - 2)).All(d => n % d != 0));

    /// <summary>The public key in a PEM file of any of the forms that the samples have.</summary>
    private static byte[] SpkiOf(string path)
    {
        var text = File.ReadAllText(path);
        var fields = PemEncoding.Find(text);
        var content = Convert.FromBase64String(text[fields.Base64Data]);
        return text[fields.Label] switch
        {
            "PUBLIC KEY" => content,
            "RSA PUBLIC KEY" => Der.Sequence(Der.Hex("300d06092a864886f70d0101010500"), Der.Tlv(0x03, [0], content)),
            "RSA PRIVATE KEY" => OfPrivate(content),
            var label => throw new InvalidDataException(label),
        };
    }

    private static byte[] OfPrivate(byte[] pkcs1)
    {
        var key = new System.Formats.Asn1.AsnReader(pkcs1, System.Formats.Asn1.AsnEncodingRules.DER).ReadSequence();
        key.ReadInteger();
        var modulus = key.ReadEncodedValue().ToArray();
        var exponent = key.ReadEncodedValue().ToArray();
        return Der.Sequence(Der.Hex("300d06092a864886f70d0101010500"), Der.Tlv(0x03, [0], Der.Sequence(modulus, exponent)));
    }
}
