using CaServer.Domain;
using CaServer.Validation.Caa;
using CaServer.Validation.Connections;
using CaServer.Validation.Dns;
using DnsClient;

namespace CaServer.Validation.Email;

/// <summary>
/// The e-mail contacts of a name: in the CAA records that are relevant for it (BR §3.2.2.4.13, §A.1.1), in TXT records at it and at the
/// domains above (BR §3.2.2.4.14, §A.2.1), and those made from those domains (BR §3.2.2.4.4). Nothing above the registered domain counts.
/// </summary>
internal sealed class Contacts(PerspectiveSettings settings, TimeProvider clock)
{
    private const string Tag = "contactemail";

    // What a trace keeps of an answer, and what an answer can make us do.
    private const int MaxContacts = 10;

    // Names of more labels are nobody's; a bound on what a name can make us do.
    private const int MaxDomains = 8;

    private readonly NameServers _servers = new(settings);
    private readonly CaaLookup _caa = new(new NameServers(settings), retries: true, clock);

    /// <summary>All of them.</summary>
    internal async Task<ContactsFound> FindAllAsync(Identifier name, CheckLog log, CancellationToken ct)
    {
        var (ofCaa, caaFailure) = await FindAsync(ValidationMethod.CaaEmail, name, log, ct);
        var (ofTexts, textFailure) = await FindAsync(ValidationMethod.TextEmail, name, log, ct);
        var (constructed, _) = await FindAsync(ValidationMethod.ConstructedEmail, name, log, ct);
        return new ContactsFound(
            [.. ofCaa, .. ofTexts, .. constructed],
            [.. new[] { caaFailure, textFailure }.OfType<Failure>().Where(f => f.Cause != FailureCause.NoContact).Select(f => f.ToProblem())]);
    }

    /// <summary>Those of one method, or why there are none.</summary>
    internal async Task<(IReadOnlyList<DomainContact> Contacts, Failure? Failure)> FindAsync(ValidationMethod method, Identifier name, CheckLog log, CancellationToken ct)
    {
        switch (method)
        {
            case ValidationMethod.CaaEmail:
                return await OfCaaAsync(name, log, ct);
            case ValidationMethod.TextEmail:
                return await OfTextsAsync(name, log, ct);
            default:
                return ([.. Domains(name).SelectMany(d => ManualProof.ConstructedAt(d).Select(a => new DomainContact(a, method, d)))], null);
        }
    }

    private async Task<(IReadOnlyList<DomainContact>, Failure?)> OfCaaAsync(Identifier name, CheckLog log, CancellationToken ct)
    {
        var set = await _caa.FindAsync(name.Value, ct);
        var values = set.Values(Tag).Take(MaxContacts).ToList();
        log.Add(new CheckStep.ContactsLookedUp(name.Value, "CAA", set.Through, values.Count > 0 ? set.Set : null, [.. values.Select(Printable.Of)], set.Fault) { Dnssec = set.Dnssec });
        if (set.Unanswered is { } unanswered)
            return ([], Unanswered(set.Cause!.Value, $"The CAA records of {unanswered}", set.Fault!));
        var contacts = set.Set is not null && Domains(name).Contains(set.Set) ? Read(values, ValidationMethod.CaaEmail, set.Set) : [];
        return (contacts, contacts.Count > 0 ? null : None(
            $"The CAA records for {name.Value} name no e-mail contact.",
            $"Add a CAA record at {name.Value} or the domain above that has CAA records: 0 {Tag} \"someone@{Domains(name)[^1]}\"."));
    }

    private async Task<(IReadOnlyList<DomainContact>, Failure?)> OfTextsAsync(Identifier name, CheckLog log, CancellationToken ct)
    {
        foreach (var domain in Domains(name).Where(d => ManualProof.ContactRecordPrefix.Length + d.Length <= Identifier.MaxNameLength))
        {
            var record = ManualProof.ContactRecordPrefix + domain;
            var found = TextRecords.Of(record, await _servers.AskAsync(record, QueryType.TXT, ct));
            log.Add(new CheckStep.ContactsLookedUp(record, "TXT", found.Through, found.Count > 0 ? domain : null, [.. found.Values.Take(MaxContacts).Select(Printable.Of)], found.Fault)
            {
                Dnssec = found.Dnssec,
            });
            if (found.Cause is { } cause && cause != FailureCause.NameUnknown)
                return ([], Unanswered(cause, record, found.Fault!));
            if (Read(found.Values.Take(MaxContacts), ValidationMethod.TextEmail, domain) is { Count: > 0 } contacts)
                return (contacts, null);
        }
        return ([], None(
            $"There is no TXT record with an e-mail contact for {name.Value}.",
            $"Publish a TXT record at {ManualProof.ContactRecordPrefix}{Domains(name)[^1]} that has the address and nothing else."));
    }

    // The name and what is above it, down to the registered domain.
    private List<string> Domains(Identifier name)
    {
        var registered = settings.Suffixes.RegisteredDomain(name.Value);
        var domains = new List<string> { name.Value };
        for (var at = ZoneSecurity.Parent(name.Value); at.Length > 0 && registered is not null && domains.Count < MaxDomains; at = ZoneSecurity.Parent(at))
        {
            if (at.Length < registered.Length)
                break;
            domains.Add(at);
        }
        return domains;
    }

    private static IReadOnlyList<DomainContact> Read(IEnumerable<string> values, ValidationMethod method, string domain) =>
        [.. values.Select(v => EmailAddress.TryParse(v, out var address) ? new DomainContact(address, method, domain) : null).OfType<DomainContact>()];

    private static Failure None(string seen, string remedy) => new(FailureCause.NoContact, ProblemType.Unauthorized, seen, remedy);

    private static Failure Unanswered(FailureCause cause, string what, string fault) => new(
        cause,
        ProblemType.Dns,
        $"{what} could not be looked up for an e-mail contact: {fault}.",
        cause == FailureCause.DnssecBogus ? ConnectionFailures.DnssecRemedy : "See whether all name servers of the zone answer; then try again.");
}
