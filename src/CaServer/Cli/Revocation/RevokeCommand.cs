using System.CommandLine;
using System.CommandLine.Parsing;
using CaServer.Composition;
using CaServer.Domain;

namespace CaServer.Cli;

/// <summary><c>caserver revoke</c>: revokes certificates, by the same operation as ACME's revokeCert. Works while the server runs.</summary>
internal static class RevokeCommand
{
    public static Command Create()
    {
        var serials = new Option<string[]>("--serial") { Description = "The certificate with this serial number; can be given again.", HelpName = "SERIAL", DefaultValueFactory = _ => [] };
        var key = new Option<string?>("--key") { Description = "Every valid certificate with the key in this file: a public key, certificate, CSR or private key, PEM or DER.", HelpName = "FILE" };
        var account = new Option<string?>("--account") { Description = "Every valid certificate of an account: its number or URL.", HelpName = "ACCOUNT" };
        var file = new Option<string?>("--file") { Description = "The serial numbers in this file, one a line; '#' begins a remark, '-' is standard input.", HelpName = "FILE" };
        var reason = new Option<RevocationReason>("--reason")
        {
            Description = $"Why: {string.Join(", ", Reasons.Select(r => $"{WireName.Of(r)} ({(int)r})"))}.",
            HelpName = "REASON",
            Required = true,
            CustomParser = ParseReason,
        };
        var reported = new Option<DateTimeOffset?>("--reported-at")
        {
            Description = "When you learned of the reason, such as 2027-01-31 or 2027-01-31T12:00:00Z; the deadline runs from then. Default: now.",
            HelpName = "TIME",
            CustomParser = ParseTime,
        };
        var note = CommonOptions.Note("What happened; kept as evidence.");
        var dryRun = new Option<bool>("--dry-run") { Description = "Say what would be revoked, and revoke nothing." };
        var (config, json) = (CommonOptions.Config(), CommonOptions.Json());
        var command = new Command("revoke", "Revoke certificates. A revocation cannot be taken back.") { serials, key, account, file, reason, reported, note, dryRun, config, json };
        command.Validators.Add(result =>
        {
            if (new Option[] { serials, key, account, file }.Count(result.Has) != 1)
                result.AddError("say which certificates by one of --serial, --key, --account and --file");
        });
        command.SetAction(async (parsed, ct) =>
        {
            var settings = CommonOptions.Load(parsed.GetValue(config));
            await using var database = await CommandDatabase.OpenAsync(settings, ct);
            var revocation = new OperatorRevocation(
                database,
                new RevocationWish(parsed.GetValue(reason), parsed.GetValue(reported), parsed.GetValue(note), parsed.GetValue(dryRun)),
                TimeProvider.System);
            var outcomes = parsed switch
            {
                _ when parsed.GetValue(key) is { } keyFile => revocation.ByKeyAsync(CompromisedKey.Read(keyFile), ct),
                _ when parsed.GetValue(account) is { } text => revocation.ByAccountAsync(
                    (await AccountReference.FindAsync(text, await AccountReference.UrlsAsync(settings, database, ct), new Storage.AccountStore(database), ct)).Id, ct),
                _ when parsed.GetValue(file) is { } list => revocation.BySerialsAsync(SerialFile.Read(list), ct),
                _ => revocation.BySerialsAsync([.. parsed.GetValue(serials)!.Select(SerialText.Parse)], ct),
            };
            return (int)await RevocationOutput.WriteAsync(outcomes, parsed.GetValue(dryRun), parsed.GetValue(json));
        });
        return command;
    }

    // certificateHold is nobody's (BR §7.2.2); cACompromise is for CA certificates.
    private static IEnumerable<RevocationReason> Reasons => Enum.GetValues<RevocationReason>().Where(r => r != RevocationReason.CaCompromise);

    private static RevocationReason ParseReason(ArgumentResult result)
    {
        var text = result.Tokens.Single().Value;
        foreach (var reason in Reasons)
        {
            if (text == WireName.Of(reason) || text == $"{(int)reason}")
                return reason;
        }
        result.AddError($"--reason must be {string.Join(", ", Reasons.Select(WireName.Of))}, not '{text}'");
        return default;
    }

    private static DateTimeOffset? ParseTime(ArgumentResult result)
    {
        var text = result.Tokens.Single().Value;
        if (CliTime.TryParse(text, out var time) && time <= TimeProvider.System.GetUtcNow())
            return time;
        result.AddError($"--reported-at must be a time that is past, such as 2027-01-31T12:00:00Z, not '{text}'");
        return null;
    }
}
