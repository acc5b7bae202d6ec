using CaServer.Domain;
using CaServer.Validation.Addresses;
using DnsClient;

namespace CaServer.Validation.Dns;

/// <summary>Looks a TXT record up for a check, and notes what was found.</summary>
internal sealed class TextLookup(PerspectiveSettings settings)
{
    // What a trace keeps of an answer.
    private const int MaxTraced = 10;

    private readonly NameServers _servers = new(settings);

    /// <summary>Looks the record up; what stands in its way is part of the result, and the end of time one of those things.</summary>
    /// <param name="wanted">The record.</param>
    /// <param name="identifier">The name that is being proved.</param>
    /// <param name="log">Where the step is noted.</param>
    /// <param name="ct">The end of the check.</param>
    internal async Task<(TextRecords? Found, Failure? Failure)> FindAsync(WantedRecord wanted, Identifier identifier, CheckLog log, CancellationToken ct)
    {
        // RFC 6761 §6.3: nobody's name servers know of these, unless the operator has one that does.
        if (LocalhostName.Is(identifier.Value) && !_servers.AreConfigured)
            return (null, wanted.LocalhostWithoutResolver());

        var found = TextRecords.Of(wanted.Record, await _servers.AskAsync(wanted.Record, QueryType.TXT, ct));
        log.Add(new CheckStep.Texts(
            wanted.Record, found.Through, found.Alias is { } alias ? Printable.Of(alias) : null,
            [.. found.Values.Take(MaxTraced).Select(Printable.Of)], found.Count, found.Fault)
        {
            Dnssec = found.Dnssec,
        });
        return (found, null);
    }
}
