using System.CommandLine;
using CaServer.Composition;
using CaServer.Configuration;
using CaServer.Domain;
using CaServer.Storage;

namespace CaServer.Cli;

/// <summary><c>caserver limits</c>: the limits in force, what is used up, and exceptions. All of it works while the server runs.</summary>
internal static class LimitsCommand
{
    private const int DefaultUsed = 10;
    private const int MaxUsed = 1000;

    public static Command Create() => new("limits", "Rate limits: how much is allowed, what is used up, and exceptions for accounts, domains and addresses.")
    {
        List(),
        Show(),
        LimitsSetCommand.Create(),
        Clear(),
        Reset(),
    };

    /// <summary>The argument that names a limit.</summary>
    internal static Argument<LimitKind> LimitArgument() => new("LIMIT")
    {
        Description = $"The limit: {string.Join(", ", WireName.All<LimitKind>())}.",
        CustomParser = result =>
        {
            if (!WireName.TryParse(result.Tokens.Single().Value, out LimitKind limit))
                result.AddError($"'{result.Tokens.Single().Value}' is no limit; there are {string.Join(", ", WireName.All<LimitKind>())}");
            return limit;
        },
    };

    /// <summary>The argument that names whom an exception is for.</summary>
    internal static Argument<string> SubjectArgument() => new("SUBJECT")
    {
        Description = "An account (its number or URL), a domain, or an address or block of addresses such as 192.0.2.0/24.",
    };

    /// <summary>Runs a command on the configured server's database.</summary>
    /// <exception cref="OperatorFaultException">The database cannot be used.</exception>
    internal static async Task<ExitCode> RunAsync(string? file, Func<CaServerSettings, Database, Task> command, CancellationToken ct)
    {
        var settings = CommonOptions.Load(file);
        await using var database = await CommandDatabase.OpenAsync(settings, ct);
        await command(settings, database);
        return ExitCode.Ok;
    }

    /// <summary>Reads a subject.</summary>
    /// <exception cref="OperatorFaultException">It is none.</exception>
    internal static async Task<LimitSubject> SubjectAsync(string text, CaServerSettings settings, Database database, CancellationToken ct)
    {
        if (text.Contains("://", StringComparison.Ordinal))
        {
            var urls = await AccountReference.UrlsAsync(settings, database, ct);
            return LimitSubject.Of((await AccountReference.FindAsync(text, urls, new AccountStore(database), ct)).Id);
        }
        if (!LimitSubject.TryParse(text, out var subject, out var fault))
            throw new OperatorFaultException($"'{text}' {fault}; name an account, a domain, or a block of addresses such as 192.0.2.0/24");
        if (subject.Account is { } account && await new AccountStore(database).FindAsync(account, ct) is null)
            throw new OperatorFaultException($"there is no account {text}; 'caserver account list' shows those that there are");
        return subject;
    }

    private static Command List()
    {
        var config = CommonOptions.Config();
        var json = CommonOptions.Json();
        var used = new Option<int?>("--used")
        {
            Description = $"Also show what is used up most of each limit, at most so many entries. Default: {DefaultUsed}.",
            HelpName = "N",
            Arity = ArgumentArity.ZeroOrOne,
            CustomParser = result =>
            {
                if (result.Tokens.Count == 0)
                    return DefaultUsed;
                if (!int.TryParse(result.Tokens.Single().Value, out var count) || count is < 1 or > MaxUsed)
                    result.AddError($"--used must be 1 to {MaxUsed}");
                return count;
            },
        };
        var command = new Command("list", "Show the limits in force and the exceptions.") { used, config, json };
        command.SetAction(async (parsed, ct) => (int)await RunAsync(
            parsed.GetValue(config), (settings, database) => ListAsync(settings, database, parsed.GetValue(used), parsed.GetValue(json), ct), ct));
        return command;
    }

