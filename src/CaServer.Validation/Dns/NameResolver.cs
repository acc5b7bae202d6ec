using System.Net;
using CaServer.Domain;
using CaServer.Validation.Addresses;
using DnsClient;
using DnsClient.Protocol;

namespace CaServer.Validation.Dns;

/// <summary>
/// Turns names into addresses.
/// <para>
/// Without configured resolvers a private CA's perspective sees what a program on its machine would see: <c>/etc/hosts</c>, then
/// the name servers of <c>/etc/resolv.conf</c>. The C library's own look-up is not used: it completes names from search lists, so
/// that another name than the one certified could answer; it holds a thread for as long as a name server is silent; and it does
/// not say who answered what. A configured resolver is asked alone, since the operator said whom to believe.
/// </para>
/// </summary>
internal sealed class NameResolver
{
    // More than any host needs; a bound on what an answer can make us do.
    private const int MaxAddresses = 16;

    private readonly bool _private;
    private readonly WatchedFile<Dictionary<string, IReadOnlyList<IPAddress>>>? _hosts;
    private readonly NameServers _servers;

    internal NameResolver(PerspectiveSettings settings, string hostsPath = "/etc/hosts", string resolvConfPath = "/etc/resolv.conf")
    {
        _private = settings.Preset == PolicyPreset.Private;
        _servers = new NameServers(settings, resolvConfPath);
        _hosts = _private && !_servers.AreConfigured ? new(hostsPath, SystemFiles.ParseHosts) : null;
    }

    /// <summary>Looks a name up.</summary>
    /// <param name="name">A lower-case name without trailing dot.</param>
    /// <param name="ct">The end of the check.</param>
    internal async Task<Resolution> ResolveAsync(string name, CancellationToken ct)
    {
        // RFC 6761 §6.3: these names are loopback everywhere; no name server is to be asked.
        if (_private && LocalhostName.Is(name))
            return Resolution.Found(name, "RFC 6761", [IPAddress.IPv6Loopback, IPAddress.Loopback]);
        if (_hosts?.Read().TryGetValue(name, out var listed) == true)
            return Resolution.Found(name, _hosts.Path, listed);

        var answers = await Task.WhenAll(_servers.AskAsync(name, QueryType.AAAA, ct), _servers.AskAsync(name, QueryType.A, ct));
        return Combine(name, answers[0], answers[1]) with { Dnssec = answers.Where(a => a.IsAnswer).Select(a => a.Dnssec).Least() };
    }

    private static Resolution Combine(string name, DnsAnswer v6, DnsAnswer v4)
    {
        var (addresses6, addresses4) = (Addresses(v6), Addresses(v4));
        var faults = new[] { v6, v4 }.Where(a => a.Cause is not null).ToList();
        // Whoever forges one kind of address may keep the other from us.
        if (faults.Find(a => a.Cause == FailureCause.DnssecBogus) is { } bogus)
            return Resolution.Missing(name, bogus.Server, FailureCause.DnssecBogus, bogus.Fault!);
        if (addresses6.Count + addresses4.Count > 0)
            return Resolution.Found(name, addresses4.Count > 0 ? v4.Server : v6.Server, addresses6.Concat(addresses4), faults.FirstOrDefault()?.Fault);
        // NXDOMAIN holds for every type (RFC 8020 §2), whatever became of the other question.
        if ((faults.FirstOrDefault(a => a.Cause == FailureCause.NameUnknown) ?? faults.FirstOrDefault()) is { Cause: { } cause } fault)
            return Resolution.Missing(name, fault.Server, cause, fault.Fault!);
        return Resolution.Missing(name, v4.Server, FailureCause.NoAddress, "it has neither A nor AAAA records");
    }

    private static List<IPAddress> Addresses(DnsAnswer answer) =>
        answer.Cause is null ? [.. answer.Records.OfType<AddressRecord>().Select(r => r.Address).Take(MaxAddresses)] : [];
}
