using System.Text.Json;
using System.Text.Json.Serialization;
using CaServer.Domain;

namespace CaServer.Cli;

/// <summary>How <c>eab</c> shows keys.</summary>
internal static class EabOutput
{
    /// <summary>Writes one key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="now">Now.</param>
    /// <param name="macKey">The MAC key, base64url, if it was just made.</param>
    /// <param name="json">As JSON.</param>
    public static void Write(EabKey key, DateTimeOffset now, string? macKey, bool json)
    {
        var result = EabKeyResult.Of(key, now, macKey);
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(result, EabJson.Default.EabKeyResult));
            return;
        }
        Line("Key identifier", result.Kid);
        if (macKey is not null)
            Line("MAC key", macKey);
        Line("State", result.State);
        Line("Accounts", $"{result.Accounts} of {result.MaxAccounts}");
        Line("Created", result.CreatedAt);
        Line("Expires", result.ExpiresAt ?? "never");
        if (result.RevokedAt is { } revoked)
            Line("Revoked", revoked);
        Line("Domains", Joined(result.Domains, "what the CA allows"));
        Line("Profiles", Joined(result.Profiles, "all"));
        if (result.Note is { } note)
            Line("Note", note);
        if (macKey is not null)
            Console.WriteLine("Give identifier and MAC key to the client now; the MAC key cannot be shown again.");
    }

    /// <summary>Writes a list, one line for each key.</summary>
    public static void Write(IReadOnlyList<EabKey> keys, DateTimeOffset now, bool json)
    {
        EabKeyResult[] results = [.. keys.Select(k => EabKeyResult.Of(k, now, null))];
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(results, EabJson.Default.EabKeyResultArray));
            return;
        }
        if (results.Length == 0)
            Console.WriteLine("There are no external account keys; make one with 'caserver eab create'.");
        foreach (var r in results)
        {
            Console.WriteLine(
                $"{r.Kid}  {r.State,-7}  {r.Accounts}/{r.MaxAccounts} accounts  expires {r.ExpiresAt ?? "never"}  domains {Joined(r.Domains, "any")}  profiles {Joined(r.Profiles, "all")}{(r.Note is null ? "" : "  " + r.Note)}");
        }
    }

    private static void Line(string label, string value) => Console.WriteLine($"{label + ":",-16}{value}");

    private static string Joined(IReadOnlyList<string> values, string none) => values.Count == 0 ? none : string.Join(", ", values);
}

/// <summary>What <c>eab … --json</c> prints of a key.</summary>
internal sealed record EabKeyResult
{
    public required string Kid { get; init; }

    public string? MacKey { get; init; }

    public required string State { get; init; }

    public required long Accounts { get; init; }

    public required long MaxAccounts { get; init; }

    public required string CreatedAt { get; init; }

    public string? ExpiresAt { get; init; }

    public string? RevokedAt { get; init; }

    public required IReadOnlyList<string> Domains { get; init; }

    public required IReadOnlyList<string> Profiles { get; init; }

    public string? Note { get; init; }

    public static EabKeyResult Of(EabKey key, DateTimeOffset now, string? macKey) => new()
    {
        Kid = key.Kid,
        MacKey = macKey,
        State = WireName.Of(key.StateAt(now)),
        Accounts = key.Accounts,
        MaxAccounts = key.MaxAccounts,
        CreatedAt = CliTime.Rfc3339(key.CreatedAt),
        ExpiresAt = key.ExpiresAt is { } expires ? CliTime.Rfc3339(expires) : null,
        RevokedAt = key.RevokedAt is { } revoked ? CliTime.Rfc3339(revoked) : null,
        Domains = [.. key.Domains.Select(d => d.ToString())],
        Profiles = key.Profiles,
        Note = key.Note,
    };
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true)]
[JsonSerializable(typeof(EabKeyResult))]
[JsonSerializable(typeof(EabKeyResult[]))]
internal sealed partial class EabJson : JsonSerializerContext;
