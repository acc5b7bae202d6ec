using System.Text.Json;
using System.Text.Json.Nodes;
using CaServer.Conformance.Acme;

namespace CaServer.Conformance.Suite;

internal sealed partial class Trial
{
    private static readonly TimeSpan s_lastPoll = TimeSpan.FromSeconds(1);

    /// <summary>A name that no case has used.</summary>
    public Task<string> NewNameAsync() => server.NewNameAsync(cancellation);

    /// <summary>newOrder for DNS names.</summary>
    public Task<AcmeAnswer> NewOrderAsync(Account account, params IEnumerable<string> names) =>
        NewOrderAsync(account, names.Select(name => ("dns", name)), _ => { });

    /// <summary>newOrder.</summary>
    public Task<AcmeAnswer> NewOrderAsync(Account account, IEnumerable<(string Type, string Value)> identifiers, Action<JsonObject> change)
    {
        var payload = new JsonObject
        {
            ["identifiers"] = new JsonArray([.. identifiers.Select(i => new JsonObject { ["type"] = i.Type, ["value"] = i.Value })]),
        };
        change(payload);
        return PostAsync(account, Url("newOrder"), payload.ToJsonString());
    }

    /// <summary>An order, as a step that is not judged.</summary>
    public async Task<Order> OrderAsync(Account account, params IEnumerable<string> names) =>
        Order.Of(await NewOrderAsync(account, names));

    /// <summary>An order for a new name.</summary>
    public async Task<Order> OrderAsync(Account account) => await OrderAsync(account, await NewNameAsync());

    /// <summary>The order as it stands.</summary>
    public async Task<AcmeObject> ReadOrderAsync(Account account, string url) =>
        (await ReadAsync(account, url)).Prepared("reading the order").Object;

    /// <summary>The first authorization of a new order for a new name.</summary>
    public async Task<Authorization> AuthorizationAsync(Account account) =>
        (await AuthorizationsAsync(account, await OrderAsync(account)))[0];

    /// <summary>The authorizations of an order.</summary>
    public async Task<IReadOnlyList<Authorization>> AuthorizationsAsync(Account account, Order order)
    {
        var authorizations = new List<Authorization>();
        foreach (var url in order.Object.Texts("authorizations"))
            authorizations.Add(await ReadAuthorizationAsync(account, url));
        return authorizations;
    }

    public async Task<Authorization> ReadAuthorizationAsync(Account account, string url) =>
        new(url, (await ReadAsync(account, url)).Prepared("reading the authorization").Object);

    /// <summary>Asks again until the resource's status is none of those.</summary>
    public async Task<AcmeObject> PollAsync(Account account, string url, params string[] whileStatus)
    {
        for (var wait = server.Target.FirstPoll; ; wait = wait * 1.5 < s_lastPoll ? wait * 1.5 : s_lastPoll)
        {
            await Task.Delay(wait, TimeProvider.System, cancellation);
            var resource = (await ReadAsync(account, url)).Prepared("polling").Object;
            if (!whileStatus.Contains(resource.Text("status")))
                return resource;
        }
    }

    /// <summary>An order whose names are proved, ready to be finalized.</summary>
    public async Task<Order> ReadyOrderAsync(Account account, params IEnumerable<string> names)
    {
        RequireProofs();
        return await MakeReadyAsync(account, await OrderAsync(account, names));
    }

    /// <summary>An order for a new name, ready to be finalized.</summary>
    public async Task<Order> ReadyOrderAsync(Account account)
    {
        RequireProofs();
        return await ReadyOrderAsync(account, await NewNameAsync());
    }

    /// <summary>Proves what is to be proved of an order.</summary>
    public async Task<Order> MakeReadyAsync(Account account, Order order)
    {
        foreach (var authorization in await AuthorizationsAsync(account, order))
        {
            if (authorization.Status == "pending")
                await ProveAsync(account, authorization);
        }
        var ready = await PollAsync(account, order.Url, "pending");
        return ready.Text("status") == "ready"
            ? order with { Object = ready }
            : throw new Undecidable($"the order did not get ready beforehand: {ready}");
    }
}

/// <summary>An order.</summary>
internal sealed record Order(string Url, AcmeObject Object)
{
    public string Finalize => Object.Url("finalize");

    public IReadOnlyList<string> Names => [.. Object.Objects("identifiers").Select(i => i.Text("value"))];

    /// <summary>The order that newOrder answered with.</summary>
    public static Order Of(AcmeAnswer answer)
    {
        answer.Prepared("newOrder");
        return new Order(answer.Location ?? throw new Undecidable($"newOrder gave no Location: {answer.Summary}"), answer.Object);
    }
}

/// <summary>An authorization.</summary>
internal sealed record Authorization(string Url, AcmeObject Object)
{
    public string Status => Object.Text("status");

    public AcmeObject Identifier => Object.Object("identifier");

    public bool IsWildcard => Object.Json.TryGetProperty("wildcard", out var wildcard) && wildcard.ValueKind == JsonValueKind.True;

    public IReadOnlyList<AcmeObject> Challenges => Object.Objects("challenges");

    public AcmeObject? Find(string type)
    {
        var found = Challenges.Where(c => c.Text("type") == type).ToArray();
        return found.Length > 0 ? found[0] : null;
    }
}
