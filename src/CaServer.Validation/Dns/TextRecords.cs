using CaServer.Domain;
using DnsClient.Protocol;

namespace CaServer.Validation.Dns;

/// <summary>The TXT records at a name.</summary>
/// <param name="Through">Who answered.</param>
/// <param name="Alias">The name that holds the records, where the one asked about is an alias of it; otherwise null.</param>
/// <param name="Values">The records' values, each with its strings joined (RFC 1035 §3.3.14); at most <see cref="MaxRecords"/>.</param>
/// <param name="Count">How many records there are.</param>
/// <param name="Cause">Why there is no answer; null if there is one.</param>
/// <param name="Fault">The same as a clause.</param>
internal sealed record TextRecords(string Through, string? Alias, IReadOnlyList<string> Values, int Count, FailureCause? Cause, string? Fault)
{
    /// <summary>Whether the answer was authenticated.</summary>
    internal DnssecState Dnssec { get; init; }

    /// <summary>Records that are read; an answer holds at most 64 KiB, so this bounds what an answer can make us do.</summary>
    internal const int MaxRecords = 100;

    /// <summary>Reads an answer to a TXT question.</summary>
    internal static TextRecords Of(string name, DnsAnswer answer)
    {
        var owner = Aliases.Owner(name, answer.Records);
        var texts = answer.Cause is null ? answer.Records.OfType<TxtRecord>().Where(r => Aliases.IsSame(r.DomainName, owner)).ToList() : [];
        return new(
            answer.Server,
            Aliases.IsSame(owner, name) ? null : owner.TrimEnd('.'),
            [.. texts.Take(MaxRecords).Select(r => string.Concat(r.Text))],
            texts.Count,
            answer.Cause,
            answer.Fault)
        {
            Dnssec = answer.Dnssec,
        };
    }
}
