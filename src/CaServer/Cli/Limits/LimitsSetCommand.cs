using System.CommandLine;
using System.CommandLine.Parsing;
using CaServer.Composition;
using CaServer.Configuration;
using CaServer.Domain;
using CaServer.Storage;

namespace CaServer.Cli;

/// <summary><c>caserver limits set</c>: an exception from a limit.</summary>
internal static class LimitsSetCommand
{
    public static Command Create()
    {
        var (limit, subject) = (LimitsCommand.LimitArgument(), LimitsCommand.SubjectArgument());
        var count = Number("--count", "How many are allowed.");
        var burst = Number("--burst", "How many of them at once. Default: the count.");
        var period = new Option<TimeSpan?>("--period") { Description = "In which time, such as 7d or 3h. Default: that of the limit.", HelpName = "TIME", CustomParser = ParsePeriod };
        var unlimited = new Option<bool>("--unlimited") { Description = "Any number is allowed." };
        var note = CommonOptions.Note("Why.");
        var (config, json) = (CommonOptions.Config(), CommonOptions.Json());
        var command = new Command("set", "Make an exception from a limit, in the place of an earlier one.") { limit, subject, count, period, burst, unlimited, note, config, json };
        command.Validators.Add(result =>
        {
            var any = result.Has(unlimited);
            if (any == result.Has(count))
                result.AddError("give either --count or --unlimited");
            if (any && (result.Has(burst) || result.Has(period)))
                result.AddError("--unlimited goes with neither --period nor --burst");
        });
        command.SetAction(async (parsed, ct) => (int)await LimitsCommand.RunAsync(
            parsed.GetValue(config),
            async (settings, database) =>
            {
                var kind = parsed.GetRequiredValue(limit);
                var exception = Exception(kind, await LimitsCommand.SubjectAsync(parsed.GetRequiredValue(subject), settings, database, ct), settings)
                    with
                { Note = parsed.GetValue(note) };
                if (parsed.GetValue(count) is { } allowed)
                    exception = With(exception, allowed, parsed.GetValue(period), parsed.GetValue(burst), settings);
                await new LimitStore(database).SetAsync(exception, ct);
                LimitsOutput.Write(exception, parsed.GetValue(json));
            },
            ct));
        return command;
    }

    private static LimitOverride Exception(LimitKind limit, LimitSubject subject, CaServerSettings settings)
    {
        if (LimitOverride.Fault(limit, subject) is { } fault)
            throw new OperatorFaultException($"{WireName.Of(limit)} {fault}");
        return new LimitOverride { Limit = limit, Subject = subject, Count = null, Period = null, Burst = null, CreatedAt = TimeProvider.System.GetUtcNow() };
    }

    private static LimitOverride With(LimitOverride exception, int count, TimeSpan? period, int? burst, CaServerSettings settings)
    {
        var name = WireName.Of(exception.Limit);
        if (exception.Limit == LimitKind.PendingAuthorizations)
        {
            return period is null && burst is null
                ? exception with { Count = count }
                : throw new OperatorFaultException($"{name} is a number and no rate; leave --period and --burst off");
        }
        var time = period ?? settings.Limits.Defaults.Rates.GetValueOrDefault(exception.Limit)?.Period
            ?? throw new OperatorFaultException($"{name} has no period of its own here; give --period, such as 7d");
        return time.TotalMilliseconds >= count
            ? exception with { Count = count, Period = time, Burst = burst ?? count }
            : throw new OperatorFaultException($"--count {count} in {Duration.Format(time)} is more than 1000 in a second; give a longer --period, or --unlimited");
    }

    private static Option<int?> Number(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "N",
        CustomParser = result =>
        {
            if (int.TryParse(result.Tokens.Single().Value, out var number) && number is >= 1 and <= LimitsSettings.LargestCount)
                return number;
            result.AddError($"{name} must be 1 to {LimitsSettings.LargestCount}");
            return null;
        },
    };

    private static TimeSpan? ParsePeriod(ArgumentResult result)
    {
        var text = result.Tokens.Single().Value;
        if (Duration.TryParse(text, out var period) && period >= LimitsSettings.Periods.Min && period <= LimitsSettings.Periods.Max)
            return period;
        result.AddError($"--period must be a length of time from {Duration.Format(LimitsSettings.Periods.Min)} to {Duration.Format(LimitsSettings.Periods.Max)}, such as 7d, not '{text}'");
        return null;
    }
}
