using System.Text.Json;
using System.Text.Json.Serialization;
using CaServer.Configuration;
using CaServer.Domain;
using CaServer.Storage;

namespace CaServer.Cli;

/// <summary>How <c>renewal</c> tells what it did and what there is.</summary>
internal static class RenewalOutput
{
    /// <summary>Writes what a move did.</summary>
    public static async Task<ExitCode> WriteAsync(IReadOnlyList<RenewalMoveOutcome> outcomes, RenewalMoveId? number, NewRenewalMove move, bool dryRun, bool json)
    {
        var moved = outcomes.Count(o => o.Result == RenewalMoveResult.Moved);
        var (start, end) = (CliTime.Rfc3339(move.Start), CliTime.Rfc3339(move.End));
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(
                new RenewalMoved(number?.Value, dryRun, start, end, move.Explanation, moved, outcomes), RenewalJson.Default.RenewalMoved));
        }
        else
        {
            foreach (var outcome in outcomes)
                Console.WriteLine($"{outcome.Serial}  {WireName.Of(outcome.Result),-12}  {string.Join(", ", outcome.Names ?? [])}");
            Console.WriteLine((outcomes.Count, dryRun) switch
            {
                (0, _) => "There are no such certificates.",
                (_, true) => $"{outcomes.Count(o => o.Result == RenewalMoveResult.WouldBeMoved)} of {outcomes.Count} windows would be moved to {start} until {end}; none was.",
                _ when number is { } made => $"Move {made.Value}: {moved} of {outcomes.Count} windows are {start} until {end} now.",
                _ => "No window was moved.",
            });
        }
        var missing = outcomes.Count(o => o.Result == RenewalMoveResult.NotFound);
        if (missing == 0)
            return ExitCode.Ok;
        await Console.Error.WriteLineAsync($"caserver: {missing} of the serial numbers are not of certificates that were issued here");
        return ExitCode.OperatorFault;
    }

    /// <summary>Writes the moves.</summary>
    public static void Write(IReadOnlyList<RenewalMove> moves, bool json)
    {
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(new RenewalMoveList([.. moves.Select(RenewalMoveEntry.Of)]), RenewalJson.Default.RenewalMoveList));
            return;
        }
        if (moves.Count == 0)
            Console.WriteLine("No windows are moved.");
        foreach (var m in moves)
        {
            Console.WriteLine(OneLine.Of(
                $"{m.Id.Value,6}  {CliTime.Rfc3339(m.Start)} until {CliTime.Rfc3339(m.End)}  {m.Certificates} certificates, {m.Replaced} replaced  made {CliTime.Rfc3339(m.CreatedAt)}"
                + (m.Explanation is null ? "" : $"  {m.Explanation}") + (m.Note is null ? "" : $"  {m.Note}")));
        }
    }

    /// <summary>Writes how many certificates have their usual window again.</summary>
    public static void WriteCleared(long certificates, bool dryRun, bool json) => Console.WriteLine(
        json
            ? JsonSerializer.Serialize(new RenewalCleared(dryRun, certificates), RenewalJson.Default.RenewalCleared)
            : $"{certificates} certificates {(dryRun ? "would have their usual window again; nothing was changed" : "have their usual window again")}.");
}

/// <summary>What <c>renewal move --json</c> prints.</summary>
internal sealed record RenewalMoved(
    long? Move, bool DryRun, string Start, string End, string? Explanation, int Moved, IReadOnlyList<RenewalMoveOutcome> Certificates);

/// <summary>What <c>renewal clear --json</c> prints.</summary>
internal sealed record RenewalCleared(bool DryRun, long Certificates);

/// <summary>What <c>renewal list --json</c> prints.</summary>
internal sealed record RenewalMoveList(IReadOnlyList<RenewalMoveEntry> Moves);

/// <summary>One move in it.</summary>
internal sealed record RenewalMoveEntry(
    long Move, string Start, string End, string? Explanation, string? Note, string CreatedAt, long Certificates, long Replaced)
{
    internal static RenewalMoveEntry Of(RenewalMove move) => new(
        move.Id.Value, CliTime.Rfc3339(move.Start), CliTime.Rfc3339(move.End), move.Explanation, move.Note, CliTime.Rfc3339(move.CreatedAt), move.Certificates, move.Replaced);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true,
    WriteIndented = true)]
[JsonSerializable(typeof(RenewalMoved))]
[JsonSerializable(typeof(RenewalCleared))]
[JsonSerializable(typeof(RenewalMoveList))]
internal sealed partial class RenewalJson : JsonSerializerContext;
