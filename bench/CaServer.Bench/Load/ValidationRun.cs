using System.Diagnostics;
using System.Text;
using System.Text.Json;
using CaServer.Bench.Acme;
using CaServer.Bench.Responders;

namespace CaServer.Bench.Load;

/// <summary>How many checks, and how they go.</summary>
/// <param name="Checks">Checks that are to be under way at the same time.</param>
/// <param name="Hung">How many of them are of web servers that never answer.</param>
/// <param name="PerSecond">How many challenges are answered in a second.</param>
/// <param name="Hold">How long all of them are kept under way.</param>
/// <param name="Drip">How long the slowest answer then takes; they are spread over this time.</param>
internal sealed record ValidationPlan(int Checks, int Hung, int PerSecond, TimeSpan Hold, TimeSpan Drip);

/// <summary>How the checks ended.</summary>
internal sealed record ValidationTally
{
    /// <summary>Checks that were under way at the same time.</summary>
    public required int InFlight { get; init; }

    public required int Valid { get; init; }

    /// <summary>Of servers that hang, invalid for exactly that reason.</summary>
    public required int TimedOut { get; init; }

    /// <summary>Whatever ended otherwise.</summary>
    public required IReadOnlyList<string> Wrong { get; init; }
}

/// <summary>
/// Answers challenges one after the other, of names whose web servers take the request and then nothing, until all are being checked at
/// once; keeps that up; then lets the servers answer, a few octets at a time, but for those that hang.
/// </summary>
internal sealed class ValidationRun(LoadTarget target, ValidationPlan plan, Http01Responder responder, string label, string suffix)
{
    /// <summary>Phases of <see cref="NonceProbe"/>.</summary>
    public const int Beginning = 1, Holding = 2, Ending = 3;

    private const int Connections = 400;
    private const int Accounts = 16;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(20);

    private readonly NoncePool _nonces = new(capacity: Connections);
    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed record Placed(AccountSigner Account, string Authorization, string Challenge, bool Hangs);

    /// <param name="enter">Called at the beginning of each phase.</param>
    /// <param name="ct">Stops it.</param>
    public async Task<ValidationTally> RunAsync(Action<int> enter, CancellationToken ct)
    {
        using var http = target.Trust.CreateClient(Connections);
        var directory = await AcmeDirectory.FetchAsync(http, target.Directory, ct);
        AccountSigner[] accounts = [.. Enumerable.Range(0, Accounts).Select(_ => new AccountSigner())];
        try
        {
            foreach (var account in accounts)
                account.Kid = (await Client().PostAsync(account, directory.NewAccount, Encoding.ASCII.GetBytes("""{"termsOfServiceAgreed":true}"""), ct)).Location;
            var placed = await PlaceAsync(accounts, ct);

            enter(Beginning);
            var answers = new List<Task>(placed.Length);
            var began = Stopwatch.GetTimestamp();
            foreach (var (i, one) in placed.Index())
            {
                var due = TimeSpan.FromSeconds((double)i / plan.PerSecond) - Stopwatch.GetElapsedTime(began);
                if (due > TimeSpan.Zero)
                    await Task.Delay(due, TimeProvider.System, ct);
                answers.Add(AnswerAsync(one));
            }
            var inFlight = 0;
            for (var waited = Stopwatch.GetTimestamp(); inFlight < plan.Checks && Stopwatch.GetElapsedTime(waited) < plan.Hold;)
            {
                inFlight = Math.Max(inFlight, responder.Waiting);
                await Task.Delay(s_pause, TimeProvider.System, ct);
            }
            enter(Holding);
            await Task.Delay(plan.Hold, TimeProvider.System, ct);
            enter(Ending);
            _release.SetResult();
            await Task.WhenAll(answers);
            return await TallyAsync(placed, inFlight, ct);
        }
        finally
        {
            foreach (var account in accounts)
                account.Dispose();
        }

        AcmeClient Client() => new(http, directory, _nonces);

        // A signer is for one thread at a time.
        Task AnswerAsync(Placed one) => Task.Run(
            async () =>
            {
                using var account = one.Account.Share();
                await Client().PostAsync(account, one.Challenge, "{}"u8.ToArray(), ct);
            },
            ct);

        async Task<Placed[]> PlaceAsync(AccountSigner[] signers, CancellationToken end)
        {
            var result = new Placed[plan.Checks];
            await Task.WhenAll(signers.Select((account, slot) => Task.Run(
                async () =>
                {
                    for (var i = slot; i < result.Length; i += signers.Length)
                        result[i] = await PlaceOneAsync(Client(), account, i, end);
                },
                end)));
            return result;
        }

        async Task<ValidationTally> TallyAsync(Placed[] all, int inFlight, CancellationToken end)
        {
            var wrong = new List<string>();
            var (valid, timedOut) = (0, 0);
            foreach (var one in all)
            {
                var authorization = await EndAsync(Client(), one, end);
                var status = authorization.GetProperty("status").GetString();
                var error = authorization.GetProperty("challenges").EnumerateArray().Select(c => c.TryGetProperty("error", out var e) ? e.GetRawText() : null).FirstOrDefault(e => e is not null);
                if (!one.Hangs && status == "valid")
                    valid++;
                else if (one.Hangs && status == "invalid" && error is not null && error.Contains(":connection", StringComparison.Ordinal) && error.Contains("/acme/checks/", StringComparison.Ordinal))
                    timedOut++;
                else
                    wrong.Add($"{status}: {error}");
            }
            return new ValidationTally { InFlight = inFlight, Valid = valid, TimedOut = timedOut, Wrong = wrong };
        }
    }

    private async Task<Placed> PlaceOneAsync(AcmeClient client, AccountSigner account, int i, CancellationToken ct)
    {
        var payload = JsonSerializer.SerializeToUtf8Bytes(new { identifiers = new[] { new { type = "dns", value = $"v{i}.{label}.{suffix}" } } });
        var url = (await client.PostAsync(account, client.Directory.NewOrder, payload, ct)).Json().GetProperty("authorizations")[0].GetString()!;
        var challenge = (await client.PostAsync(account, url, default, ct)).Json().GetProperty("challenges").EnumerateArray()
            .Single(c => c.GetProperty("type").GetString() == "http-01");
        // Spread evenly among the others.
        var hangs = (long)(i + 1) * plan.Hung / plan.Checks > (long)i * plan.Hung / plan.Checks;
        var slow = hangs
            ? new SlowAnswer(Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct), TimeSpan.Zero)
            : new SlowAnswer(_release.Task, plan.Drip * ((i % 100 + 1) / 100.0));
        responder.Publish(challenge.GetProperty("token").GetString()!, account.Thumbprint, slow);
        return new Placed(account, url, challenge.GetProperty("url").GetString()!, hangs);
    }

    private static async Task<JsonElement> EndAsync(AcmeClient client, Placed one, CancellationToken ct)
    {
        for (var began = Stopwatch.GetTimestamp(); ; await Task.Delay(s_pause, TimeProvider.System, ct))
        {
            var authorization = (await client.PostAsync(one.Account, one.Authorization, default, ct)).Json();
            if (authorization.GetProperty("status").GetString() is not "pending" || Stopwatch.GetElapsedTime(began) > s_patience)
                return authorization;
        }
    }
}
