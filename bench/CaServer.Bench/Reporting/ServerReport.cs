using CaServer.Bench.Load;

namespace CaServer.Bench.Reporting;

/// <summary>One server's levels, or why there are none.</summary>
internal sealed record ServerReport
{
    public required string Server { get; init; }

    public string? Description { get; init; }

    /// <summary>From the start of the process on an empty data directory to the first answer of the directory; null when it was running already.</summary>
    public double? ReadyMs { get; init; }

    public IReadOnlyList<LevelResult> Levels { get; init; } = [];

    /// <summary>Why the server could not be measured, or why it was not measured to the end.</summary>
    public string? Problem { get; init; }
}
