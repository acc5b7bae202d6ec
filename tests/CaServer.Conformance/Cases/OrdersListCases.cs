using CaServer.Conformance.Suite;
using static CaServer.Conformance.Suite.ConformanceCase;

namespace CaServer.Conformance.Cases;

/// <summary>The list of an account's orders (RFC 8555 §7.1.2.1).</summary>
internal static class OrdersListCases
{
    public static readonly Section Section = new("Orders list",
        Must("RFC 8555 §7.1.2.1 (1)", "The list is read by POST-as-GET and has \"orders\", a list of URLs", async t =>
        {
            var (account, url) = await ListAsync(t);
            (await t.ReadAsync(account, url)).Is(200).Object.Texts("orders");
        }),
        Should("RFC 8555 §7.1.2.1 (2)", "The list has pending orders", async t =>
        {
            var (account, url) = await ListAsync(t);
            var order = await t.OrderAsync(account);
            var answer = (await t.ReadAsync(account, url)).Is(200);
            answer.Expect(answer.Object.Texts("orders").Contains(order.Url), "the new order in the list");
        }),
        Should("RFC 8555 §7.1.2.1 (3)", "The list has no invalid orders", async t =>
        {
            var (account, order, _) = await OrderCases.FailedOrderAsync(t);
            var url = (await UrlAsync(t, account)) ?? throw new NotApplicable("the account has no \"orders\"");
            await t.PollAsync(account, order.Url, "pending");
            var answer = (await t.ReadAsync(account, url)).Is(200);
            answer.Expect(!answer.Object.Texts("orders").Contains(order.Url), "no invalid order in the list");
        }),
        Must("RFC 8555 §7.1.2.1 (4)", "Another account cannot read the list", async t =>
        {
            var (_, url) = await ListAsync(t);
            var answer = await t.ReadAsync(await t.StrangerAsync(), url);
            answer.Expect(answer.Status is >= 400 and < 500, "a refusal");
        }),
        Must("RFC 8555 §7.1.2.1 (5)", "If the list is in pages (Link rel=\"next\"), all orders are in them, each once", async t =>
        {
            var (account, url) = await ListAsync(t);
            List<string> placed = [];
            for (var i = 0; i < 3; i++)
                placed.Add((await t.OrderAsync(account)).Url);
            List<string> listed = [];
            for (var next = url; next is not null;)
            {
                var page = (await t.ReadAsync(account, next)).Is(200);
                listed.AddRange(page.Object.Texts("orders"));
                next = page.Links("next").Count > 0 ? page.Links("next")[0] : null;
            }
            if (listed.Distinct().Count() != listed.Count || placed.Except(listed).Any())
                throw new Nonconformity($"expected each of {placed.Count} orders once; the pages have {listed.Count} entries, {listed.Distinct().Count()} different");
        }));

    private static async Task<(Account Account, string Url)> ListAsync(Trial t)
    {
        var account = await t.NewAccountAsync();
        return (account, await UrlAsync(t, account) ?? throw new NotApplicable("the account has no \"orders\""));
    }

    private static async Task<string?> UrlAsync(Trial t, Account account) =>
        (await t.ReadAsync(account, account.Url)).Prepared("reading the account").Object.OptionalText("orders");
}
