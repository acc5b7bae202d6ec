using System.Buffers.Text;
using System.Security.Cryptography;
using CaServer.Domain;
using CaServer.Limits;
using CaServer.Storage;

namespace CaServer.Workers;

/// <summary>Checks answered challenges from this process's perspectives and stores what was found.</summary>
internal sealed partial class ValidationWorker(
    ValidationQueue queue, AuthorizationStore authorizations, ChallengeCheck check, InstanceId instance, TimeProvider clock,
    ValidationLifetimes lifetimes, ValidationAttempts attempts, RateLimits limits, ILogger<ValidationWorker> log)
    : LeasedWorker<ValidationWork>(queue.Work, attempts.AtOnce, clock, log)
{
    private readonly TimeProvider _clock = clock;

    protected override Task<ValidationWork?> ClaimAsync(CancellationToken cancellationToken)
    {
        var now = _clock.GetUtcNow();
        return authorizations.ClaimValidationAsync(new Lease(instance, now + ValidationQueue.LeaseTime), now, cancellationToken);
    }

    protected override async Task WorkAsync(ValidationWork work, CancellationToken cancellationToken)
    {
        var running = queue.Started(work.ChallengeId, cancellationToken);
        ProvedChallenge? proved = null;
        try
        {
            proved = await CheckAsync(work, running);
        }
        catch (OperationCanceledException) when (running.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // The client gave the authorization up, and the challenge with it.
            LogBrokenOff(work.ChallengeId.Value, work.Identifier);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            var reference = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(6));
            LogCheckFailed(reference, work.ChallengeId.Value, work.Identifier, e);
            await FailAsync(
                work,
                new AcmeProblem(
                    ProblemType.ServerInternal,
                    $"The check failed inside the server. Place a new order; if it fails again, tell the operator the reference {reference}."),
                []);
        }
        finally
        {
            queue.Ended(work.ChallengeId);
            queue.Outcomes.Complete(work.ChallengeId, proved);
        }
    }

    private async Task<ProvedChallenge?> CheckAsync(ValidationWork work, CancellationToken cancellationToken)
    {
        var outcome = await check.RunAsync(work, cancellationToken);
        var checks = outcome.Outcomes.Select(o => CheckRecord.Of(work, o)).ToList();
        if (outcome.IsProved)
        {
            var statements = outcome.Statements.Select(s => s.Statement).ToList();
            var at = DateTimeOffset.FromUnixTimeSeconds(statements.Max(s => s.CheckedAt));
            // Not cancelled by a stop: a finished check is stored, so that nobody has to repeat it.
            var stored = await authorizations.CompleteValidationAsync(work.ChallengeId, outcome.Statements, checks, at, statements.Min(lifetimes.End), CancellationToken.None);
            LogValid(work.Identifier, work.AuthorizationId.Value, work.AccountId.Value, work.Method, outcome.Agreement, outcome.Findings);
            return stored ? new ProvedChallenge(at) : null;
        }
        if (outcome.MayPass && attempts.Next(work.Attempt) is { } delay && await PostponeAsync(work, outcome.Problem, checks, delay))
        {
            LogPostponed(work.Identifier, work.AuthorizationId.Value, work.Attempt, delay, outcome.Problem.Detail, outcome.Agreement, outcome.Findings);
            return null;
        }
        await FailAsync(work, outcome.Problem, checks);
        LogInvalid(work.Identifier, work.AuthorizationId.Value, work.AccountId.Value, work.Method, outcome.Problem.Detail, outcome.Problem.Instance, outcome.Agreement, outcome.Findings);
        return null;
    }

    // The row waits, not this process: whoever finds it when it is due makes the next attempt.
    private Task<bool> PostponeAsync(ValidationWork work, AcmeProblem problem, IReadOnlyList<PerspectiveCheck> checks, TimeSpan delay)
    {
        var now = _clock.GetUtcNow();
        return authorizations.PostponeValidationAsync(work.ChallengeId, problem, checks, work.Attempt, now + delay, now, CancellationToken.None);
    }

    private async Task FailAsync(ValidationWork work, AcmeProblem problem, IReadOnlyList<PerspectiveCheck> checks)
    {
        // A fault of ours is not counted against the client.
        var limit = problem.Type == ProblemType.ServerInternal
            ? null
            : (await limits.CurrentAsync(CancellationToken.None)).FailedValidation(work.AccountId, work.Identifier);
        await authorizations.FailValidationAsync(work.ChallengeId, problem, checks, limit, _clock.GetUtcNow(), CancellationToken.None);
    }

    [LoggerMessage(EventId = 2101, Level = LogLevel.Information, Message = "{Name} proved by {Method}: authorization {AuthorizationId} of account {AccountId} is valid; perspectives that agree: {Agreement} ({Findings})")]
    private partial void LogValid(Identifier name, long authorizationId, long accountId, ValidationMethod method, string agreement, string findings);

    [LoggerMessage(EventId = 2102, Level = LogLevel.Information, Message = "{Name} not proved by {Method}: authorization {AuthorizationId} of account {AccountId} is invalid: {Detail} {Page} Perspectives that agree: {Agreement} ({Findings})")]
    private partial void LogInvalid(Identifier name, long authorizationId, long accountId, ValidationMethod method, string detail, string? page, string agreement, string findings);

    [LoggerMessage(EventId = 2105, Level = LogLevel.Information, Message = "{Name} not proved yet at attempt {Attempt}: authorization {AuthorizationId} is checked again after {Delay}: {Detail} Perspectives that agree: {Agreement} ({Findings})")]
    private partial void LogPostponed(Identifier name, long authorizationId, int attempt, TimeSpan delay, string detail, string agreement, string findings);

    [LoggerMessage(EventId = 2106, Level = LogLevel.Information, Message = "The check of challenge {ChallengeId} for {Name} was broken off: its authorization was deactivated")]
    private partial void LogBrokenOff(long challengeId, Identifier name);

    [LoggerMessage(EventId = 2103, Level = LogLevel.Error, Message = "The check of challenge {ChallengeId} for {Name} failed inside; reference {Reference}")]
    private partial void LogCheckFailed(string reference, long challengeId, Identifier name, Exception e);
}

