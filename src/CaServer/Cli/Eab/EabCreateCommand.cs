using System.CommandLine;
using System.CommandLine.Parsing;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using CaServer.Acme;
using CaServer.Composition;
using CaServer.Configuration;
using CaServer.Domain;
using CaServer.Signing;
using CaServer.Storage;
using LogLeaf = CaServer.Signing.LogLeaf;
using StoredLeaf = CaServer.Storage.LogLeaf;

namespace CaServer.Cli;

/// <summary><c>caserver eab create</c>.</summary>
internal static class EabCreateCommand
{
    private const int MaxEntries = 100;
    private const long MaxAccounts = 1_000_000;

    public static Command Create()
    {
        var config = CommonOptions.Config();
        var json = CommonOptions.Json();
        var domains = new Option<Identifier[]>("--domain")
        {
            Description = "A domain, with all below it, or an IP address that its accounts may order; can be given again. Default: what the CA allows.",
            HelpName = "DOMAIN",
            DefaultValueFactory = _ => [],
            CustomParser = ParseDomains,
        };
        var profiles = new Option<string[]>("--profile") { Description = "A certificate profile that its accounts may order; can be given again. Default: all.", HelpName = "NAME", DefaultValueFactory = _ => [] };
        var accounts = new Option<long>("--accounts")
        {
            Description = "How many accounts it may bind. Default: 1.",
            HelpName = "N",
            DefaultValueFactory = _ => 1,
            CustomParser = ParseAccounts,
        };
        var expires = new Option<DateTimeOffset?>("--expires")
        {
            Description = "When it stops binding accounts: a length of time such as 30d, or a time such as 2027-01-31 or 2027-01-31T12:00:00Z. Default: never.",
            HelpName = "WHEN",
            CustomParser = ParseExpiry,
        };
        var note = CommonOptions.Note("Whose it is, or what it is for.");
        var command = new Command("create", "Make a key. Its MAC key is shown only now.") { domains, profiles, accounts, expires, note, config, json };
        command.SetAction(async (parsed, ct) =>
        {
            var settings = CommonOptions.Load(parsed.GetValue(config));
            var wanted = new NewEabKey
            {
                Kid = NewMacKey.NewKid(),
                SealedMacKey = [],
                CreatedAt = TimeProvider.System.GetUtcNow(),
                ExpiresAt = parsed.GetValue(expires),
                MaxAccounts = parsed.GetValue(accounts),
                Domains = [.. parsed.GetValue(domains)!.Distinct()],
                Profiles = Known(parsed.GetValue(profiles)!, settings),
                Note = parsed.GetValue(note),
            };
            return (int)await EabCommand.RunAsync(settings, keys => CreateAsync(keys, wanted, new MacKeyFile(settings.Data.EabKey), parsed.GetValue(json), ct), ct);
        });
        return command;
    }

    /// <summary>A new file would make every key that was encrypted with the lost one useless.</summary>
    /// <exception cref="OperatorFaultException">The file is missing, but there are keys that need it.</exception>
    internal static async Task RequireFileAsync(MacKeyFile file, EabStore keys, string? except, CancellationToken ct)
    {
        if (file.Exists || (await keys.ListAsync(ct)).All(k => k.RevokedAt is not null || k.Kid == except))
            return;
        throw new OperatorFaultException(
            "Data:Directory", $"{file.Path}, which the external account keys are encrypted with, is missing; restore it from a backup, or revoke those keys with 'caserver eab revoke' and make new ones", null);
    }

    private static async Task CreateAsync(EabStore keys, NewEabKey wanted, MacKeyFile file, bool json, CancellationToken ct)
    {
        await RequireFileAsync(file, keys, except: null, ct);
        var (text, sealedKey) = NewMacKey.Make(file, wanted.Kid);
        var leaf = LogLeaf.EabCreated(
            wanted.Kid, wanted.Domains, wanted.Profiles, wanted.MaxAccounts, wanted.ExpiresAt, sealedKey, Operator.Name, wanted.CreatedAt);
        var key = await keys.CreateAsync(
            wanted with { SealedMacKey = sealedKey }, new StoredLeaf(WireName.Of(LogLeafKind.EabCreated), wanted.CreatedAt, leaf), ct);
        EabOutput.Write(key, wanted.CreatedAt, text, json);
    }

    private static string[] Known(string[] names, CaServerSettings settings) =>
        names.FirstOrDefault(n => !settings.Profiles.ContainsKey(n)) is { } unknown
            ? throw new OperatorFaultException($"--profile: there is no profile '{unknown}'; the configuration has {string.Join(", ", settings.Profiles.Keys.Order(StringComparer.Ordinal))}")
            : [.. names.Distinct(StringComparer.Ordinal)];

    private static Identifier[] ParseDomains(ArgumentResult result)
    {
        if (result.Tokens.Count > MaxEntries)
            result.AddError($"--domain can be given at most {MaxEntries} times");
        var domains = new List<Identifier>();
        foreach (var token in result.Tokens)
        {
            if (TryParseDomain(token.Value, out var domain))
                domains.Add(domain);
            else
                result.AddError($"--domain must be a domain such as example.org, without asterisk, or an IP address, not '{token.Value}'");
        }
        return [.. domains];
    }

    private static bool TryParseDomain(string text, [NotNullWhen(true)] out Identifier? domain) =>
        Identifier.TryParse(IdentifierType.Ip, text, out domain, out _)
        || (Identifier.TryParse(IdentifierType.Dns, text, out domain, out _) && !domain.IsWildcard);

    private static long ParseAccounts(ArgumentResult result)
    {
        if (!long.TryParse(result.Tokens.Single().Value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count is < 1 or > MaxAccounts)
            result.AddError($"--accounts must be 1 to {MaxAccounts}");
        return count;
    }

    private static DateTimeOffset? ParseExpiry(ArgumentResult result)
    {
        var now = TimeProvider.System.GetUtcNow();
        var text = result.Tokens.Single().Value;
        if (CliTime.TryParseLength(text, out var length))
            return now + length;
        if (CliTime.TryParse(text, out var time) && time > now)
            return time;
        result.AddError($"--expires must be a length of time such as 30d or a time to come such as 2027-01-31, not '{text}'");
        return null;
    }
}
