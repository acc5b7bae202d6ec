using CaServer.Signing;

namespace CaServer.Configuration;

/// <summary>Section <c>Status</c>: OCSP and CRLs.</summary>
internal sealed class StatusOptions
{
    /// <summary>Whether OCSP is answered, and new certificates say where.</summary>
    public bool Ocsp { get; set; } = true;

    /// <summary>How long an OCSP answer is valid; it is replaced before half of that.</summary>
    public TimeSpan OcspLifetime { get; set; } = TimeSpan.FromDays(4);

    /// <summary>Whether a nonce is answered with a response signed for it.</summary>
    public bool OcspNonce { get; set; } = true;

    /// <summary>Most responses a second that are signed while the client waits.</summary>
    public int OcspLiveRate { get; set; } = 100;

    /// <summary>How long caches may keep an OCSP answer or a CRL.</summary>
    public TimeSpan MaxAge { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How many CRLs new certificates are spread over.</summary>
    public int CrlShards { get; set; } = 1;

    /// <summary>How often each CRL is made anew when nothing is revoked.</summary>
    public TimeSpan CrlInterval { get; set; } = TimeSpan.FromHours(6);

    /// <summary>How long a CRL is valid.</summary>
    public TimeSpan CrlLifetime { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Whether each CRL has a delta beside it.</summary>
    public bool DeltaCrls { get; set; }
}

/// <summary>OCSP and CRLs, validated.</summary>
internal sealed record StatusSettings
{
    public required bool Ocsp { get; init; }

    public required TimeSpan OcspLifetime { get; init; }

    public required bool OcspNonce { get; init; }

    public required int OcspLiveRate { get; init; }

    public required TimeSpan MaxAge { get; init; }

    public required int CrlShards { get; init; }

    public required TimeSpan CrlInterval { get; init; }

    public required TimeSpan CrlLifetime { get; init; }

    public required bool DeltaCrls { get; init; }

    public static StatusSettings Parse(StatusOptions options, SettingFaults faults)
    {
        var settings = new StatusSettings
        {
            Ocsp = options.Ocsp,
            // BR §4.9.10: 8 hours to 10 days; Microsoft's programme: at most 7 days. Below 16 hours every half-life counts.
            OcspLifetime = faults.InRange("Status:OcspLifetime", options.OcspLifetime, TimeSpan.FromHours(8), TimeSpan.FromDays(7)),
            OcspNonce = options.OcspNonce,
            OcspLiveRate = faults.InRange("Status:OcspLiveRate", options.OcspLiveRate, 1, 10_000),
            MaxAge = faults.InRange("Status:MaxAge", options.MaxAge, TimeSpan.FromSeconds(1), TimeSpan.FromHours(4)),
            CrlShards = faults.InRange("Status:CrlShards", options.CrlShards, 1, StatusUrls.MaxShards),
            // BR §4.9.7: at least every 4 days; §7.2: valid for at most 10.
            CrlInterval = faults.InRange("Status:CrlInterval", options.CrlInterval, TimeSpan.FromMinutes(1), TimeSpan.FromDays(4)),
            CrlLifetime = faults.InRange("Status:CrlLifetime", options.CrlLifetime, TimeSpan.FromHours(8), TimeSpan.FromDays(10)),
            DeltaCrls = options.DeltaCrls,
        };
        if (settings.CrlLifetime < 2 * settings.CrlInterval)
            faults.Add("Status:CrlLifetime", "must be at least twice Status:CrlInterval, or one failed publication would leave clients without a CRL");
        return settings;
    }
}
