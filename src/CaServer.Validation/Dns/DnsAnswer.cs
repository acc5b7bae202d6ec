using System.Net;
using DnsClient.Protocol;

namespace CaServer.Validation.Dns;

/// <summary>What became of one question.</summary>
/// <param name="Server">Who answered, as <c>address:port</c>; where there was nobody to ask, the file that names nobody.</param>
/// <param name="Records">The answer section.</param>
/// <param name="Cause">Why there is no answer; null if there is one, even an empty one.</param>
/// <param name="Fault">The same as a clause.</param>
internal sealed record DnsAnswer(string Server, IReadOnlyList<DnsResourceRecord> Records, FailureCause? Cause, string? Fault)
{
    internal static DnsAnswer Failed(IPEndPoint server, FailureCause cause, string fault) => new(server.ToString(), [], cause, fault);
}
