using System.Net;
using CaServer.Domain;
using CaServer.Validation.Addresses;
using DnsClient;
using DnsClient.Protocol;

namespace CaServer.Validation.Dns;

/// <summary>
/// Turns names into addresses. Nothing is cached: a check sees what the name servers say now.
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
    private readonly IReadOnlyList<IPEndPoint> _configured;
    private readonly WatchedFile<Dictionary<string, IReadOnlyList<IPAddress>>>? _hosts;
    private readonly WatchedFile<IPEndPoint[]> _resolvConf;
    private readonly LookupClient _client;

    internal NameResolver(PerspectiveSettings settings, string hostsPath = "/etc/hosts", string resolvConfPath = "/etc/resolv.conf")
    {
        _private = settings.Preset == PolicyPreset.Private;
        _configured = settings.Resolvers;
        _hosts = _private && _configured.Count == 0 ? new(hostsPath, SystemFiles.ParseHosts) : null;
        _resolvConf = new(resolvConfPath, SystemFiles.ParseResolvConf);
        // The server list is given with each question. An empty list here would make the library look for servers itself and,
        // finding none, fall back to a public service that nobody configured.
        _client = new LookupClient(new LookupClientOptions(IPAddress.Loopback)
        {
            UseCache = false,
            Retries = 1,
            Timeout = settings.DnsTimeout,
            UseTcpFallback = true,
            ThrowDnsErrors = false,
            Recursion = true,
            // DNS flag day 2020: answers larger than this come over TCP instead of in fragments, which can be forged.
            ExtendedDnsBufferSize = 1232,
        });
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

        var servers = _configured.Count > 0 ? _configured : _resolvConf.Read();
        if (servers.Count == 0)
            return Resolution.Missing(name, _resolvConf.Path, FailureCause.NoResolver, "no name server is configured");

        var answers = await Task.WhenAll(AskAsync(name, QueryType.AAAA, servers, ct), AskAsync(name, QueryType.A, servers, ct));
        return Combine(name, answers[0], answers[1]);
    }

    private static Resolution Combine(string name, Answer v6, Answer v4)
    {
        var addresses = v6.Addresses.Concat(v4.Addresses).ToList();
        var faults = new[] { v6, v4 }.Where(a => a.Fault is not null).ToList();
        if (addresses.Count > 0)
            return Resolution.Found(name, v4.Addresses.Count > 0 ? v4.Server : v6.Server, addresses, faults.FirstOrDefault()?.Fault);
        // NXDOMAIN holds for every type (RFC 8020 §2), whatever became of the other question.
        if ((faults.FirstOrDefault(a => a.Cause == FailureCause.NameUnknown) ?? faults.FirstOrDefault()) is { } fault)
            return Resolution.Missing(name, fault.Server, fault.Cause, fault.Fault!);
        return Resolution.Missing(name, v4.Server, FailureCause.NoAddress, "it has neither A nor AAAA records");
    }

    // A name server that fails is followed by the next; one that says "no such name" or "no such record" has answered.
    private async Task<Answer> AskAsync(string name, QueryType type, IReadOnlyList<IPEndPoint> servers, CancellationToken ct)
    {
        Answer? last = null;
        foreach (var server in servers)
        {
            last = await AskOneAsync(name, type, server, ct);
            if (last.Fault is null || last.Cause == FailureCause.NameUnknown || ct.IsCancellationRequested)
                break;
        }
        return last!;
    }

    private async Task<Answer> AskOneAsync(string name, QueryType type, IPEndPoint server, CancellationToken ct)
    {
        var question = new DnsQuestion(name + ".", type);
        try
        {
            return Read(question, await _client.QueryServerAsync([new NameServer(server)], question, ct), server);
        }
        catch (Exception e) when (e is OperationCanceledException || e is DnsResponseException { Code: DnsResponseCode.ConnectionTimeout })
        {
            return Answer.Failed(server, FailureCause.DnsTimeout, $"{server} did not answer the {type} question in time");
        }
        catch (DnsResponseException e) when (e.InnerException is System.Net.Sockets.SocketException socket)
        {
            return Answer.Failed(server, FailureCause.DnsTimeout, $"{server} could not be asked ({socket.SocketErrorCode})");
        }
        catch (Exception e) when (e is DnsResponseException or DnsResponseParseException or DnsXidMismatchException)
        {
            return Answer.Failed(server, FailureCause.DnsGarbled, $"{server} gave an answer to the {type} question that cannot be read");
        }
    }

    private static Answer Read(DnsQuestion question, IDnsQueryResponse response, IPEndPoint server)
    {
        // RFC 5452 §4: an answer to another question is no answer. Original is the name as on the wire; Value has U-labels in an answer.
        if (response.Questions is not [var asked, ..] || asked.QuestionType != question.QuestionType
            || !asked.QueryName.Original.Equals(question.QueryName.Original, StringComparison.OrdinalIgnoreCase))
            return Answer.Failed(server, FailureCause.DnsGarbled, $"{server} answered another question than the one asked");
        return response.Header.ResponseCode switch
        {
            DnsHeaderResponseCode.NoError => new Answer(
                server.ToString(), [.. response.Answers.OfType<AddressRecord>().Select(r => r.Address).Take(MaxAddresses)], default, null),
            DnsHeaderResponseCode.NotExistentDomain => Answer.Failed(server, FailureCause.NameUnknown, $"{server} says that it does not exist (NXDOMAIN)"),
            var code => Answer.Failed(server, FailureCause.DnsError, $"{server} answered the {question.QuestionType} question with {Name(code)}"),
        };
    }

    private static string Name(DnsHeaderResponseCode code) => code switch
    {
        DnsHeaderResponseCode.ServerFailure => "SERVFAIL",
        DnsHeaderResponseCode.Refused => "REFUSED",
        DnsHeaderResponseCode.FormatError => "FORMERR",
        DnsHeaderResponseCode.NotImplemented => "NOTIMP",
        _ => $"error code {(int)code}",
    };

    private sealed record Answer(string Server, IReadOnlyList<IPAddress> Addresses, FailureCause Cause, string? Fault)
    {
        internal static Answer Failed(IPEndPoint server, FailureCause cause, string fault) => new(server.ToString(), [], cause, fault);
    }
}