/// <summary>How often a check is tried (RFC 8555 §8.2).</summary>
/// <param name="Count">Attempts in all.</param>
/// <param name="AtOnce">Checks that run at the same time; they wait for the network nearly all of it, and hold no thread meanwhile.</param>
internal sealed record ValidationAttempts(int Count, int AtOnce)
{
    private static readonly TimeSpan s_first = TimeSpan.FromSeconds(3);

    /// <summary>After how long another attempt follows this one; null if none does.</summary>
    public TimeSpan? Next(int attempt) => attempt < Count ? s_first * Math.Pow(2, attempt - 1) : null;
}

/// <summary>How long what was proved may be used.</summary>
/// <param name="Authorization">How long an authorization stays valid after the check.</param>
/// <param name="Preset">The rules, under which a method may come to an end.</param>
internal sealed record ValidationLifetimes(TimeSpan Authorization, PolicyPreset Preset = PolicyPreset.Private)
{
    /// <summary>When an authorization ends that was proved like this: no later than the signing core would believe the statement.</summary>
    public DateTimeOffset End(ControlStatement statement)
    {
        var rule = MethodRule.Of(statement.Method);
        var least = rule.MaxReuse is { } ofMethod && ofMethod < Authorization ? ofMethod : Authorization;
        var end = DateTimeOffset.FromUnixTimeSeconds(statement.CheckedAt) + least;
        if (Preset == PolicyPreset.WebPki && rule.EndsAt is { } ofRules && ofRules < end)
            end = ofRules;
        return statement.RelyUntil is { } until && until < end.ToUnixTimeSeconds() ? DateTimeOffset.FromUnixTimeSeconds(until) : end;
    }
}
