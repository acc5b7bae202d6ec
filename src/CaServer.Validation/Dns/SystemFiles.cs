using System.Net;

namespace CaServer.Validation.Dns;

/// <summary>Readers of the files by which a Unix system is told about names.</summary>
internal static class SystemFiles
{
    // resolv.conf(5): the C library asks at most three.
    private const int MaxServers = 3;
    private const int DnsPort = 53;
    private static readonly char[] s_blanks = [' ', '\t'];

    /// <summary>hosts(5): an address and its names on each line; <c>#</c> begins a comment.</summary>
    internal static Dictionary<string, IReadOnlyList<IPAddress>> ParseHosts(string[] lines)
    {
        var hosts = new Dictionary<string, IReadOnlyList<IPAddress>>(StringComparer.OrdinalIgnoreCase);
        foreach (var line in lines)
        {
            var words = line.Split('#', 2)[0].Split(s_blanks, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2 || !IPAddress.TryParse(words[0], out var address))
                continue;
            foreach (var name in words.Skip(1))
                hosts[name] = [.. hosts.GetValueOrDefault(name, []), address];
        }
        return hosts;
    }

    /// <summary>resolv.conf(5): the <c>nameserver</c> lines. Search lists are of no use to a CA, which must ask for exactly the name it certifies.</summary>
    internal static IPEndPoint[] ParseResolvConf(string[] lines) =>
    [
        .. lines.Select(line => line.Split(s_blanks, StringSplitOptions.RemoveEmptyEntries))
            .Where(words => words is ["nameserver", _, ..])
            .Select(words => IPAddress.TryParse(words[1], out var address) ? new IPEndPoint(address, DnsPort) : null)
            .OfType<IPEndPoint>()
            .Take(MaxServers),
    ];
}
