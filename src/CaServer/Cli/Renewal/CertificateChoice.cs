using System.CommandLine;
using System.Runtime.CompilerServices;
using CaServer.Configuration;
using CaServer.Domain;
using CaServer.Storage;

namespace CaServer.Cli;

/// <summary>The options by which a set of certificates is chosen: by number, or by what they have in common.</summary>
internal sealed class CertificateChoice
{
    private const int Page = 500;
    private const int MaxWordLength = 64;

    private readonly Option<string[]> _serials = new("--serial") { Description = "The certificate with this serial number; can be given again.", HelpName = "SERIAL", DefaultValueFactory = _ => [] };
    private readonly Option<string?> _file = new("--file") { Description = "The serial numbers in this file, one a line; '#' begins a remark, '-' is standard input.", HelpName = "FILE" };
    private readonly Option<string?> _account = new("--account") { Description = "Those of an account: its number or URL.", HelpName = "ACCOUNT" };
    private readonly Option<string?> _name = new("--name") { Description = "Those with this domain name, wildcard or address.", HelpName = "NAME", CustomParser = CertificateListCommand.ParseName };
    private readonly Option<bool> _below = new("--below") { Description = "With --name: also those with a name below it." };
    private readonly Option<string?> _issuer = Word("--issuer", "Those of this issuer, as 'caserver certificate show' names it.");
    private readonly Option<string?> _profile = Word("--profile", "Those of this profile.");
    private readonly Option<DateTimeOffset?> _issuedFrom = Time("--issued-from", "Those issued at this time or later, such as 2027-01-31 or 2027-01-31T12:00:00Z.");
    private readonly Option<DateTimeOffset?> _issuedBefore = Time("--issued-before", "Those issued before this time.");
    private readonly Option<bool> _all = new("--all") { Description = "Every certificate." };

    /// <summary>Adds the options, and the rules of how they go together, to a command.</summary>
    public void AddTo(Command command)
    {
        Option[] common = [_account, _name, _issuer, _profile, _issuedFrom, _issuedBefore];
        foreach (var option in (Option[])[_serials, _file, .. common, _below, _all])
            command.Options.Add(option);
        command.Validators.Add(result =>
        {
            var ways = new[] { result.Has(_serials), result.Has(_file), common.Any(result.Has), result.Has(_all) }.Count(given => given);
            if (ways == 0)
                result.AddError("say which certificates: --serial, --file, --all, or any of --account, --name, --issuer, --profile, --issued-from and --issued-before, all of which must then apply");
            else if (ways > 1)
                result.AddError("--serial, --file and --all stand alone; the other choices can be joined");
            if (result.Has(_below) && !result.Has(_name))
                result.AddError("--below goes with --name");
        });
    }

    /// <summary>The certificates, newest first; of serial numbers that are nobody's, the number alone. Without these, only valid ones that an account ordered.</summary>
    public async IAsyncEnumerable<(SerialNumber Serial, ListedCertificate? Certificate)> FindAsync(
        ParseResult parsed, CaServerSettings settings, Database database, DateTimeOffset now, [EnumeratorCancellation] CancellationToken ct)
    {
        var list = new CertificateList(database);
        var serials = parsed.GetValue(_file) is { } file ? SerialFile.Read(file) : [.. parsed.GetValue(_serials)!.Select(SerialText.Parse)];
        foreach (var serial in serials.Distinct())
            yield return (serial, await list.FindAsync(serial, ct));
        if (serials.Count > 0)
            yield break;
        var query = new CertificateQuery
        {
            Account = await CertificateListCommand.AccountAsync(parsed.GetValue(_account), settings, database, ct),
            Name = parsed.GetValue(_name),
            Below = parsed.GetValue(_below),
            Issuer = parsed.GetValue(_issuer),
            Profile = parsed.GetValue(_profile),
            IssuedFrom = parsed.GetValue(_issuedFrom),
            IssuedBefore = parsed.GetValue(_issuedBefore),
            Ordered = true,
            EndingFrom = now,
            Revoked = false,
            Count = Page,
        };
        while (true)
        {
            var page = await list.FindAsync(query, ct);
            foreach (var found in page)
                yield return (found.Issuance.Serial, found);
            if (page.Count < Page)
                break;
            query = query with { Before = page[^1].Issuance.Id };
        }
    }

    /// <summary>An option that is a time.</summary>
    internal static Option<DateTimeOffset?> Time(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "TIME",
        CustomParser = result =>
        {
            if (CliTime.TryParse(result.Tokens.Single().Value, out var time))
                return time;
            result.AddError($"{name} must be a time such as 2027-01-31T12:00:00Z, not '{result.Tokens.Single().Value}'");
            return null;
        },
    };

    private static Option<string?> Word(string name, string description)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = "NAME" };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { Length: 0 or > MaxWordLength })
                result.AddError($"{name} must have 1 to {MaxWordLength} characters");
        });
        return option;
    }
}
