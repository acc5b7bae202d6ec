using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json.Serialization;
using CaServer.Composition;
using CaServer.Configuration;
using CaServer.Domain;
using CaServer.Storage;

namespace CaServer.Cli;

/// <summary>What a certificate is good for at a moment.</summary>
internal enum CertificateState
{
    /// <summary>Neither has it ended nor was it revoked.</summary>
    [JsonStringEnumMemberName("valid")] Valid,

    /// <summary>It has ended.</summary>
    [JsonStringEnumMemberName("expired")] Expired,

    /// <summary>It was revoked, whether it has ended since or not.</summary>
    [JsonStringEnumMemberName("revoked")] Revoked,
}

/// <summary><c>caserver certificate list</c>.</summary>
internal static class CertificateListCommand
{
    public static Command Create()
    {
        var name = new Option<string?>("--name") { Description = "Only certificates with this domain name, wildcard or address.", HelpName = "NAME", CustomParser = ParseName };
        var below = new Option<bool>("--below") { Description = "With --name: also those with a name below it." };
        var account = new Option<string?>("--account") { Description = "Only those of an account: its number or URL.", HelpName = "ACCOUNT" };
        var expiring = new Option<TimeSpan?>("--expiring-within") { Description = "Only valid ones that end within this time, such as 30d.", HelpName = "TIME", CustomParser = ParseLength };
        var state = new Option<CertificateState?>("--status")
        {
            Description = $"Only those that are {string.Join(", ", WireName.All<CertificateState>())}.",
            HelpName = "STATE",
            CustomParser = result =>
            {
                if (WireName.TryParse(result.Tokens.Single().Value, out CertificateState parsed))
                    return parsed;
                result.AddError($"--status must be {string.Join(", ", WireName.All<CertificateState>())}, not '{result.Tokens.Single().Value}'");
                return null;
            },
        };
        var (count, after) = (PageOptions.Count(), PageOptions.After("the certificate with this serial number", "SERIAL"));
        var (config, json) = (CommonOptions.Config(), CommonOptions.Json());
        var command = new Command("list", "List certificates, newest first.") { name, below, account, expiring, state, count, after, config, json };
        command.Validators.Add(result =>
        {
            if (result.Has(below) && !result.Has(name))
                result.AddError("--below goes with --name");
            if (result.Has(expiring) && result.Has(state))
                result.AddError("--expiring-within finds valid ones; leave --status off");
        });
        command.SetAction(async (parsed, ct) =>
        {
            var settings = CommonOptions.Load(parsed.GetValue(config));
            await using var database = await CommandDatabase.OpenAsync(settings, ct);
            var now = TimeProvider.System.GetUtcNow();
            var wanted = parsed.GetValue(count);
            var query = new CertificateQuery
            {
                Account = await AccountAsync(parsed.GetValue(account), settings, database, ct),
                Name = parsed.GetValue(name),
                Below = parsed.GetValue(below),
                Before = parsed.GetValue(after) is { } last ? (await CertificateCommand.FindAsync(last, database, ct)).Issuance.Id : null,
                // One more than is shown tells whether there are more.
                Count = wanted + 1,
            };
            query = With(query, parsed.GetValue(expiring) is null ? parsed.GetValue(state) : CertificateState.Valid, now);
            if (parsed.GetValue(expiring) is { } within)
                query = query with { EndingBefore = now + within };
            var found = await new CertificateList(database).FindAsync(query, ct);
            CertificateOutput.Write([.. found.Take(wanted)], found.Count > wanted, now, parsed.GetValue(json));
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static CertificateQuery With(CertificateQuery query, CertificateState? state, DateTimeOffset now) => state is not { } wanted ? query : wanted switch
    {
        CertificateState.Valid => query with { Revoked = false, EndingFrom = now },
        CertificateState.Expired => query with { Revoked = false, EndingBefore = now },
        CertificateState.Revoked => query with { Revoked = true },
    };

    internal static async Task<AccountId?> AccountAsync(string? text, CaServerSettings settings, Database database, CancellationToken ct) =>
        text is null
            ? null
            : (await AccountReference.FindAsync(text, await AccountReference.UrlsAsync(settings, database, ct), new AccountStore(database), ct)).Id;

    internal static string? ParseName(ArgumentResult result)
    {
        var text = result.Tokens.Single().Value;
        if (Identifier.TryParse(IdentifierType.Ip, text, out var name, out _) || Identifier.TryParse(IdentifierType.Dns, text, out name, out _))
            return name.ToString();
        result.AddError($"--name must be a domain name, a wildcard or an address, not '{text}'");
        return null;
    }

    private static TimeSpan? ParseLength(ArgumentResult result)
    {
        if (CliTime.TryParseLength(result.Tokens.Single().Value, out var length))
            return length;
        result.AddError($"--expiring-within must be a length of time such as 30d, not '{result.Tokens.Single().Value}'");
        return null;
    }
}