    private static async Task ListAsync(CaServerSettings settings, Database database, int? used, bool json, CancellationToken ct)
    {
        var store = new LimitStore(database);
        var overrides = await store.OverridesAsync(ct);
        List<LimitState>? states = null;
        if (used is { } count)
        {
            states = [];
            foreach (var limit in Enum.GetValues<LimitKind>())
                states.AddRange(await store.MostUsedAsync(limit, Now, count, ct));
        }
        LimitsOutput.Write(settings, overrides, states, Now, json);
    }

    private static Command Show()
    {
        var config = CommonOptions.Config();
        var json = CommonOptions.Json();
        var subject = SubjectArgument();
        var command = new Command("show", "Show what is used up of the limits of an account, a domain or an address, and when there is room again.") { subject, config, json };
        command.SetAction(async (parsed, ct) => (int)await RunAsync(
            parsed.GetValue(config), (settings, database) => ShowAsync(settings, database, parsed.GetRequiredValue(subject), parsed.GetValue(json), ct), ct));
        return command;
    }

    private static async Task ShowAsync(CaServerSettings settings, Database database, string text, bool json, CancellationToken ct)
    {
        var store = new LimitStore(database);
        var subject = await SubjectAsync(text, settings, database, ct);
        var rules = new LimitRules(settings.Limits.Defaults, await store.OverridesAsync(ct), settings.Policy.Suffixes);
        var states = new List<LimitState>();
        foreach (var (limit, key) in Keys(subject, rules))
            states.AddRange(await store.StatesAsync(limit, key, Now, ct));
        LimitsOutput.Write(subject, states, rules, Now, json);
    }

    private static IEnumerable<(LimitKind, string)> Keys(LimitSubject subject, LimitRules rules)
    {
        if (subject.Account is not null)
            return [(LimitKind.OrdersPerAccount, $"{subject}"), (LimitKind.FailedValidations, $"{subject}")];
        if (subject.Domain is { } domain)
            return [(LimitKind.CertificatesPerDomain, domain), (LimitKind.CertificatesPerNames, domain)];
        return new[] { (LimitKind.AccountsPerAddress, $"{subject}"), (LimitKind.AccountsPerNetwork, $"{subject}") }
            .Concat(rules.NewAccount(subject.Network!.Value.BaseAddress).Select(u => (u.Limit, u.Key))).Distinct();
    }

    private static Command Clear()
    {
        var config = CommonOptions.Config();
        var (limit, subject) = (LimitArgument(), SubjectArgument());
        var command = new Command("clear", "Take an exception away.") { limit, subject, config };
        command.SetAction(async (parsed, ct) => (int)await RunAsync(
            parsed.GetValue(config),
            async (settings, database) =>
            {
                var (kind, of) = (parsed.GetRequiredValue(limit), await SubjectAsync(parsed.GetRequiredValue(subject), settings, database, ct));
                if (!await new LimitStore(database).ClearAsync(kind, of, ct))
                    throw new OperatorFaultException($"{WireName.Of(kind)} has no exception for {of}; 'caserver limits list' shows those that there are");
                Console.WriteLine($"{WireName.Of(kind)} has no exception for {of} any more.");
            },
            ct));
        return command;
    }

    private static Command Reset()
    {
        var config = CommonOptions.Config();
        var limit = LimitArgument();
        var key = new Argument<string>("KEY") { Description = "The key as 'caserver limits list --used' and 'show' have it." };
        var command = new Command("reset", "Forget what is used up of a limit; exceptions stay.") { limit, key, config };
        command.SetAction(async (parsed, ct) => (int)await RunAsync(
            parsed.GetValue(config),
            async (_, database) =>
            {
                var (kind, of) = (parsed.GetRequiredValue(limit), parsed.GetRequiredValue(key));
                if (!await new LimitStore(database).ResetAsync(kind, of, ct))
                    throw new OperatorFaultException($"nothing is used up of {WireName.Of(kind)} under '{OneLine.Of(of)}'; 'caserver limits list --used' shows the keys");
                Console.WriteLine($"What was used up of {WireName.Of(kind)} under '{of}' is forgotten.");
            },
            ct));
        return command;
    }

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();
}
