using CaServer.Domain;
using CaServer.Validation.Addresses;
using DnsClient;

namespace CaServer.Validation.Dns;

/// <summary>
/// dns-01 (RFC 8555 §8.4, BR §3.2.2.4.7): a TXT record below the name must hold a digest of the key authorization. Aliases count,
/// so that the record can be kept in another zone; of several records one that is right is enough, since a name and its wildcard
/// have the same record name.
/// </summary>
internal sealed class Dns01Check(PerspectiveSettings settings)
{
    // What a trace keeps of an answer.
    private const int MaxTraced = 10;

    private readonly NameServers _servers = new(settings);

    /// <summary>Runs the check until it is decided or the token ends it; the end of time is a finding like any other.</summary>
    internal async Task<Finding> RunAsync(ValidationRequest request, CheckLog log, CancellationToken ct)
    {
        var wanted = new Dns01Answer(Dns01.RecordName(request.Identifier), request.KeyAuthorization);
        // RFC 6761 §6.3: nobody's name servers know of these, unless the operator has one that does.
        if (LocalhostName.Is(request.Identifier.Value) && !_servers.AreConfigured)
            return Finding.Failed(wanted.LocalhostWithoutResolver());

        var found = TextRecords.Of(wanted.Record, await _servers.AskAsync(wanted.Record, QueryType.TXT, ct));
        log.Add(new CheckStep.Texts(
            wanted.Record, found.Through, found.Alias is { } alias ? Printable.Of(alias) : null,
            [.. found.Values.Take(MaxTraced).Select(Printable.Of)], found.Count, found.Fault));
        return wanted.Judge(found);
    }
}
