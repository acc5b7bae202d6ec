namespace CaServer.Pki.X509;

/// <summary>A profile that cannot be used, with everything that is wrong with it.</summary>
public sealed class InvalidProfileException : Exception
{
    internal InvalidProfileException(string profile, IReadOnlyList<string> faults)
        : base($"The profile '{profile}' cannot be used: {string.Join("; ", faults)}.")
    {
        Profile = profile;
        Faults = faults;
    }

    /// <summary>The profile's name.</summary>
    public string Profile { get; }

    /// <summary>What is wrong, one clause each, beginning with the name of the setting.</summary>
    public IReadOnlyList<string> Faults { get; }
}
