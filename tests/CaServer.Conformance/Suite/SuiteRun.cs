using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json;

namespace CaServer.Conformance.Suite;

/// <summary>Runs cases against a server, several at a time; those over the traffic come last.</summary>
internal sealed class SuiteRun(ServerUnderTest server, int parallel)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(120);

    /// <summary>Runs the cases; the results have their order.</summary>
    public async Task<IReadOnlyList<CaseResult>> RunAsync(IReadOnlyList<ConformanceCase> cases, CancellationToken ct)
    {
        var results = new ConcurrentDictionary<ConformanceCase, CaseResult>(ReferenceEqualityComparer.Instance);
        foreach (var wave in cases.GroupBy(c => c.IsOverTraffic).OrderBy(wave => wave.Key))
        {
            await Parallel.ForEachAsync(
                wave, new ParallelOptions { MaxDegreeOfParallelism = parallel, CancellationToken = ct },
                async (item, token) => results[item] = await RunAsync(item, token));
        }
        return [.. cases.Select(item => results[item])];
    }

    private async Task<CaseResult> RunAsync(ConformanceCase item, CancellationToken ct)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(ct);
        deadline.CancelAfter(s_limit);
        var trial = new Trial(server, deadline.Token);
        var began = Stopwatch.GetTimestamp();
        var (verdict, reason) = await JudgeAsync(item, trial, ct);
        return new CaseResult(item, verdict, reason, trial.Observed, (long)Stopwatch.GetElapsedTime(began).TotalMilliseconds);
    }

    private static async Task<(Verdict Verdict, string? Reason)> JudgeAsync(ConformanceCase item, Trial trial, CancellationToken ct)
    {
        try
        {
            await item.Check(trial);
            return (Verdict.Passed, null);
        }
        catch (Nonconformity e)
        {
            return (Verdict.Failed, e.Message);
        }
        catch (NotApplicable e)
        {
            return (Verdict.Skipped, e.Message);
        }
        catch (Undecidable e)
        {
            return (Verdict.Undecided, e.Message);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return (Verdict.Undecided, $"no end within {s_limit.TotalSeconds:0} s");
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException)
        {
            return (Verdict.Undecided, $"the connection failed: {e.Message} {e.InnerException?.Message}".TrimEnd());
        }
        catch (Exception e) when (e is JsonException or FormatException or CryptographicException)
        {
            return (Verdict.Failed, $"what the server sent cannot be read: {e.Message}");
        }
    }
}
