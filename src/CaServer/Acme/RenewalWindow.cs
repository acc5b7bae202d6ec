using CaServer.Storage;

namespace CaServer.Acme;

/// <summary>When a client should renew (RFC 9773 §4.2).</summary>
/// <param name="Start">Begin of the window.</param>
/// <param name="End">End of the window, later than its begin.</param>
internal readonly record struct RenewalWindow(DateTimeOffset Start, DateTimeOffset End)
{
    // Certificates that live no longer than this are renewed at half of their life, as there is less time to mend a failure.
    private static readonly TimeSpan s_shortLived = TimeSpan.FromDays(10);

    private static readonly TimeSpan s_least = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The window of a certificate: already over if it is revoked, otherwise where the operator moved it, otherwise around two thirds
    /// of its life.
    /// </summary>
    public static RenewalWindow Of(Issuance issuance, Revocation? revocation, MovedWindow? moved)
    {
        var life = issuance.NotAfter - issuance.NotBefore;
        if (revocation is not null)
            return new RenewalWindow(issuance.NotBefore, Later(revocation.RevokedAt, issuance.NotBefore + s_least));
        if (moved is not null)
            return Within(moved, issuance.NotAfter);
        var begin = issuance.NotBefore + (life <= s_shortLived ? life / 2 : life * 2 / 3);
        // Wide enough to spread the load of many certificates that were issued together.
        return new RenewalWindow(begin, begin + (life / 30));
    }

    // A window may be given to many certificates, of which some end before it does.
    private static RenewalWindow Within(MovedWindow moved, DateTimeOffset notAfter)
    {
        var end = moved.End < notAfter ? moved.End : notAfter;
        return new RenewalWindow(moved.Start < end ? moved.Start : end - s_least, end);
    }

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;
}
