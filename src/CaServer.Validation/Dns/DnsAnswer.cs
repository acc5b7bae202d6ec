using System.Net;
using CaServer.Domain;
using DnsClient.Protocol;

namespace CaServer.Validation.Dns;

/// <summary>What became of one question.</summary>
/// <param name="Server">Who answered, as <c>address:port</c>; where there was nobody to ask, the file that names nobody.</param>
/// <param name="Records">The answer section.</param>
/// <param name="Cause">Why there is no answer; null if there is one, even an empty one.</param>
/// <param name="Fault">The same as a clause.</param>
internal sealed record DnsAnswer(string Server, IReadOnlyList<DnsResourceRecord> Records, FailureCause? Cause, string? Fault)
{
    /// <summary>The authority section.</summary>
    internal IReadOnlyList<DnsResourceRecord> Authorities { get; init; } = [];

    /// <summary>Whether the answer was authenticated; "no such name" is an answer, too.</summary>
    internal DnssecState Dnssec { get; init; }

    /// <summary>Whether somebody answered, be it that there is no such name.</summary>
    internal bool IsAnswer => Cause is null or FailureCause.NameUnknown;

    internal static DnsAnswer Failed(IPEndPoint server, FailureCause cause, string fault) => new(server.ToString(), [], cause, fault);
}
