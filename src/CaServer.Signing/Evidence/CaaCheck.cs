using CaServer.Domain;

namespace CaServer.Signing;

/// <summary>
/// Whether CAA permits each name that control statements are used for (BR §3.2.2.8): looked up, permitting, and not too long ago. A
/// look-up that has become old, or that was of another name than the one certified (RFC 9444), is made good by a CAA statement of the
/// same perspective.
/// </summary>
internal sealed class CaaCheck
{
    private readonly SigningSettings _settings;
    private readonly DateTimeOffset _at;
    private readonly List<CaaStatement> _renewals;

    /// <summary>Reads and checks the bundle's CAA statements; all must be good, as with control statements.</summary>
    /// <exception cref="RefusedException">One is not good evidence for this account at this time.</exception>
    internal CaaCheck(SigningSettings settings, EvidenceBundle evidence, DateTimeOffset at)
    {
        _settings = settings;
        _at = at;
        var compact = evidence.CaaStatements ?? [];
        if (compact.Count > EvidenceBounds.MaxStatements)
            throw new RefusedException(RefusalReason.EvidenceMalformed, $"The evidence has {compact.Count} CAA statements; at most {EvidenceBounds.MaxStatements} are read.");
        _renewals = [.. compact.Select(c => Read(c, evidence))];
    }

    /// <summary>
    /// Leaves out the statements that say nothing of this name or by which CAA does not permit it: such a perspective does not agree (BR
    /// §3.2.2.9). The first reason why one was left out; null if none was.
    /// </summary>
    internal RefusedException? Fault(Identifier name, List<ControlStatement> statements)
    {
        // CAA is about domain names; RFC 8659 has none for addresses.
        if (_settings.Caa == CaaPolicy.Ignore || name.Type != IdentifierType.Dns || statements.Count == 0)
            return null;
        // issuewild may say otherwise than issue (RFC 8659 §4.3), so a permission for one is none for the other.
        statements.RemoveAll(s => Result(name, s) is null && s.Identifier == name.Value && s.Caa != CaaState.Unchecked && s.CaaCheckedAt is not null);
        return statements.Count == 0
            ? new RefusedException(RefusalReason.CaaUnchecked, $"CAA was not judged for \"{name}\", only for {(name.IsWildcard ? "the name below its asterisk" : "its wildcard")}.")
            : LeaveOut(name, statements);
    }

    private RefusedException? LeaveOut(Identifier name, List<ControlStatement> statements)
    {
        RefusedException? first = null;
        statements.RemoveAll(s =>
        {
            var fault = Fault(name, s);
            first ??= fault;
            return fault is not null;
        });
        return first;
    }

    private RefusedException? Fault(Identifier name, ControlStatement statement)
    {
        if (Result(name, statement) is not { } result)
            return _settings.Caa == CaaPolicy.Require || (statement.Caa != CaaState.Unchecked && statement.Identifier == name.Value)
                ? Refuse(RefusalReason.CaaUnchecked, statement, $"does not say what CAA said about \"{name}\", or when it was looked up")
                : null;
        switch (result.State)
        {
            case CaaState.Forbidden:
                return Refuse(RefusalReason.CaaForbids, statement, $"says that CAA does not permit this CA to issue for \"{name}\"");
            // BR §3.2.2.8.1: a failure is a permission only where the zone is provably unsigned.
            case CaaState.Unanswered when _settings.Caa == CaaPolicy.Require && result.Dnssec != DnssecState.Insecure:
                return Refuse(RefusalReason.CaaUnanswered, statement, "has no answer about CAA, and does not say that the zone is unsigned");
            case CaaState.Unanswered:
            case CaaState.Absent:
            case CaaState.Permitted:
            case CaaState.Unchecked:
                break;
        }
        if (StatementAge.Of(result.CheckedAt, _settings.ClockSkew, _at) is not { } age)
            return Refuse(RefusalReason.StatementFromTheFuture, statement, "has a CAA look-up that " + StatementAge.InTheFuture(result.CheckedAt, _at));
        return age > _settings.EffectiveMaxCaaAge
            ? Refuse(RefusalReason.CaaTooOld, statement, $"has a CAA look-up that is {StatementAge.Shown(age)} old; it may be relied on for {StatementAge.Shown(_settings.EffectiveMaxCaaAge)}")
            : null;
    }

    // The latest of what the perspective said about exactly this name; null if it said nothing.
    private CaaResult? Result(Identifier name, ControlStatement statement)
    {
        var own = statement.Identifier == name.Value ? statement.CaaResultFor(name.IsWildcard) : null;
        var latest = _renewals.Where(r => r.Renews(statement, name)).MaxBy(r => r.CaaCheckedAt)?.Result();
        return latest is null || latest.CheckedAt <= own?.CheckedAt ? own : latest;
    }

    private CaaStatement Read(string compact, EvidenceBundle evidence)
    {
        if (!SignedCaaStatement.TryParse(compact, out var signed))
            throw new RefusedException(RefusalReason.StatementMalformed, "A CAA statement cannot be read, or its kid is not the perspective that it names.");
        if (!_settings.Perspectives.TryGetValue(signed.Perspective, out var key))
            throw Refuse(RefusalReason.PerspectiveUnknown, signed.Statement, "comes from a perspective that this CA does not know");
        if (!signed.IsSignedBy(key))
            throw Refuse(RefusalReason.StatementForged, signed.Statement, "is not signed by that perspective");

        var statement = signed.Statement;
        // RFC 8657 §3: another account may be permitted where this one is not.
        if (statement.AccountUrl != evidence.AccountUrl)
            throw Refuse(RefusalReason.StatementForAnotherAccount, statement, "was made for another account's URL");
        if (!evidence.Names.Any(n => n.Type == IdentifierType.Dns && n.Value == (statement.Wildcard ? "*." : "") + statement.Identifier))
            throw Refuse(RefusalReason.StatementForAnotherName, statement, "is about a name that was not ordered");
        return statement;
    }

    private static RefusedException Refuse(RefusalReason reason, ControlStatement statement, string clause) =>
        new(reason, $"The control statement of the perspective \"{StatementAge.Shown(statement.Perspective)}\" about \"{StatementAge.Shown(statement.Identifier)}\" {clause}.");

    private static RefusedException Refuse(RefusalReason reason, CaaStatement statement, string clause) =>
        new(reason, $"The CAA statement of the perspective \"{StatementAge.Shown(statement.Perspective)}\" about \"{StatementAge.Shown(statement.Identifier)}\" {clause}.");
}
