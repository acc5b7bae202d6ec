using System.Net;
using System.Net.Sockets;
using CaServer.Domain;
using CaServer.Validation.Addresses;

namespace CaServer.Validation.Connections;

/// <summary>The explanations of checks that never came to a connection.</summary>
internal static class ConnectionFailures
{
    internal static Failure OfResolution(string host, FailureCause cause, string fault)
    {
        var remedy = cause switch
        {
            FailureCause.NameUnknown => $"Create an A or AAAA record for {host}, or correct the name.",
            FailureCause.NoAddress => $"Create an A or AAAA record for {host} that points to its server.",
            FailureCause.DnsError => "See whether all name servers of the zone answer for it and, if it is signed, whether its DNSSEC signatures are valid.",
            FailureCause.DnssecBogus => DnssecRemedy,
            FailureCause.NoResolver => "The CA's operator must set Validation:Resolvers.",
            _ => "See whether all name servers of the zone answer; if they do, try again, and tell the CA's operator if it stays so.",
        };
        return new Failure(cause, ProblemType.Dns, $"{host} could not be looked up: {fault}.", remedy);
    }

    /// <summary>What to do about signatures that do not validate.</summary>
    internal const string DnssecRemedy = "Sign the zone again, and see whether the DS record in the zone above is that of its present key; or remove the DS record until the zone is signed.";

    internal static Failure OfPolicy(string host, IPAddress address, string reason)
    {
        var seen = host == address.ToString() ? $"{address} {reason}" : $"{host} has the address {address}, which {reason}";
        var remedy = AddressPolicy.CanBeListed(address)
            ? "Point the name to an address that the CA may contact, or have the CA's operator list the network in Validation:AllowedNetworks."
            : "Point the name to the address of its own server.";
        return new Failure(FailureCause.AddressRefused, ProblemType.Connection, $"{seen}; this CA does not connect there.", remedy);
    }

    internal static Failure OfConnecting(string host, IReadOnlyList<(IPEndPoint Remote, SocketError Error)> faults)
    {
        var (last, error) = faults[^1];
        var seen = string.Join(", ", faults.Select(f => $"{f.Remote} {Clause(f.Error)}"));
        var cause = CauseOf(error);
        var remedy = cause switch
        {
            FailureCause.ConnectionRefused => $"Start the server that answers the challenge on port {last.Port}, or point {host} to where it runs.",
            FailureCause.ConnectTimeout => $"Let the CA through to port {last.Port}: see the firewall, and whether {host} points to the right machine.",
            _ => $"See whether {host} points to the right machine and whether the CA's network has a route to it.",
        };
        return new Failure(cause, ProblemType.Connection, $"No connection to {host}: {seen}.", remedy);
    }

    /// <summary>The error as a clause that follows the address.</summary>
    internal static string Clause(SocketError error) => CauseOf(error) switch
    {
        FailureCause.ConnectionRefused => "refused the connection",
        FailureCause.ConnectTimeout => "did not answer in time",
        _ => $"cannot be reached ({error})",
    };

    private static FailureCause CauseOf(SocketError error) => error switch
    {
        SocketError.ConnectionRefused => FailureCause.ConnectionRefused,
        SocketError.TimedOut => FailureCause.ConnectTimeout,
        _ => FailureCause.Unreachable,
    };
}
