using System.Buffers.Text;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using CaServer.Bench.Acme;
using CaServer.Bench.Responders;

namespace CaServer.Bench.Load;

/// <summary>One order from newNonce to the downloaded chain, each step timed.</summary>
internal sealed class OrderRun(AcmeClient client, AccountSigner account, Http01Responder responder, OrderSample sample, bool pollOrder)
{
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    /// <exception cref="AcmeFailure">The server refused, or what it answered makes no sense.</exception>
    public async Task RunAsync(CancellationToken ct)
    {
        var began = Stopwatch.GetTimestamp();
        var request = sample.Request;

        await TimedAsync(OrderStep.NewNonce, async () =>
        {
            await client.FetchNonceAsync(ct);
            return true;
        }, ct);

        var placed = await TimedAsync(OrderStep.NewOrder, () => client.PostAsync(account, client.Directory.NewOrder, NewOrder(request.Name), ct), ct);
        var orderUrl = placed.Location ?? throw new AcmeFailure("newOrder answered without a Location");
        var order = placed.Json();
        var authorizationUrl = order.GetProperty("authorizations")[0].GetString()!;

        var authorization = (await TimedAsync(OrderStep.Authorization, () => client.PostAsync(account, authorizationUrl, default, ct), ct)).Json();
        if (Status(authorization) == "valid")
            throw new AcmeFailure("the server reused an authorization: names of the benchmark are used once, so this order did not do the whole work");
        var challenge = authorization.GetProperty("challenges").EnumerateArray()
            .FirstOrDefault(c => c.GetProperty("type").GetString() == "http-01");
        if (challenge.ValueKind == JsonValueKind.Undefined)
            throw new AcmeFailure("the authorization offers no http-01 challenge");
        var token = challenge.GetProperty("token").GetString()!;

        responder.Publish(token, account.Thumbprint);
        try
        {
            await TimedAsync(OrderStep.Challenge, () => client.PostAsync(account, challenge.GetProperty("url").GetString()!, "{}"u8.ToArray(), ct), ct);
            await TimedAsync(OrderStep.AuthorizationPoll, () => UntilAsync(authorizationUrl, "valid", ["pending", "processing"], ct), ct);
        }
        finally
        {
            responder.Withdraw(token);
        }

        order = (await TimedAsync(OrderStep.Finalize, () => client.PostAsync(account, order.GetProperty("finalize").GetString()!, Finalize(request.Csr), ct), ct)).Json();
        if (pollOrder || Status(order) != "valid")
            order = await TimedAsync(OrderStep.OrderPoll, () => UntilAsync(orderUrl, "valid", ["ready", "processing"], ct), ct);

        var chain = await TimedAsync(OrderStep.Download, () => client.PostAsync(account, order.GetProperty("certificate").GetString()!, default, ct), ct);
        sample.Chain = Encoding.ASCII.GetString(chain.Body);
        sample[OrderStep.Total] = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
    }

    // Retry-After is not obeyed: it speaks in whole seconds and would measure politeness. Pauses double from 2 ms to 100 ms, the same for every server.
    private async Task<JsonElement> UntilAsync(string url, string wanted, string[] waiting, CancellationToken ct)
    {
        var began = Stopwatch.GetTimestamp();
        for (var pause = s_firstPause; ; pause = pause * 2 < s_longestPause ? pause * 2 : s_longestPause)
        {
            var state = (await client.PostAsync(account, url, default, ct)).Json();
            var status = Status(state);
            if (status == wanted)
                return state;
            if (!waiting.Contains(status))
                throw new AcmeFailure($"waited for {wanted}, got {state.GetRawText()}");
            if (Stopwatch.GetElapsedTime(began) > s_patience)
                throw new AcmeFailure($"still {status} after {s_patience.TotalSeconds:0} s");
            await Task.Delay(pause, TimeProvider.System, ct);
        }
    }

    private async Task<T> TimedAsync<T>(OrderStep step, Func<Task<T>> work, CancellationToken ct)
    {
        var began = Stopwatch.GetTimestamp();
        try
        {
            var result = await work();
            sample[step] = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
            return result;
        }
        catch (AcmeFailure e)
        {
            throw new AcmeFailure($"{step}: {e.Message}");
        }
        catch (HttpRequestException e)
        {
            throw new AcmeFailure($"{step}: {e.Message} {e.InnerException?.Message}");
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new AcmeFailure($"{step}: no answer within the time limit");
        }
    }

    private static string? Status(JsonElement element) => element.GetProperty("status").GetString();

    private static byte[] NewOrder(string name) =>
        JsonSerializer.SerializeToUtf8Bytes(new { identifiers = new[] { new { type = "dns", value = name } } });

    private static byte[] Finalize(byte[] csr) =>
        JsonSerializer.SerializeToUtf8Bytes(new { csr = Base64Url.EncodeToString(csr) });
}
