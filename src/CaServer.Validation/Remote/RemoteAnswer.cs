using System.Text.Json;
using CaServer.Domain;

namespace CaServer.Validation.Remote;

/// <summary>
/// What comes back from a perspective in another process, as UTF-8 JSON. A statement counts only if the perspective signed it, for exactly
/// what was asked and since it was asked; that it does not agree needs no signature.
/// </summary>
public static class RemoteAnswer
{
    private const int MaxTrace = 16 * 1024;
    private const int MaxSentence = 1000;

    // How far the clocks of two machines may be apart: a statement must not be older than the question for it.
    private static readonly TimeSpan s_skew = TimeSpan.FromSeconds(30);

    /// <summary>Writes how a check ended.</summary>
    public static byte[] Encode(ValidationOutcome outcome) => outcome switch
    {
        ValidationOutcome.Valid valid => Encode(valid.Statement.Compact, null, outcome.Trace),
        ValidationOutcome.Failed f => Encode(null, new FailureJson(f.Problem.Type, f.Cause, f.Diagnosis, f.Remedy), outcome.Trace),
        _ => throw new ArgumentOutOfRangeException(nameof(outcome)),
    };

    /// <summary>Writes how a look-up of CAA ended.</summary>
    public static byte[] Encode(CaaOutcome outcome) => outcome switch
    {
        CaaOutcome.Permitted permitted => Encode(permitted.Statement.Compact, null, outcome.Trace),
        CaaOutcome.Refused r => Encode(null, new FailureJson(r.Problem.Type, r.Cause, r.Diagnosis, r.Remedy), outcome.Trace),
        _ => throw new ArgumentOutOfRangeException(nameof(outcome)),
    };

    /// <summary>Reads an answer to a request to check control; one that cannot be used is a failure of the perspective.</summary>
    /// <param name="utf8">The answer; null if it is too long to be read.</param>
    /// <param name="asked">What was asked.</param>
    /// <param name="from">Who was asked.</param>
    public static ValidationOutcome Read(byte[]? utf8, ValidationRequest asked, RemoteAsked from)
    {
        var answer = Parse(utf8, from, out var fault);
        if (answer?.Failure is { } failure)
            return Failed(failure, answer.Trace);
        if (answer is not null && SignedControlStatement.TryParse(answer.Statement, out var signed))
        {
            fault = FaultOf(signed, asked, from);
            if (fault is null)
                return new ValidationOutcome.Valid(signed) { Trace = answer.Trace };
        }
        return Failed(from.Faulty(fault ?? NoStatement), answer?.Trace ?? from.Nothing);
    }

    /// <summary>Reads an answer to a request to look CAA up.</summary>
    /// <inheritdoc cref="Read(byte[], ValidationRequest, RemoteAsked)"/>
    public static CaaOutcome Read(byte[]? utf8, CaaRequest asked, RemoteAsked from)
    {
        var answer = Parse(utf8, from, out var fault);
        if (answer?.Failure is { } failure)
            return Refused(failure, answer.Trace);
        if (answer is not null && SignedCaaStatement.TryParse(answer.Statement, out var signed))
        {
            fault = FaultOf(signed, asked, from);
            if (fault is null)
                return new CaaOutcome.Permitted(signed) { Trace = answer.Trace };
        }
        return Refused(from.Faulty(fault ?? NoStatement), answer?.Trace ?? from.Nothing);
    }

    internal static ValidationOutcome.Failed Failed(FailureJson failure, CheckTrace trace) => new(new AcmeProblem(failure.Type, $"{failure.Seen} {failure.Remedy}"))
    {
        Cause = failure.Cause,
        Diagnosis = failure.Seen,
        Remedy = failure.Remedy,
        Trace = trace,
    };

    internal static CaaOutcome.Refused Refused(FailureJson failure, CheckTrace trace) => new(new AcmeProblem(failure.Type, $"{failure.Seen} {failure.Remedy}"))
    {
        Cause = failure.Cause,
        Diagnosis = failure.Seen,
        Remedy = failure.Remedy,
        Trace = trace,
    };

    private const string NoStatement = "it has no statement that can be read";

    private static string? FaultOf(SignedControlStatement signed, ValidationRequest asked, RemoteAsked from)
    {
        var statement = signed.Statement;
        return FaultOf(signed.Perspective, signed.IsSignedBy(from.Key), statement.CheckedAt, from)
            ?? (statement.IdentifierType != asked.Identifier.Type || statement.Identifier != asked.Identifier.Value || statement.Method != asked.Method
                || statement.Token != asked.Token || (statement.AccountUrl ?? asked.AccountUrl) != asked.AccountUrl
                || !asked.EarlierThumbprints.Append(asked.Thumbprint).Contains(statement.Thumbprint, StringComparer.Ordinal)
                    ? OtherQuestion : statement.Caa == CaaState.Forbidden ? Forbids : null);
    }

    private static string? FaultOf(SignedCaaStatement signed, CaaRequest asked, RemoteAsked from)
    {
        var statement = signed.Statement;
        return FaultOf(signed.Perspective, signed.IsSignedBy(from.Key), statement.CaaCheckedAt, from)
            ?? (statement.Identifier != asked.Identifier.Value || statement.Wildcard != asked.Wildcard || statement.Method != asked.Method
                || statement.AccountUrl != asked.AccountUrl
                    ? OtherQuestion : statement.Caa == CaaState.Forbidden ? Forbids : null);
    }

    private const string Forbids = "its statement is that CAA forbids, which is no consent";

    private const string OtherQuestion = "its statement is about something else than it was asked";

    private static string? FaultOf(string perspective, bool isSigned, long at, RemoteAsked from)
    {
        if (perspective != from.Perspective || !isSigned)
            return "its statement is not signed with the key that is known for it";
        var time = DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(at, 0, DateTimeOffset.MaxValue.ToUnixTimeSeconds()));
        return time < from.At - s_skew || time > from.Until + s_skew
            ? $"its clock shows {time:u} where it is {from.Until:u}"
            : null;
    }

    private static byte[] Encode(string? statement, FailureJson? failure, CheckTrace trace) => JsonSerializer.SerializeToUtf8Bytes(
        new AnswerJson { Statement = statement, Failure = failure, Trace = CheckTrace.Decode(trace.Encode(MaxTrace)) }, RemoteJson.Default.AnswerJson);

    private static AnswerJson? Parse(byte[]? utf8, RemoteAsked from, out string? fault)
    {
        fault = utf8 is null ? "it is too long" : null;
        if (utf8 is null)
            return null;
        try
        {
            var answer = RemoteReader.Read<AnswerJson>(utf8);
            if (answer.Failure is { } failure && (!IsSentence(failure.Seen) || !IsSentence(failure.Remedy)))
                fault = "its sentences are too long or have characters that no sentence has";
            return fault is null ? answer with { Trace = Own(answer.Trace, from) } : null;
        }
        catch (JsonException)
        {
            fault = "it is not readable";
            return null;
        }
    }

    // By our clock and under the name that it was asked by, whatever it says.
    private static CheckTrace Own(CheckTrace trace, RemoteAsked from) => trace with
    {
        Perspective = from.Perspective,
        StartedAt = from.At,
        Milliseconds = Math.Clamp(trace.Milliseconds, 0, Math.Max(0, (from.Until - from.At).TotalMilliseconds)),
    };

    private static bool IsSentence(string text) => text.Length is > 0 and <= MaxSentence && !text.Any(char.IsControl);
}
