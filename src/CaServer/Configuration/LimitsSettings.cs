using CaServer.Domain;

namespace CaServer.Configuration;

/// <summary>Section <c>Limits</c>.</summary>
internal sealed class LimitsOptions
{
    /// <summary>Whether rate limits apply.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Connections that each listener keeps open at the same time; further ones are closed at once.</summary>
    public int MaxConnections { get; set; } = 4096;

    /// <summary>New accounts from one address.</summary>
    public RateLimitOptions AccountsPerAddress { get; } = new();

    /// <summary>New accounts from one network.</summary>
    public RateLimitOptions AccountsPerNetwork { get; } = new();

    /// <summary>New orders of one account.</summary>
    public RateLimitOptions OrdersPerAccount { get; } = new();

    /// <summary>Certificates below one registered domain.</summary>
    public RateLimitOptions CertificatesPerDomain { get; } = new();

    /// <summary>Certificates for one set of names.</summary>
    public RateLimitOptions CertificatesPerNames { get; } = new();

    /// <summary>Failed validations of one name by one account.</summary>
    public RateLimitOptions FailedValidations { get; } = new();

    /// <summary>Pending authorizations of one account.</summary>
    public NumberLimitOptions PendingAuthorizations { get; } = new();
}

/// <summary>A rate; what is null is as in the preset.</summary>
internal sealed class RateLimitOptions
{
    /// <summary>How many; 0: any number.</summary>
    public int? Count { get; set; }

    /// <summary>In which time.</summary>
    public TimeSpan? Period { get; set; }

    /// <summary>How many at once.</summary>
    public int? Burst { get; set; }
}

/// <summary>A number; null is as in the preset.</summary>
internal sealed class NumberLimitOptions
{
    /// <summary>How many; 0: any number.</summary>
    public int? Count { get; set; }
}

/// <summary>Limits, validated.</summary>
/// <param name="Defaults">How much is allowed where no exception says otherwise; nothing is limited where limits are off.</param>
/// <param name="Enabled">Whether rate limits apply.</param>
/// <param name="MaxConnections">Open connections of each listener.</param>
internal sealed record LimitsSettings(LimitDefaults Defaults, bool Enabled, int MaxConnections)
{
    /// <summary>Greatest count of any limit.</summary>
    public const int LargestCount = 1_000_000;

    /// <summary>Shortest and longest period of a rate.</summary>
    public static readonly (TimeSpan Min, TimeSpan Max) Periods = (TimeSpan.FromSeconds(1), TimeSpan.FromDays(400));

    public static LimitsSettings Parse(LimitsOptions options, PolicyPreset preset, SettingFaults faults)
    {
        var preliminary = LimitPresets.Of(preset);
        var rates = new Dictionary<LimitKind, RateLimit>();
        foreach (var (limit, section) in new[]
        {
            (LimitKind.AccountsPerAddress, options.AccountsPerAddress),
            (LimitKind.AccountsPerNetwork, options.AccountsPerNetwork),
            (LimitKind.OrdersPerAccount, options.OrdersPerAccount),
            (LimitKind.CertificatesPerDomain, options.CertificatesPerDomain),
            (LimitKind.CertificatesPerNames, options.CertificatesPerNames),
            (LimitKind.FailedValidations, options.FailedValidations),
        })
        {
            if (ParseRate($"Limits:{limit}", section, preliminary.Rates.GetValueOrDefault(limit), faults) is { } rate)
                rates[limit] = rate;
        }
        var pending = options.PendingAuthorizations.Count is { } count
            ? faults.InRange("Limits:PendingAuthorizations:Count", count, 0, LargestCount) is > 0 and var number ? number : (long?)null
            : preliminary.MaxPending;
        return new LimitsSettings(
            options.Enabled ? new LimitDefaults(rates, pending) : LimitDefaults.None,
            options.Enabled,
            faults.InRange("Limits:MaxConnections", options.MaxConnections, 16, 1_000_000));
    }

    private static RateLimit? ParseRate(string key, RateLimitOptions options, RateLimit? preset, SettingFaults faults)
    {
        var count = faults.InRange($"{key}:Count", options.Count ?? preset?.Count ?? 0, 0, LargestCount);
        var period = options.Period ?? preset?.Period;
        var burst = options.Burst;
        if (period is { } given)
            period = faults.InRange($"{key}:Period", given, Periods.Min, Periods.Max);
        if (burst is { } atOnce)
            burst = faults.InRange($"{key}:Burst", atOnce, 1, LargestCount);
        if (count == 0)
            return null;
        if (period is null)
        {
            faults.Add($"{key}:Period", $"must be set where {key}:Count is and the preset has no such limit, such as \"7d\"");
            return null;
        }
        if (period.Value.TotalMilliseconds < count)
        {
            faults.Add($"{key}:Count", $"must not be more than 1000 in a second; give {key}:Period more time");
            return null;
        }
        return new RateLimit(count, period.Value, burst ?? count);
    }
}
