using CaServer.Domain;
using CaServer.Health;
using CaServer.Signing;
using CaServer.Status;
using CaServer.Storage;
using CaServer.TestKit.Dns;
using CaServer.TestKit.Storage;
using CaServer.Tests.Validation;
using CaServer.Validation;
using CaServer.Workers;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace CaServer.Tests.Acme;

/// <summary>CAA is looked up again before a certificate for what was proved more than seven hours ago (BR §3.2.2.8).</summary>
public sealed class CaaRenewalTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task A_look_up_is_renewed_once_it_is_old_and_not_before(DatabaseKind kind)
    {
        await using var world = await World.OpenAsync(kind);
        world.Dns.With("a.example", DnsReply.Caa(("issue", "ca.example")));

        await world.RenewAsync(TimeSpan.FromHours(7));
        Assert.Empty(world.Dns.Questions);
        Assert.Empty((await world.LoadAsync()).CaaStatements);

        await world.RenewAsync(TimeSpan.FromSeconds(1));
        Assert.True(SignedCaaStatement.TryParse(Assert.Single((await world.LoadAsync()).CaaStatements), out var signed));
        Assert.True(signed.IsSignedBy(CheckRig.Key));
        Assert.Equal(("a.example", CaaState.Permitted, world.Clock.GetUtcNow().ToUnixTimeSeconds()), (signed.Statement.Identifier, signed.Statement.Caa, signed.Statement.CaaCheckedAt));

        Assert.Equal((true, null), await world.KeptAsync());

        var asked = world.Dns.Questions.Count;
        await world.RenewAsync(TimeSpan.FromHours(7));
        Assert.Equal(asked, world.Dns.Questions.Count);
        await world.RenewAsync(TimeSpan.FromSeconds(1));
        Assert.True(SignedCaaStatement.TryParse(Assert.Single((await world.LoadAsync()).CaaStatements), out var second));
        Assert.Equal(world.Clock.GetUtcNow().ToUnixTimeSeconds(), second.Statement.CaaCheckedAt);
    }

    [Theory, EachDatabase]
    public async Task Where_too_few_perspectives_permit_no_statement_is_kept_and_the_next_request_asks_all_again(DatabaseKind kind)
    {
        await using var world = await World.OpenAsync(kind);
        await using var deceived = new ScriptedDnsServer();
        world.Dns.With("a.example", DnsReply.Caa(("issue", "ca.example")));
        deceived.With("a.example", DnsReply.Caa(("issue", "other.example")));
        using var second = new Perspective(new PerspectiveSettings { Name = "second", Resolvers = [deceived.Endpoint], IssuerNames = ["ca.example"] }, CheckRig.Key, world.Clock);
        var renewal = world.OfTwo(second);
        world.Clock.Advance(TimeSpan.FromDays(1));

        await Assert.ThrowsAsync<AcmeException>(() => renewal.RenewAsync(world.Order, Ct));
        Assert.Empty((await world.LoadAsync()).CaaStatements);
        await Assert.ThrowsAsync<AcmeException>(() => renewal.RenewAsync(world.Order, Ct));

        deceived.With("a.example", DnsReply.Caa(("issue", "ca.example")));
        await renewal.RenewAsync(world.Order, Ct);
        Assert.Equal(2, (await world.LoadAsync()).CaaStatements.Count);
    }

    [Theory, EachDatabase]
    public async Task A_perspective_that_did_not_prove_the_name_does_not_count(DatabaseKind kind)
    {
        await using var world = await World.OpenAsync(kind);
        world.Dns.With("a.example", DnsReply.Caa(("issue", "ca.example")));
        using var another = new Perspective(new PerspectiveSettings { Name = "third", Resolvers = [world.Dns.Endpoint], IssuerNames = ["ca.example"] }, CheckRig.Key, world.Clock);
        var renewal = world.OfTwo(another);
        world.Clock.Advance(TimeSpan.FromDays(1));

        var refusal = await Assert.ThrowsAsync<AcmeException>(() => renewal.RenewAsync(world.Order, Ct));

        Assert.Equal(
            "1 of the 2 perspectives that proved the name found that CAA permits it and 2 must, so it must be proved again: deactivate its authorization and place a new order.",
            refusal.Problem.Detail);
        Assert.Empty((await world.LoadAsync()).CaaStatements);
        Assert.Equal(OrderStatus.Ready, (await new OrderStore(world.Database.Database).FindAsync(world.Order.Id, Ct))!.Status);
    }

    [Theory, EachDatabase]
    public async Task What_CAA_forbids_by_now_is_refused_and_only_the_explanation_is_stored(DatabaseKind kind)
    {
        await using var world = await World.OpenAsync(kind);
        world.Dns.With("a.example", DnsReply.Caa(("issue", "other.example")));

        var refusal = await Assert.ThrowsAsync<AcmeException>(() => world.RenewAsync(TimeSpan.FromDays(1)));

        Assert.Equal(ProblemType.Caa, refusal.Problem.Type);
        Assert.Contains("other.example", refusal.Problem.Detail, StringComparison.Ordinal);
        Assert.StartsWith("https://ca.example/acme/checks/", refusal.Problem.Instance, StringComparison.Ordinal);
        Assert.Empty((await world.LoadAsync()).CaaStatements);
        Assert.Equal((false, "caa-other-issuer"), await world.KeptAsync());
        Assert.Equal(OrderStatus.Ready, (await new OrderStore(world.Database.Database).FindAsync(world.Order.Id, Ct))!.Status);
    }

    [Theory, EachDatabase]
    public async Task Several_refusals_are_told_at_once(DatabaseKind kind)
    {
        await using var world = await World.OpenAsync(kind, "a.example", "b.example", "c.example");
        world.Dns.With("a.example", DnsReply.Caa(("issue", ";"))).With("b.example", DnsReply.Caa(("issue", ";")));

        var refusal = await Assert.ThrowsAsync<AcmeException>(() => world.RenewAsync(TimeSpan.FromDays(1)));

        Assert.Equal(["a.example", "b.example"], refusal.Problem.Subproblems.Select(s => s.Identifier!.Value).Order(StringComparer.Ordinal));
        Assert.Equal(2, refusal.Problem.Subproblems.Select(s => s.Instance).OfType<string>().Distinct().Count());
    }

    [Theory, EachDatabase]
    public async Task A_front_end_without_perspective_does_not_use_again_what_it_cannot_look_up(DatabaseKind kind)
    {
        await using var world = await World.OpenAsync(kind);
        var orders = new OrderStore(world.Database.Database);
        var order = StorageSamples.NewOrder(world.Order.AccountId, "a.example") with { ReuseValidUntil = StorageSamples.Now };

        Assert.Equal(OrderStatus.Ready, (await orders.CreateAsync(order with { ReuseProvedSince = StorageSamples.Now }, Ct)).Status);
        Assert.Equal(OrderStatus.Pending, (await orders.CreateAsync(order with { ReuseProvedSince = StorageSamples.Now.AddSeconds(1) }, Ct)).Status);
        Assert.Null(world.Renewal.ReusableSince(CaaPolicy.Require));
        Assert.Null(world.WithoutPerspective.ReusableSince(CaaPolicy.Ignore));
        Assert.Equal(world.Clock.GetUtcNow().AddHours(-7), world.WithoutPerspective.ReusableSince(CaaPolicy.Require));
    }

    private sealed class World : IAsyncDisposable
    {
        private readonly Perspective _perspective;

        private World(TestDatabase database, Order order)
        {
            (Database, Order) = (database, order);
            _perspective = new Perspective(
                new PerspectiveSettings { Name = "local", Resolvers = [Dns.Endpoint], IssuerNames = ["ca.example"] }, CheckRig.Key, Clock);
            (Renewal, WithoutPerspective) = (Make(Group([], 1)), Make(null));
        }

        internal TestDatabase Database { get; }

        internal Order Order { get; }

        internal FakeTimeProvider Clock { get; } = new(StorageSamples.Now);

        internal ScriptedDnsServer Dns { get; } = new();

        internal CaaRenewal Renewal { get; }

        internal CaaRenewal WithoutPerspective { get; }

        internal static async Task<World> OpenAsync(DatabaseKind kind, params string[] names)
        {
            var database = await TestDatabase.OpenAsync(kind);
            var samples = new StorageSamples(database.Database) { Perspectives = ["local", "second"] };
            return new World(database, await samples.ReadyAsync((await samples.AccountAsync()).Id, names.Length == 0 ? ["a.example"] : names));
        }

        internal Task RenewAsync(TimeSpan later)
        {
            Clock.Advance(later);
            return Renewal.RenewAsync(Order, Ct);
        }

        internal async Task<(bool Passed, string? Cause)> KeptAsync()
        {
            var kept = Assert.Single(Assert.Single(await new AuthorizationStore(Database.Database).ListChecksAsync(Order.Authorizations[0], 10, Ct)));
            Assert.Equal(PerspectiveCheck.CaaRenewal, kept.Attempt);
            return (kept.Passed, kept.Cause);
        }

        internal async Task<FinalizedOrder> LoadAsync() => await new IssuanceStore(Database.Database).LoadAsync(Order, [1], Ct);

        public async ValueTask DisposeAsync()
        {
            _perspective.Dispose();
            await Dns.DisposeAsync();
            await Database.DisposeAsync();
        }

        internal CaaRenewal OfTwo(Perspective second) => Make(Group([second], 2));

        private PerspectiveGroup Group(IReadOnlyList<Perspective> others, int quorum) => new(_perspective, others, null, QuorumPolicy.AtLeast(quorum), Clock);

        private CaaRenewal Make(PerspectiveGroup? perspectives) => new(
            perspectives,
            new AuthorizationStore(Database.Database),
            new AcmeUrls(new Uri("https://ca.example"), new PublicIds(new byte[PublicIds.KeyLength])),
            new Metrics(new StatusFiles(new IssuerStore(Database.Database), new CrlStore(Database.Database), TimeSpan.FromHours(6)), certificate: null),
            Clock,
            NullLogger<CaaRenewal>.Instance);
    }
}
