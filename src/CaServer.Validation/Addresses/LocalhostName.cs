namespace CaServer.Validation.Addresses;

/// <summary>The names that RFC 6761 §6.3 keeps for loopback.</summary>
internal static class LocalhostName
{
    /// <summary>Whether a lower-case name without trailing dot is <c>localhost</c> or lies below it.</summary>
    internal static bool Is(string name) => name == "localhost" || name.EndsWith(".localhost", StringComparison.Ordinal);
}
