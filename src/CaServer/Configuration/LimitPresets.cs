using CaServer.Domain;

namespace CaServer.Configuration;

/// <summary>The limits of each preset.</summary>
internal static class LimitPresets
{
    // Against a client that runs wild, not against use: a fleet behind one address, and a test run, stay below.
    private static readonly LimitDefaults s_private = new(
        new Dictionary<LimitKind, RateLimit>
        {
            [LimitKind.AccountsPerAddress] = Rate(5000, TimeSpan.FromHours(3)),
            [LimitKind.AccountsPerNetwork] = Rate(20_000, TimeSpan.FromHours(3)),
            [LimitKind.OrdersPerAccount] = Rate(20_000, TimeSpan.FromHours(3)),
            [LimitKind.CertificatesPerNames] = Rate(1000, TimeSpan.FromDays(7)),
            [LimitKind.FailedValidations] = Rate(200, TimeSpan.FromHours(1)),
        },
        MaxPending: 10_000);

    // What clients of public CAs are used to.
    private static readonly LimitDefaults s_webPki = new(
        new Dictionary<LimitKind, RateLimit>
        {
            [LimitKind.AccountsPerAddress] = Rate(10, TimeSpan.FromHours(3)),
            [LimitKind.AccountsPerNetwork] = Rate(500, TimeSpan.FromHours(3)),
            [LimitKind.OrdersPerAccount] = Rate(300, TimeSpan.FromHours(3)),
            [LimitKind.CertificatesPerDomain] = Rate(50, TimeSpan.FromDays(7)),
            [LimitKind.CertificatesPerNames] = Rate(5, TimeSpan.FromDays(7)),
            [LimitKind.FailedValidations] = Rate(5, TimeSpan.FromHours(1)),
        },
        MaxPending: 300);

    /// <summary>The limits of a preset.</summary>
    public static LimitDefaults Of(PolicyPreset preset) => preset switch
    {
        PolicyPreset.Private => s_private,
        PolicyPreset.WebPki => s_webPki,
    };

    private static RateLimit Rate(int count, TimeSpan period) => new(count, period, count);
}
