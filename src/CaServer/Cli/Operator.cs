namespace CaServer.Cli;

/// <summary>Who runs a command, as leaves of the log name them.</summary>
internal static class Operator
{
    /// <summary>The operator, and the user of the machine who it was.</summary>
    public static string Name => $"operator {Environment.UserName}";
}
