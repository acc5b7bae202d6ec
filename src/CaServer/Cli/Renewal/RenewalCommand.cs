using System.CommandLine;
using System.Globalization;
using CaServer.Composition;
using CaServer.Domain;
using CaServer.Storage;

namespace CaServer.Cli;

/// <summary><c>caserver renewal</c>: when clients are asked to renew (RFC 9773). All of it works while the server runs.</summary>
internal static class RenewalCommand
{
    private const int Batch = 500;

    public static Command Create() => new("renewal", "When clients are asked to renew (ACME renewal information, RFC 9773): move the window for a set of certificates.")
    {
        RenewalMoveCommand.Create(),
        List(),
        Clear(),
    };

    private static Command List()
    {
        var (config, json) = (CommonOptions.Config(), CommonOptions.Json());
        var command = new Command("list", "List the windows that were moved, newest first, and how far the renewals have come.") { config, json };
        command.SetAction(async (parsed, ct) =>
        {
            await using var database = await CommandDatabase.OpenAsync(CommonOptions.Load(parsed.GetValue(config)), ct);
            RenewalOutput.Write(await new RenewalStore(database).ListAsync(ct), parsed.GetValue(json));
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static Command Clear()
    {
        var number = new Argument<string?>("MOVE") { Description = "Number of the move that is taken back, as 'list' has it.", Arity = ArgumentArity.ZeroOrOne };
        var serials = new Option<string[]>("--serial") { Description = "Take it back for the certificate with this serial number only; can be given again.", HelpName = "SERIAL", DefaultValueFactory = _ => [] };
        var all = new Option<bool>("--all") { Description = "Take every move back." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Say what would be taken back, and change nothing." };
        var (config, json) = (CommonOptions.Config(), CommonOptions.Json());
        var command = new Command("clear", "Give certificates their usual window back.") { number, serials, all, dryRun, config, json };
        command.Validators.Add(result =>
        {
            if (new[] { result.GetValue(number) is not null, result.Has(serials), result.Has(all) }.Count(given => given) != 1)
                result.AddError("say what to take back by one of MOVE, --serial and --all");
        });
        command.SetAction(async (parsed, ct) =>
        {
            await using var database = await CommandDatabase.OpenAsync(CommonOptions.Load(parsed.GetValue(config)), ct);
            var rehearse = parsed.GetValue(dryRun);
            var cleared = parsed.GetValue(serials) is { Length: > 0 } chosen
                ? await ClearAsync([.. chosen.Select(SerialText.Parse)], database, rehearse, ct)
                : await ClearAsync(await MovesAsync(parsed.GetValue(number), database, ct), database, rehearse, ct);
            RenewalOutput.WriteCleared(cleared, rehearse, parsed.GetValue(json));
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static async Task<IReadOnlyList<RenewalMove>> MovesAsync(string? number, Database database, CancellationToken ct)
    {
        var store = new RenewalStore(database);
        if (number is null)
            return await store.ListAsync(ct);
        return long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && await store.FindAsync(new RenewalMoveId(id), ct) is { } move
            ? [move]
            : throw new OperatorFaultException($"there is no move '{number}'; 'caserver renewal list' has their numbers");
    }

    private static async Task<long> ClearAsync(IReadOnlyList<RenewalMove> moves, Database database, bool rehearse, CancellationToken ct)
    {
        var store = new RenewalStore(database);
        foreach (var move in moves)
        {
            while (!rehearse && await store.ClearBatchAsync(move.Id, Batch, ct))
            {
                // There are more.
            }
        }
        return moves.Sum(m => m.Certificates);
    }

    private static async Task<long> ClearAsync(IReadOnlyList<SerialNumber> serials, Database database, bool rehearse, CancellationToken ct)
    {
        var (store, list) = (new RenewalStore(database), new CertificateList(database));
        var cleared = 0L;
        foreach (var serial in serials)
        {
            var found = await list.FindAsync(serial, ct) ?? throw new OperatorFaultException($"no certificate has the serial number {serial}");
            if (rehearse ? await store.FindAsync(found.Issuance.Id, ct) is not null : await store.ClearAsync(found.Issuance.Id, ct))
                cleared++;
        }
        return cleared;
    }
}
