using System.Net;
using System.Net.Sockets;
using DnsClient;

namespace CaServer.Validation.Dns;

/// <summary>
/// The recursive name servers of a perspective: the configured ones, otherwise the system's. They follow aliases (CNAME) for us.
/// Nothing is cached: a check sees what they say now.
/// </summary>
internal sealed class NameServers
{
    private readonly IReadOnlyList<IPEndPoint> _configured;
    private readonly WatchedFile<IPEndPoint[]> _resolvConf;
    private readonly LookupClient _client;

    internal NameServers(PerspectiveSettings settings, string resolvConfPath = "/etc/resolv.conf")
    {
        _configured = settings.Resolvers;
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

    /// <summary>Whether the operator said whom to ask.</summary>
    internal bool AreConfigured => _configured.Count > 0;

    /// <summary>
    /// Asks one question. A name server that fails is followed by the next; one that says "no such name" or "no such record" has
    /// answered.
    /// </summary>
    /// <param name="name">A lower-case name without trailing dot.</param>
    /// <param name="type">The type of the records wanted.</param>
    /// <param name="ct">The end of the check.</param>
    internal async Task<DnsAnswer> AskAsync(string name, QueryType type, CancellationToken ct)
    {
        var last = new DnsAnswer(_resolvConf.Path, [], FailureCause.NoResolver, "no name server is configured");
        foreach (var server in AreConfigured ? _configured : _resolvConf.Read())
        {
            last = await AskOneAsync(name, type, server, ct);
            if (last.Cause is null or FailureCause.NameUnknown || ct.IsCancellationRequested)
                break;
        }
        return last;
    }

    private async Task<DnsAnswer> AskOneAsync(string name, QueryType type, IPEndPoint server, CancellationToken ct)
    {
        var question = new DnsQuestion(name + ".", type);
        try
        {
            return Read(question, await _client.QueryServerAsync([new NameServer(server)], question, ct), server);
        }
        catch (Exception e) when (e is OperationCanceledException || e is DnsResponseException { Code: DnsResponseCode.ConnectionTimeout })
        {
            return DnsAnswer.Failed(server, FailureCause.DnsTimeout, $"{server} did not answer the {type} question in time");
        }
        catch (DnsResponseException e) when (e.InnerException is SocketException socket)
        {
            return DnsAnswer.Failed(server, FailureCause.DnsTimeout, $"{server} could not be asked ({socket.SocketErrorCode})");
        }
        catch (Exception e) when (e is DnsResponseException or DnsResponseParseException or DnsXidMismatchException)
        {
            return DnsAnswer.Failed(server, FailureCause.DnsGarbled, $"{server} gave an answer to the {type} question that cannot be read");
        }
    }

    private static DnsAnswer Read(DnsQuestion question, IDnsQueryResponse response, IPEndPoint server)
    {
        // RFC 5452 §4: an answer to another question is no answer. Original is the name as on the wire; Value has U-labels in an answer.
        if (response.Questions is not [var asked, ..] || asked.QuestionType != question.QuestionType
            || !asked.QueryName.Original.Equals(question.QueryName.Original, StringComparison.OrdinalIgnoreCase))
            return DnsAnswer.Failed(server, FailureCause.DnsGarbled, $"{server} answered another question than the one asked");
        return response.Header.ResponseCode switch
        {
            DnsHeaderResponseCode.NoError => new DnsAnswer(server.ToString(), response.Answers, null, null),
            // With the aliases that led to the name that is missing.
            DnsHeaderResponseCode.NotExistentDomain => new DnsAnswer(
                server.ToString(), response.Answers, FailureCause.NameUnknown, $"{server} says that it does not exist (NXDOMAIN)"),
            var code => DnsAnswer.Failed(server, FailureCause.DnsError, $"{server} answered the {question.QuestionType} question with {Name(code)}"),
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
}
