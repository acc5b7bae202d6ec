using System.Numerics;

namespace CaServer.Pki.X509;

/// <summary>Weaknesses of RSA moduli that can be seen from the outside. The modulus is odd.</summary>
internal static class RsaModulus
{
    // BR §6.1.6: no factor smaller than 752. They are also all that ROCA needs.
    private const int SmallFactorLimit = 752;

    // BR §6.1.1.3(5): factors that this many rounds of Fermat's method find.
    private const int FermatRounds = 100;

    private static readonly uint[] s_primes = PrimesBelow(SmallFactorLimit);
    private static readonly PrimeGroup[] s_groups = Group(s_primes);
    private static readonly Dictionary<uint, bool[]> s_rocaResidues = s_primes.Where(p => p <= RocaLargestPrime).ToDictionary(p => p, Powers65537);

    // Nemec, Sys, Svenda, Klinec, Matyas: "The Return of Coppersmith's Attack", CCS 2017 (CVE-2017-15361). The primes made by
    // the faulty library are k*M + (65537^a mod M) with M the product of the first primes; up to 167 serves for all key sizes.
    private const uint RocaLargestPrime = 167;

    /// <summary>What is wrong with the modulus, as one sentence; null if nothing is known to be.</summary>
    internal static string? Weakness(BigInteger n)
    {
        var roca = true;
        foreach (var group in s_groups)
        {
            var residue = (ulong)(n % group.Product);
            foreach (var p in group.Primes)
            {
                var r = (uint)(residue % p);
                if (r == 0)
                    return $"The RSA modulus has the small factor {p}; make a new key.";
                if (roca && p <= RocaLargestPrime)
                    roca = s_rocaResidues[p][r];
            }
        }
        if (roca)
            return "The RSA key was made by a faulty generator (ROCA, CVE-2017-15361); make a new one with other software or hardware.";
        return HasCloseFactors(n) ? "The RSA key's primes are too close together (Fermat's method factors it); make a new key." : null;
    }

    // Looks for a with a² − n a perfect square; then n = (a − b)(a + b).
    private static bool HasCloseFactors(BigInteger n)
    {
        var root = SquareRoot(n);
        if (root * root == n)
            return true;
        var a = root + 1;
        var rest = a * a - n;
        for (var round = 0; round < FermatRounds; round++)
        {
            if (IsSquare(rest))
                return true;
            rest += 2 * a + 1;
            a += 1;
        }
        return false;
    }

    private static bool IsSquare(BigInteger n)
    {
        // Squares are 12 of 64 residues; of what is left, 16 of 63 and 21 of 65 and 6 of 11: one number in hundred comes through.
        if (!s_squares64[(int)(uint)(n & 63)])
            return false;
        var residue = (int)(n % (63 * 65 * 11));
        if (!s_squares63[residue % 63] || !s_squares65[residue % 65] || !s_squares11[residue % 11])
            return false;
        var root = SquareRoot(n);
        return root * root == n;
    }

    private static readonly bool[] s_squares64 = Squares(64);
    private static readonly bool[] s_squares63 = Squares(63);
    private static readonly bool[] s_squares65 = Squares(65);
    private static readonly bool[] s_squares11 = Squares(11);

    /// <summary>The integer square root, by Newton's method from above.</summary>
    internal static BigInteger SquareRoot(BigInteger n)
    {
        if (n.IsZero)
            return n;
        // A start right to 50 bits from the leading bits makes the rest a handful of steps; one more than that is above the root.
        var shift = Math.Max(0, ((int)n.GetBitLength() - 104) / 2 * 2);
        var lead = Math.Sqrt((double)(n >> shift));
        var x = (new BigInteger(Math.Ceiling(lead * (1 + 1e-14))) + 1) << (shift / 2);
        while (true)
        {
            var y = (x + n / x) >> 1;
            if (y >= x)
                return x;
            x = y;
        }
    }

    private static bool[] Squares(int modulus)
    {
        var squares = new bool[modulus];
        for (var i = 0; i < modulus; i++)
            squares[i * i % modulus] = true;
        return squares;
    }

    private static bool[] Powers65537(uint p)
    {
        var powers = new bool[p];
        for (ulong r = 1; !powers[r]; r = r * 65537 % p)
            powers[r] = true;
        return powers;
    }

    private static uint[] PrimesBelow(uint limit)
    {
        var primes = new List<uint>();
        for (uint candidate = 3; candidate < limit; candidate += 2)
        {
            if (primes.TrueForAll(p => candidate % p != 0))
                primes.Add(candidate);
        }
        return [.. primes];
    }

    // Primes are multiplied as long as the product fits 32 bits, which is what BigInteger divides by fastest.
    private static PrimeGroup[] Group(uint[] primes)
    {
        var groups = new List<PrimeGroup>();
        var members = new List<uint>();
        ulong product = 1;
        foreach (var p in primes)
        {
            if (product * p > uint.MaxValue)
            {
                groups.Add(new PrimeGroup((uint)product, [.. members]));
                members.Clear();
                product = 1;
            }
            members.Add(p);
            product *= p;
        }
        groups.Add(new PrimeGroup((uint)product, [.. members]));
        return [.. groups];
    }

    private readonly record struct PrimeGroup(uint Product, uint[] Primes);
}
