using CaServer.Storage;

namespace CaServer.Acme;

/// <summary>When a client should renew (RFC 9773 §4.2).</summary>
/// <param name="Start">Begin of the window.</param>
/// <param name="End">End of the window, later than its begin.</param>
internal readonly record struct RenewalWindow(DateTimeOffset Start, DateTimeOffset End)
{
    // Certificates that live no longer than this are renewed at half of their life, as there is less time to mend a failure.
    private static readonly TimeSpan s_shortLived = TimeSpan.FromDays(10);

    /// <summary>The window of a certificate: around two thirds of its life, and already over if it is revoked.</summary>
    public static RenewalWindow Of(Issuance issuance, Revocation? revocation)
    {
        var life = issuance.NotAfter - issuance.NotBefore;
        if (revocation is not null)
            return new RenewalWindow(issuance.NotBefore, Later(revocation.RevokedAt, issuance.NotBefore + TimeSpan.FromSeconds(1)));
        var begin = issuance.NotBefore + (life <= s_shortLived ? life / 2 : life * 2 / 3);
        // Wide enough to spread the load of many certificates that were issued together.
        return new RenewalWindow(begin, begin + (life / 30));
    }

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;
}
