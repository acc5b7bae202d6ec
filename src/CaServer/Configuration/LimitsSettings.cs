namespace CaServer.Configuration;

/// <summary>Section <c>Limits</c>.</summary>
internal sealed class LimitsOptions
{
    /// <summary>Whether rate limits apply.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Connections that each listener keeps open at the same time; further ones are closed at once.</summary>
    public int MaxConnections { get; set; } = 4096;
}

/// <summary>Limits, validated.</summary>
internal sealed record LimitsSettings(bool Enabled, int MaxConnections)
{
    public static LimitsSettings Parse(LimitsOptions options, SettingFaults faults) =>
        new(options.Enabled, faults.InRange("Limits:MaxConnections", options.MaxConnections, 16, 1_000_000));
}
