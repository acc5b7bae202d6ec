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
            : [.. problem.Subproblems.Select(s => new StoredSubproblem(s.Type, s.Detail, new StoredName(s.Identifier.Type, s.Identifier.ToString())))],
        Algorithms = problem.Algorithms.Count == 0 ? null : [.. problem.Algorithms],
        RetryAfterMilliseconds = (long?)problem.RetryAfter?.TotalMilliseconds,
    };

    public AcmeProblem ToProblem() => new(Type, Detail)
    {
        Status = Status,
        Instance = Instance,
        Subproblems = [.. (Subproblems ?? []).Select(s => new AcmeSubproblem(s.Type, s.Detail, Columns.Identifier(s.Identifier.Type, s.Identifier.Value)))],
        Algorithms = Algorithms ?? [],
        RetryAfter = RetryAfterMilliseconds is { } ms ? TimeSpan.FromMilliseconds(ms) : null,
    };
}

internal sealed record StoredSubproblem(ProblemType Type, string Detail, StoredName Identifier);
