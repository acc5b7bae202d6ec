using System.CommandLine;
using System.Globalization;
using System.Net;
using CaServer.Composition;
using CaServer.Control;
using CaServer.Domain;
using CaServer.Storage;
using CaServer.Workers;
using Microsoft.Extensions.Logging.Abstractions;

namespace CaServer.Cli;

/// <summary>
/// <c>caserver control</c>: proofs of control by hand, ahead of any order. Works while the server runs; it signs with the perspective's key
/// in the data directory, so it is run where a validator is, as the server's user.
/// </summary>
internal static class ControlCommand
{
    private static readonly Dictionary<string, ManualMethod> s_methods = Enum.GetValues<ManualMethod>().ToDictionary(m => m.ToString().ToLowerInvariant());

    public static Command Create() => new("control", "Prove by hand that an account controls a name: by a DNS record, a file or an e-mail. Its orders for the name then need no challenge.")
    {
        Request(),
        Check(),
        List(),
        Cancel(),
    };

    private static Command Request()
    {
        var name = new Argument<string>("NAME") { Description = "The name or address; with *. for a wildcard." };
        var account = new Option<string>("--account") { Description = AccountReference.Description, HelpName = "ACCOUNT", Required = true };
        var method = new Option<string>("--method") { Description = $"How: {string.Join(", ", s_methods.Keys)}.", HelpName = "METHOD", Required = true };
        method.AcceptOnlyFromAmong([.. s_methods.Keys]);
        var contact = new Option<string?>("--contact")
        {
            Description = "With email: the recipient, a contact in the domain's CAA or TXT records, or admin, administrator, webmaster, hostmaster or postmaster at the name or a domain above. Default: the one contact in the records.",
            HelpName = "ADDRESS",
        };
        var (config, json) = (CommonOptions.Config(), CommonOptions.Json());
        var command = new Command("request", "Make a request: says what to publish, or sends an e-mail.") { name, account, method, contact, config, json };
        command.Validators.Add(result =>
        {
            if (result.Has(contact) && result.GetValue(method) != "email")
                result.AddError("--contact goes with --method email");
        });
        command.SetAction((parsed, ct) => RunAsync(parsed.GetValue(config), async work =>
        {
            var text = parsed.GetValue(name)!;
            if (!Identifier.TryParse(IPAddress.TryParse(text, out _) ? IdentifierType.Ip : IdentifierType.Dns, text, out var identifier, out var fault))
                throw new OperatorFaultException("NAME", $"'{text}' {fault}", null);
            var owner = await AccountReference.FindAsync(parsed.GetValue(account)!, work.Urls, work.Accounts, ct);
            var made = await work.Requests.MakeAsync(owner, identifier, s_methods[parsed.GetValue(method)!], parsed.GetValue(contact), ct);
            ControlOutput.WriteMade(made, work.Urls, parsed.GetValue(json));
            return ExitCode.Ok;
        }, ct));
        return command;
    }

    private static Command Check()
    {
        var number = Number();
        var value = new Option<string?>("--value") { Description = "The value in the e-mail, if its recipient has not opened the page.", HelpName = "VALUE" };
        var (config, json) = (CommonOptions.Config(), CommonOptions.Json());
        var command = new Command("check", "Check a request now and, if the name is proved, let the account order it. Exit code 1 if it is not.") { number, value, config, json };
        command.SetAction((parsed, ct) => RunAsync(parsed.GetValue(config), async work =>
        {
            var request = await FindAsync(parsed.GetValue(number)!, work, ct);
            var owner = await AccountReference.FindAsync($"{request.AccountId.Value}", work.Urls, work.Accounts, ct);
            var done = await work.Requests.CheckAsync(request, owner, parsed.GetValue(value), ct);
            ControlOutput.WriteChecked(request, done, work.Urls, parsed.GetValue(json));
            return done.Authorization is null ? ExitCode.OperatorFault : ExitCode.Ok;
        }, ct));
        return command;
    }

