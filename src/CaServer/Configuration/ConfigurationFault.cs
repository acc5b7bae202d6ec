namespace CaServer.Configuration;

/// <summary>One thing that is wrong with the configuration.</summary>
/// <param name="Key">The key, such as <c>Server:PublicUrl</c>, or the file if it cannot be read at all.</param>
/// <param name="Sentence">What is wrong and what to write instead; it follows the key.</param>
/// <param name="Origin">Where the value stands: file and line, or the environment variable. Null for a default.</param>
internal sealed record ConfigurationFault(string Key, string Sentence, string? Origin)
{
    /// <summary>The fault in one line.</summary>
    public override string ToString() => OneLine.Of(Origin is null ? $"{Key} {Sentence}" : $"{Key} {Sentence} [{Origin}]");
}

/// <summary>The configuration cannot be used. Carries every fault that was found, not only the first.</summary>
internal sealed class ConfigurationException(IReadOnlyList<ConfigurationFault> faults)
    : Exception(string.Join(Environment.NewLine, faults))
{
    public IReadOnlyList<ConfigurationFault> Faults { get; } = faults;
}
