using System.Net;
using System.Net.Sockets;
using CaServer.Domain;
using DnsClient;

namespace CaServer.Validation.Dns;

/// <summary>
/// The recursive name servers of a perspective: the configured ones, otherwise the system's. They follow aliases (CNAME) for us.
/// Nothing is cached here: a check sees what they say now. Where the operator says that they validate (DNSSEC), their word is believed,
/// which the settings allow over loopback only.
/// </summary>
internal sealed class NameServers
{
    private readonly IReadOnlyList<IPEndPoint> _configured;
    private readonly WatchedFile<IPEndPoint[]> _resolvConf;
    private readonly LookupClient _client;
    private readonly bool _validate;
    private readonly TimeSpan _timeout;

    internal NameServers(PerspectiveSettings settings, string resolvConfPath = "/etc/resolv.conf")
    {
        _configured = settings.Resolvers;
        _validate = settings.Dnssec;
        _timeout = settings.DnsTimeout;
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
            RequestDnsSecRecords = _validate,
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
            // Another resolver cannot make an answer good whose signatures are not.
            if (last.IsAnswer || last.Cause == FailureCause.DnssecBogus || ct.IsCancellationRequested)
                break;
        }
        return last;
    }

    private async Task<DnsAnswer> AskOneAsync(string name, QueryType type, IPEndPoint server, CancellationToken ct)
    {
        var question = new DnsQuestion(name + ".", type);
        try
        {
            var answer = Read(question, await _client.QueryServerAsync([new NameServer(server)], question, ct), server);
            return _validate && answer.Cause == FailureCause.DnsError && await UncheckedQuestion.IsAnsweredAsync(name, type, server, _timeout, TimeProvider.System, ct)
                ? DnsAnswer.Failed(server, FailureCause.DnssecBogus, $"{server} has an answer to the {type} question whose DNSSEC signatures do not validate")
                : answer;
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

    private DnsAnswer Read(DnsQuestion question, IDnsQueryResponse response, IPEndPoint server)
    {
        // RFC 5452 §4: an answer to another question is no answer. Original is the name as on the wire; Value has U-labels in an answer.
        if (response.Questions is not [var asked, ..] || asked.QuestionType != question.QuestionType
            || !asked.QueryName.Original.Equals(question.QueryName.Original, StringComparison.OrdinalIgnoreCase))
            return DnsAnswer.Failed(server, FailureCause.DnsGarbled, $"{server} answered another question than the one asked");
        return response.Header.ResponseCode switch
        {
            DnsHeaderResponseCode.NoError => new DnsAnswer(server.ToString(), response.Answers, null, null)
            {
                Authorities = response.Authorities,
                Dnssec = State(response),
            },
            // With the aliases that led to the name that is missing.
            DnsHeaderResponseCode.NotExistentDomain => new DnsAnswer(
                server.ToString(), response.Answers, FailureCause.NameUnknown, $"{server} says that it does not exist (NXDOMAIN)")
            {
                Dnssec = State(response),
            },
            var code => DnsAnswer.Failed(server, FailureCause.DnsError, $"{server} answered the {question.QuestionType} question with {Name(code)}"),
        };
    }

    // A resolver that validates says SERVFAIL when it must not be believed, so what has no AD bit is unsigned (RFC 4035 §3.2.3).
    private DnssecState State(IDnsQueryResponse response) =>
        !_validate ? DnssecState.Unchecked : response.Header.IsAuthenticData ? DnssecState.Secure : DnssecState.Insecure;

    private static string Name(DnsHeaderResponseCode code) => code switch
    {
        DnsHeaderResponseCode.ServerFailure => "SERVFAIL",
        DnsHeaderResponseCode.Refused => "REFUSED",
        DnsHeaderResponseCode.FormatError => "FORMERR",
        DnsHeaderResponseCode.NotImplemented => "NOTIMP",
        _ => $"error code {(int)code}",
    };
}
