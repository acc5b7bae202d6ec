using System.Globalization;

namespace CaServer.Domain;

/// <summary>The refusals of limits: each names the limit, how much is allowed, and when to try again (RFC 8555 §6.6).</summary>
public static class RateLimited
{
    // What frees a place is the client's own doing; it need not wait for the oldest to run out.
    private static readonly TimeSpan s_longestPendingWait = TimeSpan.FromHours(1);

    /// <summary>The refusal of a use.</summary>
    /// <param name="use">The use.</param>
    /// <param name="tat">Its theoretical arrival time, which leaves no room now.</param>
    /// <param name="now">Now.</param>
    public static AcmeException By(LimitUse use, DateTimeOffset tat, DateTimeOffset now)
    {
        var rate = use.Rate;
        var atOnce = rate.Burst == rate.Count ? "" : $", {rate.Burst} at once";
        return Refusal(
            $"{Upper(use.Holder)} has used up its limit of {rate.Count} {What(use.Limit)} in {Words(rate.Period)}{atOnce} ({WireName.Of(use.Limit)})",
            rate.NextAt(tat),
            now);
    }

    /// <summary>The refusal of one more pending authorization.</summary>
    /// <param name="max">How many the account may have.</param>
    /// <param name="firstEnds">When the first of them runs out by itself.</param>
    /// <param name="now">Now.</param>
    public static AcmeException ByPending(long max, DateTimeOffset firstEnds, DateTimeOffset now)
    {
        var soonest = now + s_longestPendingWait;
        return Refusal(
            $"The account would have more than the {max} pending authorizations that it may have ({WireName.Of(LimitKind.PendingAuthorizations)}); complete or deactivate some",
            firstEnds < soonest ? firstEnds : soonest,
            now);
    }

    private static AcmeException Refusal(string sentence, DateTimeOffset again, DateTimeOffset now)
    {
        // Whole seconds, rounded up: who comes at the time told is let in.
        var at = DateTimeOffset.FromUnixTimeSeconds((again.ToUnixTimeMilliseconds() + 999) / 1000);
        var wait = at > now ? at - now : TimeSpan.FromSeconds(1);
        return new AcmeException(new AcmeProblem(
            ProblemType.RateLimited,
            $"{sentence}; try again after {at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)}.")
        {
            RetryAfter = wait,
        });
    }

    private static string What(LimitKind limit) => limit switch
    {
        LimitKind.AccountsPerAddress or LimitKind.AccountsPerNetwork => "new accounts",
        LimitKind.OrdersPerAccount => "new orders",
        LimitKind.CertificatesPerDomain or LimitKind.CertificatesPerNames => "certificates",
        LimitKind.FailedValidations => "failed validations",
        LimitKind.PendingAuthorizations => "pending authorizations",
    };

    private static string Upper(string text) => char.ToUpperInvariant(text[0]) + text[1..];

    /// <summary>A period in words, in the largest unit that divides it.</summary>
    public static string Words(TimeSpan period)
    {
        var (count, unit) = (long)period.TotalSeconds switch
        {
            var s when s % 86_400 == 0 => (s / 86_400, "day"),
            var s when s % 3600 == 0 => (s / 3600, "hour"),
            var s when s % 60 == 0 => (s / 60, "minute"),
            var s => (s, "second"),
        };
        return count == 1 ? $"1 {unit}" : $"{count} {unit}s";
    }
}
