namespace CaServer.Configuration;

/// <summary>Collects what is wrong with values that have the right type.</summary>
internal sealed class SettingFaults(List<ConfigurationFault> faults, IReadOnlyDictionary<string, string> origins)
{
    /// <summary>Adds a fault; the sentence follows the key and says what to write instead.</summary>
    public void Add(string key, string sentence) => faults.Add(new ConfigurationFault(key, sentence, origins.GetValueOrDefault(key)));

    /// <summary>The value if it lies between the bounds, both included; otherwise a fault and the lower bound.</summary>
    public int InRange(string key, int value, int min, int max)
    {
        if (value >= min && value <= max)
            return value;
        Add(key, $"must be from {min} to {max}, not {value}");
        return min;
    }

    /// <summary>The value if it lies between the bounds, both included; otherwise a fault and the lower bound.</summary>
    public TimeSpan InRange(string key, TimeSpan value, TimeSpan min, TimeSpan max)
    {
        if (value >= min && value <= max)
            return value;
        Add(key, $"must be from {Duration.Format(min)} to {Duration.Format(max)}, not {Duration.Format(value)}");
        return min;
    }
}
