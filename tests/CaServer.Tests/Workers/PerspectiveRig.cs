using System.Collections.Concurrent;
using System.Security.Cryptography;
using CaServer.Domain;
using CaServer.Health;
using CaServer.Signing;
using CaServer.Status;
using CaServer.Storage;
using CaServer.TestKit.Dns;
using CaServer.TestKit.Storage;
using CaServer.Tests.Validation;
using CaServer.Validation;
using CaServer.Validation.Remote;
using CaServer.Workers;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace CaServer.Tests.Workers;

/// <summary>Perspectives here and elsewhere over one database, each with a name server and a key of its own.</summary>
internal sealed class PerspectiveRig : IAsyncDisposable
{
    // The digest of the key authorization that CheckRig.Request asks for, as in Dns01Tests.
    internal const string Value = "xdGyW3wkNEjzUzdQf0VhJcAm_td9cXRd0t2VODwDsec";

    private const string Name = CheckRig.Name;
    private const string Record = "_acme-challenge." + Name;

    private readonly TestDatabase _database;
    private readonly ConcurrentDictionary<string, ECDsa> _keys = new();
    private readonly List<IAsyncDisposable> _open = [];
    private readonly List<Perspective> _perspectives = [];
    private readonly CancellationTokenSource _end = new();
    private readonly CancellationTokenSource _hang = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

    private PerspectiveRig(TestDatabase database)
    {
        _database = database;
        _hang.CancelAfter(TimeSpan.FromMinutes(1));
        Store = new RemoteCheckStore(database.Database);
    }

    internal RemoteCheckStore Store { get; }

    internal static InstanceId Here { get; } = new("here");

    /// <summary>What is asked in these tests.</summary>
    internal static ValidationRequest Request { get; } = CheckRig.Request(Identifier.Dns(Name), ValidationMethod.Dns01) with { AccountUrl = "https://ca.example/acme/account/1" };

    internal static CaaRequest CaaRequest { get; } = new() { Identifier = Identifier.Dns(Name), Wildcard = false, Method = ValidationMethod.Dns01, AccountUrl = "https://ca.example/acme/account/1" };

    /// <summary>Ends what would wait for ever.</summary>
    internal CancellationToken Ct => _hang.Token;

    internal static async Task<PerspectiveRig> OpenAsync() => new(await TestDatabase.OpenAsync(DatabaseKind.Sqlite));

    /// <summary>The key of a perspective.</summary>
    internal ECDsa KeyOf(string name) => _keys.GetOrAdd(name, _ => ECDsa.Create(ECCurve.NamedCurves.nistP256));

    /// <summary>A perspective that sees this TXT record; the right one, if nothing is said.</summary>
    internal Perspective Perspective(string name, DnsReply? record = null, DnsReply? caa = null, ECDsa? key = null) =>
        Perspective(name, Resolver(_ => record ?? DnsReply.Texts(Value), caa), key);

    internal Perspective Perspective(string name, ScriptedDnsServer dns, ECDsa? key = null)
    {
        var perspective = new Perspective(
            new PerspectiveSettings
            {
                Name = name,
                Resolvers = [dns.Endpoint],
                IssuerNames = ["ca.example"],
                Caa = CaaPolicy.Respect,
                Timeout = TimeSpan.FromMinutes(5),
                DnsTimeout = TimeSpan.FromMinutes(4),
            },
            key ?? KeyOf(name), TimeProvider.System);
        _perspectives.Add(perspective);
        return perspective;
    }

    /// <summary>A name server that decides at each question what the TXT record is.</summary>
    internal ScriptedDnsServer Resolver(Func<bool, DnsReply> record, DnsReply? caa = null)
    {
        var dns = new ScriptedDnsServer().With(Record, record).With(Name, caa ?? DnsReply.Caa(("issue", "ca.example")));
        _open.Add(dns);
        return dns;
    }

    /// <summary>Lets a process of a perspective run elsewhere.</summary>
    internal async Task<RemoteCheckWorker> RunAsync(Perspective perspective, int atOnce = 10, InstanceId? instance = null)
    {
        var worker = new RemoteCheckWorker(
            perspective, Store, instance ?? new InstanceId(perspective.Name + "-1"), atOnce,
            new Metrics(new StatusFiles(new IssuerStore(_database.Database), new CrlStore(_database.Database), TimeSpan.FromHours(6)), certificate: null),
            TimeProvider.System, NullLogger<RemoteCheckWorker>.Instance);
        _open.Add(new Running(worker));
        await worker.StartAsync(Ct);
        return worker;
    }

    /// <summary>Those that are asked through the database; their answers are collected.</summary>
    internal RemotePerspectives Remotes(IEnumerable<string> names, TimeSpan? patience = null, TimeProvider? clock = null, ILogger<RemotePerspectives>? log = null)
    {
        var remotes = new RemotePerspectives(
            [.. names.Select(n => KeyValuePair.Create(n, KeyOf(n)))], Store, Here, patience ?? TimeSpan.FromMinutes(10), clock ?? TimeProvider.System, log ?? NullLogger<RemotePerspectives>.Instance);
        _open.Add(new Collecting(remotes, _end.Token));
        return remotes;
    }

    /// <summary>All together. On a clock that nobody advances they wait for everybody, however slow this machine is.</summary>
    internal static PerspectiveGroup Group(Perspective primary, RemotePerspectives? remotes, QuorumPolicy policy, TimeProvider? clock = null) =>
        new(primary, [], remotes, policy, clock ?? new WatchedTime(DateTimeOffset.UnixEpoch));

    /// <summary>Takes a check as a process of the perspective does, once one is asked for.</summary>
    internal async Task<(RemoteCheckId Id, byte[] Question)> TakeAsync(string perspective, InstanceId by)
    {
        while (true)
        {
            var taken = await Store.ClaimAsync(perspective, by, 1, DateTimeOffset.MinValue.AddYears(1), Ct);
            if (taken.Count > 0)
                return (taken.Single().Key, taken.Single().Value!);
        }
    }

    /// <summary>Answers the next check that is asked for, as a process of the perspective does.</summary>
    internal async Task AnswerAsync(RemotePerspectives remotes, string perspective)
    {
        var by = new InstanceId(perspective + "-1");
        var (id, question) = await TakeAsync(perspective, by);
        var outcome = await Perspective(perspective).CheckAsync(RemoteQuestion.Decode(question).Control!, Ct);
        Assert.True(await Store.AnswerAsync(id, by, RemoteAnswer.Encode(outcome), Ct));
        remotes.Heard();
    }

    /// <summary>Ends when nothing is left that a process has taken.</summary>
    internal async Task ForgottenAsync(InstanceId by)
    {
        while ((await Store.ListTakenAsync(by, Ct)).Count > 0)
        {
        }
    }

    /// <summary>Ends when a process has taken something.</summary>
    internal async Task TakenAsync(InstanceId by)
    {
        while ((await Store.ListTakenAsync(by, Ct)).Count == 0)
        {
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        foreach (var open in _open.AsEnumerable().Reverse())
            await open.DisposeAsync();
        foreach (var perspective in _perspectives)
            perspective.Dispose();
        await _database.DisposeAsync();
        _end.Dispose();
        _hang.Dispose();
    }

    private sealed class Running(RemoteCheckWorker worker) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await worker.StopAsync(CancellationToken.None);
            worker.Dispose();
        }
    }

    private sealed class Collecting(RemotePerspectives remotes, CancellationToken ct) : IAsyncDisposable
    {
        private readonly Task _run = remotes.RunAsync(ct);

        public async ValueTask DisposeAsync() => await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _run);
    }
}
