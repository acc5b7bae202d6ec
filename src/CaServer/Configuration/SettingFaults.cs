using System.Net;

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

    /// <summary>The networks of a list; each that is none is a fault.</summary>
    public List<IPNetwork> Networks(string key, IReadOnlyList<string> texts)
    {
        var networks = new List<IPNetwork>();
        for (var i = 0; i < texts.Count; i++)
        {
            if (texts[i].Contains('/', StringComparison.Ordinal) && IPNetwork.TryParse(texts[i], out var network) && network.ToString() == texts[i])
                networks.Add(network);
            else
                Add($"{key}:{i}", $"must be a network such as 10.0.0.0/8 or fd00::/8, with no bits set after the prefix, not '{texts[i]}'");
        }
        return networks;
    }
}
