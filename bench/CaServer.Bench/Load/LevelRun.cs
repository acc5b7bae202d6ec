using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using CaServer.Bench.Acme;
using CaServer.Bench.Responders;
using CaServer.Bench.Servers;

namespace CaServer.Bench.Load;

/// <summary>
/// One level against one server. Slots work without a break from the start of the warm-up to the end of the window; an order counts when
/// it ENDS inside the window, and the server's CPU is read at both edges, so that orders cut by the edges even out.
/// </summary>
internal sealed class LevelRun(LoadTarget target, LevelSettings settings, PreparedRequests requests, Http01Responder responder)
{
    private static readonly TimeSpan s_drain = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan s_pauseAfterFailure = TimeSpan.FromMilliseconds(50);
    private const string NewAccount = """{"termsOfServiceAgreed":true}""";

    private readonly NoncePool _nonces = new(capacity: settings.Concurrency * 4);
    private readonly ConcurrentBag<OrderSample> _samples = [];
    private readonly TaskCompletionSource _enough = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _next = -1;
    private int _toCount;
    private volatile bool _counting;
    private volatile bool _stopping;

    /// <exception cref="AcmeFailure">The directory cannot be read or an account cannot be made.</exception>
    public async Task<LevelResult> RunAsync(IssuedCheck check, CancellationToken ct)
    {
        using var abort = CancellationTokenSource.CreateLinkedTokenSource(ct);
        using var http = target.Trust.CreateClient(settings.Concurrency);
        var directory = await AcmeDirectory.FetchAsync(http, target.Directory, ct);
        AccountSigner[] accounts = [.. Enumerable.Range(0, settings.Concurrency).Select(_ => new AccountSigner())];
        try
        {
            var servedBefore = responder.Served;
            var newAccountMs = await CreateAccountsAsync(new AcmeClient(http, directory, _nonces), accounts, ct);
            for (var i = 1; settings.OneAccount && i < accounts.Length; i++)
            {
                accounts[i].Dispose();
                accounts[i] = accounts[0].Share();
            }
            Task[] slots = [.. accounts.Select(account => Task.Run(() => SlotAsync(http, directory, account, abort.Token), CancellationToken.None))];

            await EnoughOrAsync(settings.WarmUp, ct);
            var start = Mark();
            _toCount = settings.Orders ?? int.MaxValue;
            _counting = true;
            await EnoughOrAsync(settings.Window, ct);
            var end = Mark();
            _stopping = true;

            // Orders in flight may finish, but a server that has locked itself up must not hold the run.
            abort.CancelAfter(s_drain);
            await Task.WhenAll(slots);
            return LevelResult.From(settings, [.. _samples], start, end, newAccountMs, responder.Served - servedBefore, check, TimeProvider.System.GetUtcNow());
        }
        finally
        {
            await abort.CancelAsync();
            foreach (var account in accounts)
                account.Dispose();
        }
    }

    private LevelMark Mark() => new(
        Stopwatch.GetTimestamp(),
        Environment.CpuUsage.TotalTime,
        ProcessUsage.MachineCpu(),
        target.Usage?.Invoke());

    private async Task<double> CreateAccountsAsync(AcmeClient client, AccountSigner[] accounts, CancellationToken ct)
    {
        var began = Stopwatch.GetTimestamp();
        foreach (var account in settings.OneAccount ? accounts[..1] : accounts)
        {
            var reply = await client.PostAsync(account, client.Directory.NewAccount, Encoding.ASCII.GetBytes(NewAccount), ct);
            account.Kid = reply.Location ?? throw new AcmeFailure("newAccount answered without a Location");
        }
        return Stopwatch.GetElapsedTime(began).TotalMilliseconds / (settings.OneAccount ? 1 : accounts.Length);
    }

    private async Task SlotAsync(HttpClient shared, AcmeDirectory directory, AccountSigner account, CancellationToken ct)
    {
        while (!_stopping && !ct.IsCancellationRequested)
        {
            var index = Interlocked.Increment(ref _next);
            if (index >= requests.Count)
            {
                _enough.TrySetResult();
                return;
            }
            var sample = new OrderSample { Request = requests[index] };
            var http = settings.ConnectionPerOrder ? target.Trust.CreateClient(connections: 1) : shared;
            var client = new AcmeClient(http, directory, _nonces);
            try
            {
                await new OrderRun(client, account, responder, sample, settings.PollOrder).RunAsync(ct);
            }
            catch (Exception e) when (e is AcmeFailure or JsonException or KeyNotFoundException or InvalidOperationException)
            {
                sample.Failure = e.Message;
            }
            catch (OperationCanceledException)
            {
                sample.Failure = $"unfinished {s_drain.TotalSeconds:0} s after the end of the window";
            }
            finally
            {
                if (settings.ConnectionPerOrder)
                    http.Dispose();
            }
            sample.Ended = Stopwatch.GetTimestamp();
            sample.Requests = client.Requests;
            sample.BadNonces = client.BadNonces;
            _samples.Add(sample);
            if (_counting && Interlocked.Decrement(ref _toCount) == 0)
                _enough.TrySetResult();
            if (sample.Failure is not null && !ct.IsCancellationRequested)
                await Task.Delay(s_pauseAfterFailure, TimeProvider.System, CancellationToken.None);
        }
    }

    private async Task EnoughOrAsync(TimeSpan time, CancellationToken ct)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(ct);
        await Task.WhenAny(_enough.Task, Task.Delay(time, TimeProvider.System, waiting.Token));
        await waiting.CancelAsync();
        ct.ThrowIfCancellationRequested();
    }
}
