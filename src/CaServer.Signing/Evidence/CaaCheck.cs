using CaServer.Domain;

namespace CaServer.Signing;

/// <summary>
/// Whether CAA permits what the control statements are to be used for (BR §3.2.2.8): looked up, permitting, and not too long ago.
/// A look-up that has become old may be renewed by the same perspective with a CAA statement.
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

    /// <summary>The statement with the CAA result that counts for it.</summary>
    /// <exception cref="RefusedException">CAA does not permit its use.</exception>
    internal ControlStatement Check(ControlStatement statement)
    {
        // CAA is about domain names; RFC 8659 has none for addresses.
        if (_settings.Caa == CaaPolicy.Ignore || statement.IdentifierType != IdentifierType.Dns)
            return statement;
        var latest = _renewals.Where(r => r.Renews(statement)).MaxBy(r => r.CaaCheckedAt);
        if (latest is not null && (statement.Caa == CaaState.Unchecked || latest.CaaCheckedAt > (statement.CaaCheckedAt ?? 0)))
            statement = statement.With(latest.Result());
        CheckState(statement);
        if (statement.Caa != CaaState.Unchecked)
            CheckAge(statement);
        return statement;
    }

    private void CheckState(ControlStatement statement)
    {
        switch (statement.Caa)
        {
            case CaaState.Absent:
            case CaaState.Permitted:
                return;
            case CaaState.Forbidden:
                throw Refuse(RefusalReason.CaaForbids, statement, "says that CAA does not permit this CA");
            case CaaState.Unchecked:
                if (_settings.Caa == CaaPolicy.Require)
                    throw Refuse(RefusalReason.CaaUnchecked, statement, "does not say what CAA said");
                return;
            case CaaState.Unanswered:
                // BR §3.2.2.8.1: a failure is a permission only where the zone is provably unsigned.
                if (_settings.Caa == CaaPolicy.Require && statement.CaaDnssec != DnssecState.Insecure)
                    throw Refuse(RefusalReason.CaaUnanswered, statement, "has no answer about CAA, and does not say that the zone is unsigned");
                return;
        }
    }

    private void CheckAge(ControlStatement statement)
    {
        if (statement.CaaCheckedAt is not { } lookedUp)
            throw Refuse(RefusalReason.CaaUnchecked, statement, "does not say when CAA was looked up");
        var age = StatementAge.Of(lookedUp, _settings.ClockSkew, _at)
            ?? throw Refuse(RefusalReason.StatementFromTheFuture, statement, "has a CAA look-up that " + StatementAge.InTheFuture(lookedUp, _at));
        if (age > _settings.EffectiveMaxCaaAge)
            throw Refuse(RefusalReason.CaaTooOld, statement, $"has a CAA look-up that is {StatementAge.Shown(age)} old; it may be relied on for {StatementAge.Shown(_settings.EffectiveMaxCaaAge)}");
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
