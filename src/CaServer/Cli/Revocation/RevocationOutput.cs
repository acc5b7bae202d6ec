using System.Text.Json;
using System.Text.Json.Serialization;
using CaServer.Domain;

namespace CaServer.Cli;

/// <summary>What became of one certificate.</summary>
internal enum RevocationResult
{
    /// <summary>It is revoked now.</summary>
    [JsonStringEnumMemberName("revoked")] Revoked,

    /// <summary>It would be, without <c>--dry-run</c>.</summary>
    [JsonStringEnumMemberName("wouldBeRevoked")] WouldBeRevoked,

    /// <summary>It was revoked before.</summary>
    [JsonStringEnumMemberName("alreadyRevoked")] AlreadyRevoked,

    /// <summary>It has ended, so it needs no revocation.</summary>
    [JsonStringEnumMemberName("expired")] Expired,

    /// <summary>No certificate has this serial number.</summary>
    [JsonStringEnumMemberName("notFound")] NotFound,
}

/// <summary>What became of one certificate, as <c>revoke --json</c> prints it.</summary>
/// <param name="Serial">Its serial number.</param>
/// <param name="Result">What became of it.</param>
/// <param name="Names">Its names; null if there is no such certificate.</param>
/// <param name="RevokedAt">When it was revoked.</param>
/// <param name="Deadline">By when it had to be (BR §4.9.1.1).</param>
internal sealed record RevocationOutcome(string Serial, RevocationResult Result, IReadOnlyList<string>? Names, string? RevokedAt, string? Deadline)
{
    /// <summary>Whether the deadline was missed.</summary>
    public bool IsLate { get; init; }
}

/// <summary>How <c>revoke</c> tells what it did.</summary>
internal static class RevocationOutput
{
    /// <summary>Writes each outcome as it comes; as JSON, all of them at the end.</summary>
    public static async Task<ExitCode> WriteAsync(IAsyncEnumerable<RevocationOutcome> outcomes, bool dryRun, bool json)
    {
        var all = new List<RevocationOutcome>();
        await foreach (var outcome in outcomes)
        {
            all.Add(outcome);
            if (!json)
                Console.WriteLine($"{outcome.Serial}  {WireName.Of(outcome.Result),-14}  {string.Join(", ", outcome.Names ?? [])}");
        }
        var (revoked, late, missing) = (all.Count(o => o.Result == RevocationResult.Revoked), all.Count(o => o.IsLate), all.Count(o => o.Result == RevocationResult.NotFound));
        if (json)
            Console.WriteLine(JsonSerializer.Serialize(new RevokeResult(dryRun, revoked, late, all), RevocationJson.Default.RevokeResult));
        else
            Console.WriteLine(Summary(all, dryRun, revoked));
        if (late > 0)
            await Console.Error.WriteLineAsync($"caserver: {late} of them were revoked after their deadline (BR §4.9.1.1), which began at --reported-at; report it as an incident");
        if (missing == 0)
            return ExitCode.Ok;
        await Console.Error.WriteLineAsync($"caserver: {missing} of the serial numbers are not of certificates that were issued here");
        return ExitCode.OperatorFault;
    }

    private static string Summary(List<RevocationOutcome> all, bool dryRun, int revoked)
    {
        if (all.Count == 0)
            return "There are no such certificates.";
        return dryRun
            ? $"{all.Count(o => o.Result == RevocationResult.WouldBeRevoked)} of {all.Count} would be revoked; nothing was."
            : revoked == 0 ? "Nothing was revoked." : $"{revoked} of {all.Count} revoked; the server publishes it within seconds.";
    }
}

/// <summary>What <c>revoke --json</c> prints.</summary>
internal sealed record RevokeResult(bool DryRun, int Revoked, int Late, IReadOnlyList<RevocationOutcome> Certificates);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true,
    WriteIndented = true)]
[JsonSerializable(typeof(RevokeResult))]
[JsonSerializable(typeof(OperatorRequest))]
internal sealed partial class RevocationJson : JsonSerializerContext;
