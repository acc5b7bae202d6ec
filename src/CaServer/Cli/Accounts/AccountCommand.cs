using System.CommandLine;
using CaServer.Composition;
using CaServer.Domain;
using CaServer.Signing;
using CaServer.Storage;
using LogLeaf = CaServer.Signing.LogLeaf;
using StoredLeaf = CaServer.Storage.LogLeaf;

namespace CaServer.Cli;

/// <summary><c>caserver account</c>: accounts of ACME clients. All of it works while the server runs.</summary>
internal static class AccountCommand
{
    private const int MaxContactLength = 200;

    public static Command Create() => new("account", "Accounts of ACME clients.")
    {
        List(),
        OfAccount("show", "Show an account.", ShowAsync),
        OfAccount(
            "deactivate",
            "Take an account away from its owner, for good: it can ask for nothing more. Its certificates stay valid; 'caserver revoke --account' revokes them.",
            DeactivateAsync),
    };

    private static Command List()
    {
        var status = new Option<AccountStatus?>("--status")
        {
            Description = $"Only accounts in this state: {string.Join(", ", WireName.All<AccountStatus>())}.",
            HelpName = "STATE",
            CustomParser = result =>
            {
                if (WireName.TryParse(result.Tokens.Single().Value, out AccountStatus parsed))
                    return parsed;
                result.AddError($"--status must be {string.Join(", ", WireName.All<AccountStatus>())}, not '{result.Tokens.Single().Value}'");
                return null;
            },
        };
        var contact = new Option<string?>("--contact") { Description = "Only accounts that have this text in a contact.", HelpName = "TEXT" };
        contact.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { Length: 0 or > MaxContactLength })
                result.AddError($"--contact must have 1 to {MaxContactLength} characters");
        });
        var (count, after) = (PageOptions.Count(), PageOptions.After("this account", "NUMBER"));
        var (config, json) = (CommonOptions.Config(), CommonOptions.Json());
        var command = new Command("list", "List accounts, oldest first.") { status, contact, count, after, config, json };
        command.SetAction(async (parsed, ct) =>
        {
            var settings = CommonOptions.Load(parsed.GetValue(config));
            await using var database = await CommandDatabase.OpenAsync(settings, ct);
            var urls = await AccountReference.UrlsAsync(settings, database, ct);
            var from = parsed.GetValue(after) is { } text
                ? AccountReference.Read(text, urls) ?? throw new OperatorFaultException($"--after '{text}' names no account; give the number that the list before ended with")
                : (AccountId?)null;
            var wanted = parsed.GetValue(count);
            // One more than is shown tells whether there are more.
            var found = await new AccountStore(database).ListAsync(from, parsed.GetValue(status), parsed.GetValue(contact), wanted + 1, ct);
            AccountOutput.Write([.. found.Take(wanted)], found.Count > wanted, urls, parsed.GetValue(json));
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static Command OfAccount(string name, string description, Func<Request, Task> action)
    {
        var (config, json) = (CommonOptions.Config(), CommonOptions.Json());
        var account = new Argument<string>("ACCOUNT") { Description = AccountReference.Description };
        var command = new Command(name, description) { account, config, json };
        command.SetAction(async (parsed, ct) =>
        {
            var settings = CommonOptions.Load(parsed.GetValue(config));
            await using var database = await CommandDatabase.OpenAsync(settings, ct);
            var urls = await AccountReference.UrlsAsync(settings, database, ct);
            var accounts = new AccountStore(database);
            var found = await AccountReference.FindAsync(parsed.GetRequiredValue(account), urls, accounts, ct);
            await action(new Request(found, accounts, database, urls, parsed.GetValue(json), ct));
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static async Task ShowAsync(Request request)
    {
        var (id, ct) = (request.Account.Id, request.Cancellation);
        var key = request.Account.Binding is { } binding ? await new EabStore(request.Database).FindAsync(binding.Key, ct) : null;
        var history = await request.Accounts.KeyHistoryAsync(id, ct);
        var valid = await new CertificateList(request.Database).CountValidAsync(id, TimeProvider.System.GetUtcNow(), ct);
        AccountOutput.Write(AccountResult.Of(request.Account, request.Urls) with { ExternalAccountKey = key?.Kid, KeyChanges = history.Count - 1, ValidCertificates = valid }, request.Json);
    }

    private static async Task DeactivateAsync(Request request)
    {
        var at = TimeProvider.System.GetUtcNow();
        var leaf = LogLeaf.AccountEnded(request.Account.Id, AccountStatus.Revoked, Operator.Name, [], at);
        if (!await request.Accounts.RevokeAsync(request.Account.Id, new StoredLeaf(WireName.Of(LogLeafKind.AccountEnded), at, leaf), request.Cancellation))
        {
            var now = await request.Accounts.FindAsync(request.Account.Id, request.Cancellation) ?? request.Account;
            throw new OperatorFaultException($"account {now.Id.Value} is {WireName.Of(now.Status)} already");
        }
        await ShowAsync(request with { Account = (await request.Accounts.FindAsync(request.Account.Id, request.Cancellation))! });
    }

    private sealed record Request(Account Account, AccountStore Accounts, Database Database, AcmeUrls Urls, bool Json, CancellationToken Cancellation);
}
