using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using CaServer.Domain;

namespace CaServer.Cli;

/// <summary>How <c>account</c> shows accounts.</summary>
internal static class AccountOutput
{
    /// <summary>Writes one account.</summary>
    public static void Write(AccountResult result, bool json)
    {
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(result, AccountJson.Default.AccountResult));
            return;
        }
        Line("Account", result.Number.ToString(CultureInfo.InvariantCulture));
        Line("URL", result.Url);
        Line("State", result.Status);
        Line("Contacts", result.Contacts.Count == 0 ? "none" : string.Join(", ", result.Contacts));
        Line("Key thumbprint", result.Thumbprint);
        Line("Key changes", $"{result.KeyChanges}");
        Line("Created", result.CreatedAt);
        Line("Terms agreed", result.TermsAgreedAt ?? "no");
        if (result.ExternalAccountKey is { } kid)
            Line("External key", kid);
        Line("Valid certificates", $"{result.ValidCertificates}");
    }

    /// <summary>Writes a list, one line for each account.</summary>
    public static void Write(IReadOnlyList<Account> accounts, bool more, AcmeUrls urls, bool json)
    {
        AccountResult[] results = [.. accounts.Select(a => AccountResult.Of(a, urls))];
        long? next = more ? results[^1].Number : null;
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(new AccountListResult(results, next), AccountJson.Default.AccountListResult));
            return;
        }
        if (results.Length == 0)
            Console.WriteLine("There are no such accounts.");
        foreach (var r in results)
            Console.WriteLine($"{r.Number,8}  {r.Status,-11}  {r.CreatedAt}  {string.Join(", ", r.Contacts)}");
        if (next is not null)
            Console.WriteLine($"There are more: --after {next}");
    }

    private static void Line(string label, string value) => Console.WriteLine($"{label + ":",-20}{OneLine(value)}");

    // Contacts are text of strangers.
    private static string OneLine(string text) => Configuration.OneLine.Of(text);
}

/// <summary>What <c>account … --json</c> prints of an account.</summary>
internal sealed record AccountResult
{
    public required long Number { get; init; }

    public required string Url { get; init; }

    public required string Status { get; init; }

    public required IReadOnlyList<string> Contacts { get; init; }

    public required string Thumbprint { get; init; }

    public required string CreatedAt { get; init; }

    public string? TermsAgreedAt { get; init; }

    public string? ExternalAccountKey { get; init; }

    public int? KeyChanges { get; init; }

    public long? ValidCertificates { get; init; }

    public static AccountResult Of(Account account, AcmeUrls urls) => new()
    {
        Number = account.Id.Value,
        Url = urls.Account(account.Id),
        Status = WireName.Of(account.Status),
        Contacts = account.Contacts,
        Thumbprint = account.Thumbprint,
        CreatedAt = CliTime.Rfc3339(account.CreatedAt),
        TermsAgreedAt = account.TermsAgreedAt is { } agreed ? CliTime.Rfc3339(agreed) : null,
    };
}

/// <summary>What <c>account list --json</c> prints.</summary>
/// <param name="Accounts">The accounts.</param>
/// <param name="Next">What to give to <c>--after</c> for more; null if these are all.</param>
internal sealed record AccountListResult(IReadOnlyList<AccountResult> Accounts, long? Next);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true)]
[JsonSerializable(typeof(AccountResult))]
[JsonSerializable(typeof(AccountListResult))]
internal sealed partial class AccountJson : JsonSerializerContext;
