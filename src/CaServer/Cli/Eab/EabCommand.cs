using System.CommandLine;
using CaServer.Acme;
using CaServer.Composition;
using CaServer.Configuration;
using CaServer.Domain;
using CaServer.Signing;
using CaServer.Storage;
using LogLeaf = CaServer.Signing.LogLeaf;
using StoredLeaf = CaServer.Storage.LogLeaf;

namespace CaServer.Cli;

/// <summary><c>caserver eab</c>: keys for external account binding. All of it works while the server runs.</summary>
internal static class EabCommand
{
    public static Command Create() => new("eab", "Keys for external account binding: who may have accounts, and what those may order.")
    {
        EabCreateCommand.Create(),
        List(),
        OfKid("show", "Show a key, without its MAC key.", ShowAsync),
        OfKid("revoke", "Take a key away for good: it binds no account any more, and the accounts that it bound can order nothing more.", RevokeAsync),
        OfKid("rotate", "Give a key another MAC key, shown only now; the old one is no good at once. Bound accounts are not touched.", RotateAsync),
    };

    /// <summary>Opens the keys of the configured server.</summary>
    /// <exception cref="OperatorFaultException">The database cannot be used.</exception>
    internal static async Task<ExitCode> RunAsync(
        CaServerSettings settings, Func<EabStore, Task> command, CancellationToken ct)
    {
        await using var database = await CommandDatabase.OpenAsync(settings, ct);
        await command(new EabStore(database));
        return ExitCode.Ok;
    }

    private static Command List()
    {
        var config = CommonOptions.Config();
        var json = CommonOptions.Json();
        var command = new Command("list", "List all keys, oldest first.") { config, json };
        command.SetAction(async (parsed, ct) =>
        {
            var settings = CommonOptions.Load(parsed.GetValue(config));
            return (int)await RunAsync(settings, async keys => EabOutput.Write(await keys.ListAsync(ct), Now, parsed.GetValue(json)), ct);
        });
        return command;
    }

    private static Command OfKid(string name, string description, Func<Request, Task> action)
    {
        var config = CommonOptions.Config();
        var json = CommonOptions.Json();
        var kid = new Argument<string>("KID") { Description = "The key identifier." };
        var command = new Command(name, description) { kid, config, json };
        command.SetAction(async (parsed, ct) =>
        {
            var settings = CommonOptions.Load(parsed.GetValue(config));
            return (int)await RunAsync(
                settings, keys => action(new Request(keys, parsed.GetRequiredValue(kid), new MacKeyFile(settings.Data.EabKey), parsed.GetValue(json), ct)), ct);
        });
        return command;
    }

    private static async Task ShowAsync(Request request) =>
        EabOutput.Write(await FindAsync(request), Now, macKey: null, request.Json);

    private static async Task RevokeAsync(Request request)
    {
        var now = Now;
        var leaf = LogLeaf.EabRevoked(request.Kid, Operator.Name, now);
        if (!await request.Keys.RevokeAsync(request.Kid, now, new StoredLeaf(WireName.Of(LogLeafKind.EabRevoked), now, leaf), request.Cancellation))
            throw Revoked(await FindAsync(request));
        EabOutput.Write(await FindAsync(request), Now, macKey: null, request.Json);
    }

    private static async Task RotateAsync(Request request)
    {
        var key = await FindAsync(request);
        if (key.RevokedAt is not null)
            throw Revoked(key);
        await EabCreateCommand.RequireFileAsync(request.File, request.Keys, except: key.Kid, request.Cancellation);
        var (text, sealedKey) = NewMacKey.Make(request.File, key.Kid);
        var now = Now;
        var leaf = LogLeaf.EabRotated(key.Kid, sealedKey, Operator.Name, now);
        if (!await request.Keys.RotateAsync(key.Kid, sealedKey, new StoredLeaf(WireName.Of(LogLeafKind.EabRotated), now, leaf), request.Cancellation))
            throw Revoked(key);
        EabOutput.Write(key, Now, text, request.Json);
    }

    private static async Task<EabKey> FindAsync(Request request) =>
        await request.Keys.FindAsync(request.Kid, request.Cancellation)
        ?? throw new OperatorFaultException($"there is no external account key '{request.Kid}'; 'caserver eab list' shows those that there are");

    private static OperatorFaultException Revoked(EabKey key) => new($"the external account key '{key.Kid}' was revoked before; make another with 'caserver eab create'");

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    private sealed record Request(EabStore Keys, string Kid, MacKeyFile File, bool Json, CancellationToken Cancellation);
}
