using CaServer.Domain;

namespace CaServer.Storage;

/// <summary>A problem as it is kept, so that the document sent later is the same as the first.</summary>
internal sealed record StoredProblem
{
    public required ProblemType Type { get; init; }

    public required string Detail { get; init; }

    public required int Status { get; init; }

    public string? Instance { get; init; }

    public StoredSubproblem[]? Subproblems { get; init; }

    public string[]? Algorithms { get; init; }

    public long? RetryAfterMilliseconds { get; init; }

    public static StoredProblem Of(AcmeProblem problem) => new()
    {
        Type = problem.Type,
        Detail = problem.Detail,
        Status = problem.Status,
        Instance = problem.Instance,
        Subproblems = problem.Subproblems.Count == 0
            ? null
            : [.. problem.Subproblems.Select(StoredSubproblem.Of)],
        Algorithms = problem.Algorithms.Count == 0 ? null : [.. problem.Algorithms],
        RetryAfterMilliseconds = (long?)problem.RetryAfter?.TotalMilliseconds,
    };

    public AcmeProblem ToProblem() => new(Type, Detail)
    {
        Status = Status,
        Instance = Instance,
        Subproblems = [.. (Subproblems ?? []).Select(s => s.ToSubproblem())],
        Algorithms = Algorithms ?? [],
        RetryAfter = RetryAfterMilliseconds is { } ms ? TimeSpan.FromMilliseconds(ms) : null,
    };
}

internal sealed record StoredSubproblem(ProblemType Type, string Detail, StoredName? Identifier, string? Instance = null)
{
    public static StoredSubproblem Of(AcmeSubproblem subproblem) => new(
        subproblem.Type,
        subproblem.Detail,
        subproblem.Identifier is { } identifier ? new StoredName(identifier.Type, identifier.ToString()) : null,
        subproblem.Instance);

    public AcmeSubproblem ToSubproblem() =>
        new(Type, Detail, Identifier is { } name ? Columns.Identifier(name.Type, name.Value) : null) { Instance = Instance };
}
