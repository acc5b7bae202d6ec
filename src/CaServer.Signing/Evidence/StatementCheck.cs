using CaServer.Domain;

namespace CaServer.Signing;

/// <summary>
/// Checks one control statement by itself. Every statement of a bundle must be good, not only as many as the quorum needs: a
/// bundle is kept for years as the reason for a certificate, and nothing in it may be untrue.
/// </summary>
internal sealed class StatementCheck(SigningSettings settings, AccountKeyHistory keys, EvidenceBundle evidence, DateTimeOffset at)
{
    /// <summary>Reads and checks a statement.</summary>
    /// <exception cref="RefusedException">It is not good evidence for this account at this time.</exception>
    internal ControlStatement Check(string compact)
    {
        if (!SignedControlStatement.TryParse(compact, out var signed))
            throw new RefusedException(RefusalReason.StatementMalformed, "A control statement cannot be read, or its kid is not the perspective that it names.");
        if (!settings.Perspectives.TryGetValue(signed.Perspective, out var perspectiveKey))
            throw Refuse(RefusalReason.PerspectiveUnknown, signed.Statement, "comes from a perspective that this CA does not know");
        if (!signed.IsSignedBy(perspectiveKey))
            throw Refuse(RefusalReason.StatementForged, signed.Statement, "is not signed by that perspective");

        // Only from here on is anything in it more than a claim.
        var statement = signed.Statement;
        if (!keys.HasThumbprint(statement.Thumbprint))
            throw Refuse(RefusalReason.StatementForAnotherAccount, statement, "was made for a key that this account never had");
        CheckAccount(statement);
        CheckMethod(statement);
        CheckAge(statement);
        return statement;
    }

    // A key can belong to several accounts over time, and a record made for one account's URL must not serve another.
    private void CheckAccount(ControlStatement statement)
    {
        if (statement.AccountUrl is null && MethodRule.Of(statement.Method).BoundToAccountUrl)
            throw Refuse(RefusalReason.StatementForAnotherAccount, statement, $"does not name the account, to which {WireName.Of(statement.Method)} is bound");
        if (statement.AccountUrl is not null && statement.AccountUrl != evidence.AccountUrl)
            throw Refuse(RefusalReason.StatementForAnotherAccount, statement, "was made for another account's URL");
    }

    private void CheckMethod(ControlStatement statement)
    {
        var method = WireName.Of(statement.Method);
        if (MethodRule.Of(statement.Method).Section(statement.IdentifierType) is not { } section)
            throw Refuse(RefusalReason.MethodNotAllowed, statement, $"uses {method}, which cannot prove this type of name");
        if (statement.Section != section)
            throw Refuse(RefusalReason.MethodNotAllowed, statement, $"claims BR section {StatementAge.Shown(statement.Section)}, but {method} is {section}");
        if (settings.ProfileMethods.TryGetValue(evidence.Profile, out var allowed) && !allowed.Contains(statement.Method))
            throw Refuse(RefusalReason.MethodNotAllowed, statement, $"uses {method}, which the profile does not accept");
        // An end counts for what was proved before it, too.
        if (MethodRule.Of(statement.Method).Refusal(settings.Preset, at) is { } ended)
            throw Refuse(RefusalReason.MethodNotAllowed, statement, $"uses {method}, which {ended}");
        if (ManualProofCheck.Fault(statement, settings) is { } fault)
            throw Refuse(RefusalReason.MethodNotAllowed, statement, fault);
    }

    private void CheckAge(ControlStatement statement)
    {
        var age = StatementAge.Of(statement.CheckedAt, settings.ClockSkew, at) ?? throw Refuse(RefusalReason.StatementFromTheFuture, statement, StatementAge.InTheFuture(statement.CheckedAt, at));
        var limit = settings.MaxStatementAgeAt(at);
        if (MethodRule.Of(statement.Method).MaxReuse is { } ofMethod && ofMethod < limit)
            limit = ofMethod;
        if (age > limit)
            throw Refuse(RefusalReason.StatementTooOld, statement, $"is {StatementAge.Shown(age)} old; it may be relied on for {StatementAge.Shown(limit)}");
        if (at.ToUnixTimeSeconds() > statement.RelyUntil)
            throw Refuse(RefusalReason.StatementTooOld, statement, "may not be relied on any more, as the name's owner set");
    }

    private static RefusedException Refuse(RefusalReason reason, ControlStatement statement, string clause) =>
        new(reason, $"The control statement of the perspective \"{StatementAge.Shown(statement.Perspective)}\" about \"{StatementAge.Shown(statement.Identifier)}\" {clause}.");
}
