using CaServer.Domain;

namespace CaServer.Signing;

/// <summary>
/// Whether the statements together prove control of every name: for each, a quorum of distinct perspectives that speak of the name
/// itself or, where the operator allows it, of one domain above it.
/// </summary>
internal static class ControlProof
{
    /// <summary>Checks the bundle's statements against the names.</summary>
    /// <exception cref="RefusedException">A statement is bad or a name lacks its quorum.</exception>
    internal static void Check(EvidenceBundle evidence, IReadOnlyList<Identifier> names, AccountKeyHistory keys, SigningSettings settings, DateTimeOffset at)
    {
        if (evidence.Statements.Count > EvidenceBounds.MaxStatements)
            throw new RefusedException(RefusalReason.EvidenceMalformed, $"The evidence has {evidence.Statements.Count} control statements; at most {EvidenceBounds.MaxStatements} are read.");
        var check = new StatementCheck(settings, keys, evidence, at);
        var caa = new CaaCheck(settings, evidence, at);
        var statements = evidence.Statements.Select(check.Check).ToLookup(Subject);

        RequireNoOthers(statements, names, settings);
        foreach (var name in names)
        {
            var own = statements[(name.Type, name.Value)].ToList();
            if (OwnFault(name, [.. own], caa, settings, at) is { } fault && !IsProvedByDomain(name, statements, caa, settings, at, out var domainFault))
                throw own.Count > 0 ? fault : domainFault ?? fault;
        }
    }

    // A bundle is kept for years as the reason for a certificate: what has no part in it is not in it.
    private static void RequireNoOthers(ILookup<(IdentifierType, string Name), ControlStatement> statements, IReadOnlyList<Identifier> names, SigningSettings settings)
    {
        var wanted = names.Select(n => (n.Type, n.Value)).ToHashSet();
        foreach (var subject in statements.Where(s => !wanted.Contains(s.Key)))
        {
            if (subject.All(s => ReachesNamesBelow(s, settings)) && names.Any(n => n.Type == IdentifierType.Dns && DomainsAbove(n).Contains(subject.Key.Name)))
                continue;
            throw new RefusedException(RefusalReason.StatementForAnotherName, $"A control statement is about \"{subject.Key.Name}\", which was not ordered.");
        }
    }

    private static RefusedException? OwnFault(Identifier name, List<ControlStatement> statements, CaaCheck caa, SigningSettings settings, DateTimeOffset at)
    {
        if (name.IsWildcard)
        {
            var any = statements.Count > 0;
            statements.RemoveAll(s => !MethodRule.Of(s.Method).ProvesNamesBelow(s.NamesBelow == true));
            if (any && statements.Count == 0)
                return new RefusedException(RefusalReason.WildcardNotProved, $"\"{name}\" is a wildcard; the methods used prove only \"{name.Value}\" itself.");
        }
        // One that is left out for CAA matters only if the others are too few.
        var forbidden = caa.Fault(name, statements);
        return QuorumFault(name, statements, settings, at) is { } shortfall ? forbidden ?? shortfall : null;
    }

    // RFC 9444: one domain's statements must be enough by themselves. All names below a domain are no less than its wildcard, so
    // what forbids that forbids them.
    private static bool IsProvedByDomain(
        Identifier name, ILookup<(IdentifierType, string), ControlStatement> statements, CaaCheck caa, SigningSettings settings, DateTimeOffset at,
        out RefusedException? fault)
    {
        fault = null;
        if (!settings.SubdomainAuthorizations || name.Type != IdentifierType.Dns)
            return false;
        foreach (var domain in DomainsAbove(name))
        {
            var reaching = statements[(IdentifierType.Dns, domain)].Where(s => ReachesNamesBelow(s, settings)).ToList();
            if (reaching.Count == 0 || settings.Names.Refusal(Identifier.Dns(domain).WithWildcard()) is not null)
                continue;
            var forbidden = caa.Fault(name, reaching);
            if (QuorumFault(name, reaching, settings, at) is null)
                return true;
            fault ??= forbidden;
        }
        return false;
    }

    // The perspective must have said so, whatever the method: that the names below were asked for is not to be guessed.
    private static bool ReachesNamesBelow(ControlStatement statement, SigningSettings settings) =>
        settings.SubdomainAuthorizations && statement.NamesBelow == true && MethodRule.Of(statement.Method).ProvesNamesBelow(stated: true);

    private static RefusedException? QuorumFault(Identifier name, List<ControlStatement> statements, SigningSettings settings, DateTimeOffset at)
    {
        // A perspective that speaks twice is still one perspective.
        var agreeing = statements.Select(s => s.Perspective).ToHashSet(StringComparer.Ordinal);
        if (settings.Quorum.Shortfall(agreeing, at) is { } shortfall)
            return new RefusedException(RefusalReason.QuorumNotMet, $"Control of \"{name}\" is not proved: {shortfall}.");
        if (settings.Quorum.Primary is { } primary && name.Type == IdentifierType.Dns && !statements.Exists(s => s.Perspective == primary && (s.Dnssec != DnssecState.Unchecked || !MethodRule.Of(s.Method).LooksUpDns)))
            return new RefusedException(RefusalReason.DnssecUnchecked, $"The primary perspective did not validate the DNS answers for \"{name}\" (BR §3.2.2.4).");
        return null;
    }

    // Nearest first; of a wildcard the name after its asterisk is its own subject.
    private static IEnumerable<string> DomainsAbove(Identifier name)
    {
        for (var dot = name.Value.IndexOf('.', StringComparison.Ordinal); dot >= 0; dot = name.Value.IndexOf('.', dot + 1))
            yield return name.Value[(dot + 1)..];
    }

    private static (IdentifierType Type, string Name) Subject(ControlStatement statement) => (statement.IdentifierType, statement.Identifier);
}
