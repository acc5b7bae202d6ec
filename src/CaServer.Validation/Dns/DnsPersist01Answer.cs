using CaServer.Domain;

namespace CaServer.Validation.Dns;

/// <summary>
/// Judges the TXT records found for dns-persist-01. As the draft (§9.3.1) wants, a record of this CA that breaks the syntax is
/// <c>malformed</c>, and one that permits something else is <c>unauthorized</c>.
/// </summary>
internal sealed class DnsPersist01Answer
{
    private readonly ValidationRequest _request;
    private readonly PerspectiveSettings _settings;

    // What a record may call the account, and the key that this goes back to.
    private readonly Dictionary<string, string> _thumbprints = new(StringComparer.Ordinal);

    internal DnsPersist01Answer(ValidationRequest request, PerspectiveSettings settings)
    {
        _request = request;
        _settings = settings;
        foreach (var thumbprint in request.EarlierThumbprints.Prepend(request.Thumbprint))
        {
            var (forName, forAnyName) = DnsPersist01.AccountUris(settings.AccountHashPrefix, request.Identifier, thumbprint, request.AccountUrl!);
            _thumbprints.TryAdd(forName, thumbprint);
            _thumbprints.TryAdd(forAnyName, thumbprint);
        }
        var (wanted, _) = DnsPersist01.AccountUris(settings.AccountHashPrefix, request.Identifier, request.Thumbprint, request.AccountUrl!);
        if (settings.AcceptsPlainAccountUrl)
            _thumbprints.TryAdd(request.AccountUrl!, request.Thumbprint);
        Wanted = new WantedRecord(
            DnsPersist01.RecordName(request.Identifier), DnsPersist01.RecordValue(settings.IssuerNames[0], wanted, request.NamesBelow));
    }

    /// <summary>The record.</summary>
    internal WantedRecord Wanted { get; }

    internal Finding Judge(TextRecords found, DateTimeOffset now)
    {
        if (Wanted.NoneToJudge(found) is { } none)
            return Finding.Failed(none);
        var ours = found.Values
            .Select(text => (Text: text, Value: IssueValue.Read(text)))
            .Where(r => _settings.IssuerNames.Contains(r.Value.Issuer, StringComparer.Ordinal))
            .ToList();
        if (ours.Count == 0)
            return Finding.Failed(OtherIssuers(found));

        // Of several permissions the one that reaches farthest, then lasts longest.
        var judged = ours.ConvertAll(r => Judge(r.Text, r.Value, now));
        var proof = judged.Select(j => j.Proof).OfType<Proof>().OrderByDescending(p => p.NamesBelow).ThenByDescending(p => p.RelyUntil ?? long.MaxValue).FirstOrDefault();
        if (proof is not null)
            return Finding.Proved(proof);
        // The record that came nearest is the one whose owner meant this order.
        var nearest = judged.Select(j => j.Miss!).MaxBy(m => m.Nearness)!;
        return Finding.Failed(Failed(nearest, found));
    }

    private (Proof? Proof, Miss? Miss) Judge(string text, IssueValue value, DateTimeOffset now)
    {
        if (Fault(value) is { } fault)
            return (null, new Miss(text, FailureCause.PersistMalformed, 0, fault));
        if (!_thumbprints.TryGetValue(value.Of(DnsPersist01.AccountUriTag)[0], out var thumbprint))
            return (null, new Miss(text, FailureCause.PersistOtherAccount, 1, "names another account"));
        var until = Until(value);
        if (now.ToUnixTimeSeconds() > until)
            return (null, new Miss(text, FailureCause.PersistExpired, 2, "has run out, as its persistUntil says"));
        // Draft §4.1 (4): without letter case; any other policy is as good as none.
        var below = value.Of(DnsPersist01.PolicyTag) is [var policy] && policy.Equals(DnsPersist01.WildcardPolicy, StringComparison.OrdinalIgnoreCase);
        if (_request.NamesBelow && !below)
            return (null, new Miss(text, FailureCause.PersistNoWildcard, 3, "does not permit wildcards or names below, for which it needs policy=wildcard"));
        return (new Proof { AccountUrl = _request.AccountUrl, Thumbprint = thumbprint, NamesBelow = below, RelyUntil = until }, null);
    }

    private static string? Fault(IssueValue value)
    {
        if (value.Fault is { } fault)
            return fault;
        foreach (var tag in (string[])[DnsPersist01.AccountUriTag, DnsPersist01.PolicyTag, DnsPersist01.UntilTag])
        {
            if (value.Of(tag).Count > 1)
                return $"has the parameter {tag} twice";
        }
        if (value.Of(DnsPersist01.AccountUriTag) is not [{ Length: > 0 }])
            return "has no accounturi";
        return value.Of(DnsPersist01.UntilTag) is [var until] && (until.Length == 0 || !until.All(char.IsAsciiDigit))
            ? "has a persistUntil that is not a number of seconds since 1970"
            : null;
    }

    // A number beyond all clocks is as good as the greatest one.
    private static long? Until(IssueValue value) =>
        value.Of(DnsPersist01.UntilTag) is not [var text] ? null : long.TryParse(text, out var until) ? until : long.MaxValue;

    private Failure OtherIssuers(TextRecords found) => WantedRecord.Unauthorized(
        FailureCause.PersistOtherIssuer,
        $"{Wanted.Place(found)} has {(found.Count == 1 ? "a TXT record that does" : $"{found.Count} TXT records that do")} not name this CA: {WantedRecord.Shown(found.Values, found.Count)}.",
        Wanted.Publish(found));

    private Failure Failed(Miss miss, TextRecords found)
    {
        var type = miss.Cause == FailureCause.PersistMalformed ? ProblemType.Malformed : ProblemType.Unauthorized;
        return new Failure(
            miss.Cause,
            type,
            $"{Wanted.Place(found)} has a TXT record for this CA that {miss.Clause}: \"{Printable.Of(miss.Text)}\".",
            WantedRecord.Sentence(Wanted.Publish(found)));
    }

    private sealed record Miss(string Text, FailureCause Cause, int Nearness, string Clause);
}