    private static Command List()
    {
        var account = new Option<string?>("--account") { Description = "Only those of an account: its number or URL.", HelpName = "ACCOUNT" };
        var all = new Option<bool>("--all") { Description = "Also those that are decided or have run out." };
        var (count, after) = (PageOptions.Count(), PageOptions.After("this request", "ID"));
        var (config, json) = (CommonOptions.Config(), CommonOptions.Json());
        var command = new Command("list", "List requests, newest first.") { account, all, count, after, config, json };
        command.SetAction(async (parsed, ct) =>
        {
            var settings = CommonOptions.Load(parsed.GetValue(config));
            await using var database = await CommandDatabase.OpenAsync(settings, ct);
            var urls = await AccountReference.UrlsAsync(settings, database, ct);
            var owner = parsed.GetValue(account) is { } text ? (await AccountReference.FindAsync(text, urls, new AccountStore(database), ct)).Id : (AccountId?)null;
            var now = TimeProvider.System.GetUtcNow();
            var wanted = parsed.GetValue(count);
            // One more than is shown tells whether there are more.
            var found = await new ControlStore(database).ListAsync(
                owner, parsed.GetValue(all) ? null : now, parsed.GetValue(after) is { } from ? Read(from) : null, wanted + 1, ct);
            ControlOutput.WriteList([.. found.Take(wanted)], found.Count > wanted, urls, now, parsed.GetValue(json));
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static Command Cancel()
    {
        var number = Number();
        var (config, json) = (CommonOptions.Config(), CommonOptions.Json());
        var command = new Command("cancel", "Take an open request back: its value proves nothing any more.") { number, config, json };
        command.SetAction(async (parsed, ct) =>
        {
            var settings = CommonOptions.Load(parsed.GetValue(config));
            await using var database = await CommandDatabase.OpenAsync(settings, ct);
            var (store, id, now) = (new ControlStore(database), Read(parsed.GetValue(number)!), TimeProvider.System.GetUtcNow());
            var request = await store.FindAsync(id, ct) ?? throw Missing(id);
            if (!await store.EndAsync(id, ControlRequestState.Cancelled, now, ct))
                throw new OperatorFaultException($"the request {id.Value} is {WireName.Of(request.StateAt(now))} already; an authorization is taken back with its account ('caserver account deactivate')");
            ControlOutput.WriteCancelled(request, await AccountReference.UrlsAsync(settings, database, ct), now, parsed.GetValue(json));
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static async Task<int> RunAsync(string? config, Func<Work, Task<ExitCode>> action, CancellationToken ct)
    {
        var settings = CommonOptions.Load(config);
        await using var database = await CommandDatabase.OpenAsync(settings, ct);
        var urls = await AccountReference.UrlsAsync(settings, database, ct);
        // The server has a key for each perspective already; a command makes none.
        var name = settings.Validation.Perspective;
        if (!File.Exists(Perspectives.KeyFileOf(settings.Data, name)))
            throw new OperatorFaultException("Validation:Perspective", $"'{name}' has no key in {settings.Data.Perspectives}; run the command where a server with the role validator has run, as its user", null);
        using var keys = Perspectives.Open(settings.Data, name, settings.Validation.Further.Select(p => p.Name), Roles.Validator);
        Quorum.RequireKeys(settings, keys);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var remotes = settings.Validation.Remotes.Count == 0 ? null : ServerApp.RemotesOf(settings, keys, database, TimeProvider.System, NullLogger<RemotePerspectives>.Instance);
        var collecting = remotes?.RunAsync(ending.Token);
        using var perspectives = ServerApp.PerspectivesOf(settings, keys, remotes, TimeProvider.System);
        var requests = new ControlRequests(
            new ControlStore(database), perspectives, urls, settings.Policy.Names, settings.Policy.Preset, settings.IssuerNames, settings.Authority.Issuing.CommonName,
            settings.Mail is { } mail ? new Mailer(mail, TimeProvider.System) : null, new ValidationLifetimes(settings.Acme.AuthorizationLifetime, settings.Policy.Preset), TimeProvider.System);
        try
        {
            return (int)await action(new Work(requests, new ControlStore(database), new AccountStore(database), urls));
        }
        finally
        {
            await ending.CancelAsync();
            if (collecting is not null)
                await collecting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static Argument<string> Number() => new("ID") { Description = "Number of the request, as 'request' and 'list' have it." };

    private static async Task<ControlRequest> FindAsync(string text, Work work, CancellationToken ct) =>
        await work.Store.FindAsync(Read(text), ct) ?? throw Missing(Read(text));

    private static ControlRequestId Read(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
        ? new ControlRequestId(id)
        : throw new OperatorFaultException("ID", $"must be the number of a request, which 'caserver control list' shows, not '{text}'", null);

    private static OperatorFaultException Missing(ControlRequestId id) => new($"there is no request {id.Value}; 'caserver control list --all' has their numbers");

    private sealed record Work(ControlRequests Requests, ControlStore Store, AccountStore Accounts, AcmeUrls Urls);
}
