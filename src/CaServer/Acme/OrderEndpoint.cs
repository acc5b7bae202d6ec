using CaServer.Domain;
using CaServer.Storage;

namespace CaServer.Acme;

/// <summary>An order (RFC 8555 §7.1.3, §7.4).</summary>
internal static class OrderEndpoint
{
    /// <summary>Whole seconds that a client should wait before it asks again for something being worked on.</summary>
    internal const string RetryAfterSeconds = "2";

    public static async Task<IResult> PostAsync(
        string id, SignedRequest request, PublicIds ids, OrderStore orders, AcmeUrls urls, TimeProvider clock, HttpContext context)
    {
        request.RequirePostAsGet();
        var order = await FindAsync(id, request, ids, orders, context.RequestAborted);
        return Answer(context, order, urls, clock.GetUtcNow());
    }

    /// <summary>The account's own order.</summary>
    /// <exception cref="AcmeException">malformed 404, or unauthorized for another account's order.</exception>
    internal static async Task<Order> FindAsync(string id, SignedRequest request, PublicIds ids, OrderStore orders, CancellationToken cancellationToken)
    {
        if (!ids.TryDecode(id, out OrderId orderId) || await orders.FindAsync(orderId, cancellationToken) is not { } order)
            throw NotFound("order");
        if (order.AccountId != request.Account.Id)
            throw new AcmeException(ProblemType.Unauthorized, "The order belongs to another account.");
        return order;
    }

    internal static AcmeException NotFound(string what) =>
        new(new AcmeProblem(ProblemType.Malformed, $"There is no such {what}; use the URLs that this server gave, unchanged.") { Status = StatusCodes.Status404NotFound });

    internal static IResult Answer(HttpContext context, Order order, AcmeUrls urls, DateTimeOffset now)
    {
        context.Response.Headers.Location = urls.Order(order.Id);
        if (order.StatusAt(now) == OrderStatus.Processing)
            context.Response.Headers.RetryAfter = RetryAfterSeconds;
        return AcmeJson.Answer(Resource(order, urls, now), AcmeJson.Default.OrderResource);
    }

    internal static OrderResource Resource(Order order, AcmeUrls urls, DateTimeOffset now) => new()
    {
        Status = WireName.Of(order.StatusAt(now)),
        Expires = AcmeJson.Rfc3339(order.Expires),
        Identifiers = [.. order.Identifiers.Select(IdentifierResource.Of)],
        Profile = order.Profile,
        Authorizations = [.. order.Authorizations.Distinct().Select(urls.Authorization)],
        Finalize = urls.Finalize(order.Id),
        Replaces = order.Replaces,
        Certificate = order.Certificate is { } certificate ? urls.Certificate(certificate) : null,
        Error = order.Error is { } error ? ProblemResource.Of(error) : null,
    };
}
