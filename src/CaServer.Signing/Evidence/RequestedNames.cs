using CaServer.Domain;

namespace CaServer.Signing;

/// <summary>The names that the evidence is about.</summary>
internal static class RequestedNames
{
    /// <summary>Reads the bundle's names: well formed, canonical, distinct, and certified by this CA.</summary>
    internal static IReadOnlyList<Identifier> Read(EvidenceBundle evidence, NamePolicy policy)
    {
        if (evidence.Names.Count is 0 or > EvidenceBounds.MaxNames)
            throw Malformed($"The evidence has {evidence.Names.Count} names; it must have 1 to {EvidenceBounds.MaxNames}.");
        var names = new List<Identifier>(evidence.Names.Count);
        foreach (var name in evidence.Names)
        {
            if (!Identifier.TryParse(name.Type, name.Value, out var identifier, out _) || identifier.ToString() != name.Value)
                throw Malformed("The evidence has a name that is not well formed or not in canonical form.");
            if (policy.Refusal(identifier) is { } refusal)
                throw new RefusedException(RefusalReason.NameNotAllowed, $"\"{identifier}\" {refusal}.");
            names.Add(identifier);
        }
        return names.Distinct().Count() == names.Count ? names : throw Malformed("The evidence has the same name twice.");
    }

    /// <summary>RFC 8555 §7.4: the CSR's names must be exactly the order's, or we would certify what nobody validated.</summary>
    internal static void CheckSame(IReadOnlyList<Identifier> ordered, IReadOnlyList<Identifier> inCsr)
    {
        if (inCsr.Except(ordered).FirstOrDefault() is { } extra)
            throw new RefusedException(RefusalReason.CsrNamesDiffer, $"The CSR asks for \"{extra}\", which was not ordered.");
        if (ordered.Except(inCsr).FirstOrDefault() is { } missing)
            throw new RefusedException(RefusalReason.CsrNamesDiffer, $"The CSR does not ask for \"{missing}\", which was ordered.");
    }

    private static RefusedException Malformed(string sentence) => new(RefusalReason.EvidenceMalformed, sentence);
}
