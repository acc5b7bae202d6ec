using CaServer.Domain;
using CaServer.Validation.Addresses;
using DnsClient;
using DnsClient.Protocol;

namespace CaServer.Validation.Dns;

/// <summary>
/// The DNS change of BR §3.2.2.4.7 as a person makes it: a TXT record with the request's value, at the name below a label of ours or at
/// the name itself, or a CNAME record below the label that leads to the value. Several TXT records may stand there.
/// </summary>
internal sealed class ControlRecordCheck(PerspectiveSettings settings)
{
    private readonly TextLookup _texts = new(settings);
    private readonly NameServers _servers = new(settings);

    /// <summary>Looks for the TXT record.</summary>
    internal async Task<Finding> TextAsync(ValidationRequest request, CheckLog log, CancellationToken ct)
    {
        var below = await TextAtAsync(ManualProof.RecordName(request.Identifier), request, log, ct);
        // Another place cannot make an answer good whose signatures are not, and that nobody can be asked does not change.
        if (below.Proof is not null || below.Failure is { Cause: FailureCause.DnssecBogus or FailureCause.NoResolver } || ct.IsCancellationRequested)
            return below;
        return await TextAtAsync(request.Identifier.Value, request, log, ct) is { Proof: not null } proved ? proved : below;
    }

    /// <summary>Looks for the CNAME record.</summary>
    internal async Task<Finding> AliasAsync(ValidationRequest request, CheckLog log, CancellationToken ct)
    {
        var value = request.Terms.PublishedValue();
        var wanted = new WantedRecord(ManualProof.RecordName(request.Identifier), ManualProof.AliasTarget(value, settings.IssuerNames), "CNAME");
        if (LocalhostName.Is(request.Identifier.Value) && !_servers.AreConfigured)
            return Finding.Failed(wanted.LocalhostWithoutResolver());
        var answer = await _servers.AskAsync(wanted.Record, QueryType.CNAME, ct);
        var target = answer.Records.OfType<CNameRecord>().FirstOrDefault(r => Aliases.IsSame(r.DomainName, wanted.Record))?.CanonicalName.Original.TrimEnd('.');
        log.Add(new CheckStep.AliasLookedUp(wanted.Record, answer.Server, target is null ? null : Printable.Of(target), answer.Fault) { Dnssec = answer.Dnssec });
        if (target is not null && target.Split('.')[0].Equals(value, StringComparison.OrdinalIgnoreCase))
            return Finding.Proved(new Proof { AccountUrl = request.AccountUrl });
        if (answer.Cause is { } cause)
            return Finding.Failed(wanted.NoneToJudge(new TextRecords(answer.Server, null, [], 0, cause, answer.Fault))!);
        var publish = $"Publish a CNAME record at {wanted.Record} that leads to {wanted.Value}.";
        return Finding.Failed(target is null
            ? WantedRecord.Unauthorized(FailureCause.NoAliasRecord, $"{wanted.Record} has no CNAME record, says {answer.Server}.", publish)
            : WantedRecord.Unauthorized(FailureCause.WrongAlias, $"{wanted.Record} has a CNAME record that leads to {Printable.Of(target)}.", publish));
    }

    private async Task<Finding> TextAtAsync(string record, ValidationRequest request, CheckLog log, CancellationToken ct)
    {
        var wanted = new WantedRecord(record, request.Terms.PublishedValue());
        var (found, failure) = await _texts.FindAsync(wanted, request.Identifier, log, ct);
        if ((failure ?? wanted.NoneToJudge(found!)) is { } none)
            return Finding.Failed(none);
        if (found!.Values.Contains(wanted.Value, StringComparer.Ordinal))
            return Finding.Proved(new Proof { AccountUrl = request.AccountUrl });
        var isAltered = found.Values.Any(v => v.Trim(' ', '\t', '\r', '\n', '"', '\'').Equals(wanted.Value, StringComparison.OrdinalIgnoreCase));
        return Finding.Failed(WantedRecord.Unauthorized(
            isAltered ? FailureCause.TextAltered : FailureCause.WrongText,
            $"{wanted.Place(found)} has {(found.Count == 1 ? "one TXT record, with another value" : $"{found.Count} TXT records, all with other values")}: {WantedRecord.Shown(found.Values, found.Values.Count)}.",
            (isAltered ? "The value was altered by quotation marks, blanks or letter case: " : "") + wanted.Publish(found)));
    }
}
