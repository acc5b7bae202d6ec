namespace CaServer.Pki.X509;

/// <summary>How long a certificate may be valid, by when it is signed (BR §6.3.2, §1.6.1).</summary>
public static class ValidityCalendar
{
    /// <summary>Validity up to which a certificate is short-lived and needs no revocation service (BR §1.6.1).</summary>
    public static readonly TimeSpan ShortLived = TimeSpan.FromDays(7);

    private static readonly Row[] s_rows =
    [
        new(new DateTimeOffset(2020, 9, 1, 0, 0, 0, TimeSpan.Zero), MaxDays: 398, RecommendedDays: 397),
        new(new DateTimeOffset(2026, 3, 15, 0, 0, 0, TimeSpan.Zero), MaxDays: 200, RecommendedDays: 199),
        new(new DateTimeOffset(2027, 3, 15, 0, 0, 0, TimeSpan.Zero), MaxDays: 100, RecommendedDays: 99),
        new(new DateTimeOffset(2029, 3, 15, 0, 0, 0, TimeSpan.Zero), MaxDays: 47, RecommendedDays: 46),
    ];

    /// <summary>The longest validity of a certificate signed at this moment.</summary>
    public static TimeSpan Max(DateTimeOffset signedAt) => TimeSpan.FromDays(At(signedAt).MaxDays);

    /// <summary>The longest validity that the rules recommend for a certificate signed at this moment.</summary>
    public static TimeSpan Recommended(DateTimeOffset signedAt) => TimeSpan.FromDays(At(signedAt).RecommendedDays);

    private static Row At(DateTimeOffset signedAt)
    {
        var row = s_rows[0];
        foreach (var later in s_rows.AsSpan(1))
        {
            if (signedAt >= later.EffectiveFrom)
                row = later;
        }
        return row;
    }

    private readonly record struct Row(DateTimeOffset EffectiveFrom, int MaxDays, int RecommendedDays);
}
