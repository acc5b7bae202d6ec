using System.CommandLine;
using CaServer.Composition;
using CaServer.Storage;

namespace CaServer.Cli;

/// <summary><c>caserver renewal move</c>.</summary>
internal static class RenewalMoveCommand
{
    private const int Batch = 500;
    private const int MaxUrlLength = 500;
    private static readonly TimeSpan s_horizon = TimeSpan.FromDays(1000);

    public static Command Create()
    {
        var choice = new CertificateChoice();
        var start = CertificateChoice.Time("--start", "When the window begins. Default: now.");
        var end = CertificateChoice.Time("--end", "When the window ends.");
        var length = new Option<TimeSpan?>("--length")
        {
            Description = "How long the window is, such as 12h: clients choose a time in it at random, so that is what spreads them.",
            HelpName = "TIME",
            CustomParser = result =>
            {
                if (CliTime.TryParseLength(result.Tokens.Single().Value, out var parsed) && parsed < s_horizon)
                    return parsed;
                result.AddError($"--length must be a length of time such as 12h, not '{result.Tokens.Single().Value}'");
                return null;
            },
        };
        var explanation = new Option<string?>("--explanation") { Description = "URL of a page that tells subscribers why.", HelpName = "URL" };
        explanation.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } text
                && (text.Length > MaxUrlLength || !Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("https" or "http") || text.Any(c => c is <= ' ' or > '~')))
            {
                result.AddError($"--explanation must be an http or https URL of at most {MaxUrlLength} characters, not '{text}'");
            }
        });
        var note = CommonOptions.Note("A remark for yourself; 'list' shows it.");
        var dryRun = new Option<bool>("--dry-run") { Description = "Say which windows would be moved, and move none." };
        var (config, json) = (CommonOptions.Config(), CommonOptions.Json());
        var command = new Command("move", "Move the window in which clients are asked to renew, for a set of certificates. Clients that ask hear it at once.")
        {
            start, end, length, explanation, note, dryRun, config, json,
        };
        choice.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.Has(end) == result.Has(length))
                result.AddError("say when the window ends by one of --end and --length");
        });
        command.SetAction(async (parsed, ct) =>
        {
            var now = TimeProvider.System.GetUtcNow();
            var begin = parsed.GetValue(start) ?? now;
            var move = new NewRenewalMove
            {
                Start = begin,
                End = parsed.GetValue(end) ?? begin + parsed.GetValue(length)!.Value,
                Explanation = parsed.GetValue(explanation),
                Note = parsed.GetValue(note),
                CreatedAt = now,
            };
            RequireSensible(move);
            var settings = CommonOptions.Load(parsed.GetValue(config));
            await using var database = await CommandDatabase.OpenAsync(settings, ct);
            var moving = new RenewalMoving(new RenewalStore(database), move, Batch, parsed.GetValue(dryRun));
            var outcomes = await moving.RunAsync(choice.FindAsync(parsed, settings, database, now, ct), ct);
            return (int)await RenewalOutput.WriteAsync(outcomes, moving.Number, move, parsed.GetValue(dryRun), parsed.GetValue(json));
        });
        return command;
    }

    private static void RequireSensible(NewRenewalMove move)
    {
        if (move.End - move.Start < TimeSpan.FromSeconds(1))
            throw new OperatorFaultException("--end", "must be later than the begin of the window", null);
        if ((move.Start - move.CreatedAt).Duration() > s_horizon || (move.End - move.CreatedAt).Duration() > s_horizon)
            throw new OperatorFaultException("--start", $"and --end must lie within {s_horizon.TotalDays} days of now", null);
    }
}
