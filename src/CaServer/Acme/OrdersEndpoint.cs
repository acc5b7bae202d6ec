using CaServer.Domain;
using CaServer.Storage;

namespace CaServer.Acme;

/// <summary>The list of an account's orders, newest first, in pages linked by <c>rel="next"</c> (RFC 8555 §7.1.2.1).</summary>
internal static class OrdersEndpoint
{
    private const int PageLength = 100;
    private const string CursorName = "before";

    public static async Task<IResult> PostAsync(
        string id, SignedRequest request, PublicIds ids, OrderStore orders, AcmeUrls urls, HttpContext context)
    {
        request.RequirePostAsGet();
        if (!ids.TryDecode(id, out AccountId accountId) || accountId != request.Account.Id)
            throw new AcmeException(ProblemType.Unauthorized, "An account's orders can be read only with its own key.");
        var page = await orders.ListAsync(accountId, ReadCursor(context.Request, ids), PageLength + 1, context.RequestAborted);
        if (page.Count > PageLength)
            context.Response.Headers.Append("Link", $"<{urls.Orders(accountId)}?{CursorName}={ids.Of(page[PageLength - 1])}>;rel=\"next\"");
        return AcmeJson.Answer(new OrdersResource([.. page.Take(PageLength).Select(urls.Order)]), AcmeJson.Default.OrdersResource);
    }

    private static OrderId? ReadCursor(HttpRequest request, PublicIds ids)
    {
        if (!request.Query.TryGetValue(CursorName, out var cursor))
            return null;
        return ids.TryDecode(cursor.ToString(), out OrderId before)
            ? before
            : throw OrderEndpoint.NotFound("page of orders");
    }
}
