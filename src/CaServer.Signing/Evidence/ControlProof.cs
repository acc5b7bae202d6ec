using CaServer.Domain;

namespace CaServer.Signing;

/// <summary>Whether the statements together prove control of every name: for each, a quorum of distinct perspectives.</summary>
internal static class ControlProof
{
    /// <summary>Checks the bundle's statements against the names.</summary>
    /// <exception cref="RefusedException">A statement is bad or a name lacks its quorum.</exception>
    internal static void Check(EvidenceBundle evidence, IReadOnlyList<Identifier> names, AccountKeyHistory keys, SigningSettings settings, DateTimeOffset at)
    {
        if (evidence.Statements.Count > EvidenceBounds.MaxStatements)
            throw new RefusedException(RefusalReason.EvidenceMalformed, $"The evidence has {evidence.Statements.Count} control statements; at most {EvidenceBounds.MaxStatements} are read.");
        var check = new StatementCheck(settings, keys, evidence, at);
        var statements = evidence.Statements.Select(check.Check).ToLookup(Subject);

        var wanted = names.Select(n => (n.Type, n.Value)).ToHashSet();
        if (statements.FirstOrDefault(s => !wanted.Contains(s.Key)) is { } other)
            throw new RefusedException(RefusalReason.StatementForAnotherName, $"A control statement is about \"{other.Key.Name}\", which was not ordered.");
        foreach (var name in names)
            CheckQuorum(name, [.. statements[(name.Type, name.Value)]], settings, at);
    }

    private static void CheckQuorum(Identifier name, List<ControlStatement> statements, SigningSettings settings, DateTimeOffset at)
    {
        if (name.IsWildcard)
        {
            var any = statements.Count > 0;
            statements.RemoveAll(s => !MethodRule.Of(s.Method).ProvesNamesBelow(s.NamesBelow == true));
            if (any && statements.Count == 0)
                throw new RefusedException(RefusalReason.WildcardNotProved, $"\"{name}\" is a wildcard; the methods used prove only \"{name.Value}\" itself.");
        }
        // A perspective that speaks twice is still one perspective.
        var agreeing = statements.Select(s => s.Perspective).ToHashSet(StringComparer.Ordinal);
        if (settings.Quorum.Shortfall(agreeing, at) is { } shortfall)
            throw new RefusedException(RefusalReason.QuorumNotMet, $"Control of \"{name}\" is not proved: {shortfall}.");
        if (settings.Quorum.Primary is { } primary && name.Type == IdentifierType.Dns && !statements.Exists(s => s.Perspective == primary && s.Dnssec != DnssecState.Unchecked))
            throw new RefusedException(RefusalReason.DnssecUnchecked, $"The primary perspective did not validate the DNS answers for \"{name}\" (BR §3.2.2.4).");
    }

    private static (IdentifierType Type, string Name) Subject(ControlStatement statement) => (statement.IdentifierType, statement.Identifier);
}
