namespace CaServer.Signing;

/// <summary>The regional Internet registries; BR §3.2.2.9 counts perspectives by the region they stand in.</summary>
public enum InternetRegistry
{
    /// <summary>Africa.</summary>
    Afrinic,

    /// <summary>Asia and Pacific.</summary>
    Apnic,

    /// <summary>North America.</summary>
    Arin,

    /// <summary>Latin America and Caribbean.</summary>
    Lacnic,

    /// <summary>Europe, Middle East and Central Asia.</summary>
    RipeNcc,
}

/// <summary>How many perspectives must agree that a name answered.</summary>
public abstract class QuorumPolicy
{
    private QuorumPolicy()
    {
    }

    /// <summary>Any <paramref name="count"/> distinct perspectives are enough; a private CA's rule.</summary>
    public static QuorumPolicy AtLeast(int count) => new Counted(count);

    /// <summary>
    /// Multi-perspective issuance corroboration (BR §3.2.2.9): the primary perspective, and of the remote ones all but the
    /// failures that the rule tolerates, in enough registry regions.
    /// </summary>
    /// <param name="primary">Name of the primary perspective.</param>
    /// <param name="remotes">Every remote perspective that takes part in a check, with its region.</param>
    public static QuorumPolicy Corroborated(string primary, IReadOnlyDictionary<string, InternetRegistry> remotes) => new MultiPerspective(primary, remotes);

    /// <summary>
    /// The perspective whose DNS answers must be DNSSEC-validated, if the policy names one (BR §3.2.2.4, since 2026-03-15).
    /// </summary>
    public abstract string? Primary { get; }

    /// <summary>Every perspective that the policy counts on by name.</summary>
    public abstract IEnumerable<string> Named { get; }

    /// <summary>What is missing, as a clause; null if these perspectives are enough at this time.</summary>
    /// <param name="agreeing">Distinct perspectives with a good statement about one name.</param>
    /// <param name="at">The time of issuance.</param>
    public abstract string? Shortfall(IReadOnlySet<string> agreeing, DateTimeOffset at);

    /// <summary>Why no set of these perspectives could ever be enough, as a sentence; null if one could.</summary>
    internal string? Fault(IEnumerable<string> perspectives)
    {
        var known = perspectives.ToHashSet(StringComparer.Ordinal);
        if (Named.FirstOrDefault(n => !known.Contains(n)) is { } unknown)
            return $"The quorum counts on the perspective '{unknown}', whose key is not configured.";
        return this is Counted { Count: var count } && count > known.Count
            ? $"The quorum is {count} perspectives but only {known.Count} are configured."
            : null;
    }

    private sealed class Counted : QuorumPolicy
    {
        internal Counted(int count)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
            Count = count;
        }

        internal int Count { get; }

        public override string? Primary => null;

        public override IEnumerable<string> Named => [];

        public override string? Shortfall(IReadOnlySet<string> agreeing, DateTimeOffset at) =>
            agreeing.Count >= Count ? null : $"{agreeing.Count} of {Count} perspectives agree";
    }

    private sealed class MultiPerspective : QuorumPolicy
    {
        private readonly string _primary;
        private readonly IReadOnlyDictionary<string, InternetRegistry> _remotes;

        internal MultiPerspective(string primary, IReadOnlyDictionary<string, InternetRegistry> remotes)
        {
            if (remotes.ContainsKey(primary))
                throw new ArgumentException("The primary perspective cannot be remote to itself.", nameof(remotes));
            _primary = primary;
            _remotes = remotes;
        }

        public override string? Primary => _primary;

        public override IEnumerable<string> Named => _remotes.Keys.Prepend(_primary);

        public override string? Shortfall(IReadOnlySet<string> agreeing, DateTimeOffset at)
        {
            var rule = WebPkiCalendar.At(at);
            if (_remotes.Count < rule.Remotes)
                return $"only {_remotes.Count} remote perspectives are configured and BR §3.2.2.9 wants {rule.Remotes} since {rule.From:yyyy-MM-dd}";
            if (!agreeing.Contains(_primary))
                return "the primary perspective does not agree";
            var corroborating = _remotes.Where(r => agreeing.Contains(r.Key)).ToList();
            var needed = _remotes.Count - WebPkiCalendar.ToleratedFailures(_remotes.Count);
            if (corroborating.Count < needed)
                return $"{corroborating.Count} of {_remotes.Count} remote perspectives agree and {needed} must";
            var regions = corroborating.Select(r => r.Value).Distinct().Count();
            return regions < rule.Registries
                ? $"the remote perspectives that agree stand in {regions} registry region and {rule.Registries} are needed"
                : null;
        }
    }
}
