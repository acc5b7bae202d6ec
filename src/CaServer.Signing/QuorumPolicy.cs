namespace CaServer.Signing;

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
    /// <param name="remotes">Every remote perspective that takes part in a check, with its place.</param>
    public static QuorumPolicy Corroborated(string primary, IReadOnlyDictionary<string, RemotePlace> remotes) => new MultiPerspective(primary, remotes);

    /// <summary>
    /// The perspective whose DNS answers must be DNSSEC-validated, if the policy names one (BR §3.2.2.4, since 2026-03-15).
    /// </summary>
    public abstract string? Primary { get; }

    /// <summary>How many perspectives are enough, whichever they are; null if that is not all that is asked.</summary>
    public abstract int? Least { get; }

    /// <summary>Every perspective that the policy counts on by name.</summary>
    public abstract IEnumerable<string> Named { get; }

    /// <summary>What is missing, as a clause; null if these perspectives are enough at this time.</summary>
    /// <param name="agreeing">Distinct perspectives with a good statement about one name.</param>
    /// <param name="at">The time of issuance.</param>
    public abstract string? Shortfall(IReadOnlySet<string> agreeing, DateTimeOffset at);

    /// <summary>
    /// How many agree of those asked, as it stands in the log (BR §5.4.1(2)): of the remote ones where the policy has a primary, such as
    /// <c>4/5</c>, else of all.
    /// </summary>
    /// <param name="agreeing">Distinct perspectives that agree.</param>
    /// <param name="asked">How many were asked in all.</param>
    public abstract string Agreement(IReadOnlySet<string> agreeing, int asked);

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

        public override int? Least => Count;

        public override IEnumerable<string> Named => [];

        public override string? Shortfall(IReadOnlySet<string> agreeing, DateTimeOffset at) =>
            agreeing.Count >= Count ? null : $"{agreeing.Count} of {Count} perspectives agree";

        public override string Agreement(IReadOnlySet<string> agreeing, int asked) => $"{agreeing.Count}/{asked}";
    }

    private sealed class MultiPerspective : QuorumPolicy
    {
        // BR §3.2.2.9: what stands closer is no further perspective.
        private const double LeastDistance = 500;

        private readonly string _primary;
        private readonly IReadOnlyDictionary<string, RemotePlace> _remotes;
        private readonly List<HashSet<string>> _sites;

        internal MultiPerspective(string primary, IReadOnlyDictionary<string, RemotePlace> remotes)
        {
            if (remotes.ContainsKey(primary))
                throw new ArgumentException("The primary perspective cannot be remote to itself.", nameof(remotes));
            _primary = primary;
            _remotes = remotes;
            _sites = SitesOf(remotes);
        }

        public override string? Primary => _primary;

        public override int? Least => null;

        public override IEnumerable<string> Named => _remotes.Keys.Prepend(_primary);

        public override string? Shortfall(IReadOnlySet<string> agreeing, DateTimeOffset at)
        {
            var rule = WebPkiCalendar.At(at);
            if (_sites.Count < rule.Remotes)
            {
                var apart = _sites.Count < _remotes.Count ? $" {LeastDistance} km apart" : "";
                return $"only {_sites.Count} remote perspectives{apart} are configured and BR §3.2.2.9 wants {rule.Remotes} since {rule.From:yyyy-MM-dd}";
            }
            if (!agreeing.Contains(_primary))
                return "the primary perspective does not agree";
            var corroborating = Corroborating(agreeing).ToList();
            var needed = _sites.Count - WebPkiCalendar.ToleratedFailures(_sites.Count);
            if (corroborating.Count < needed)
                return $"{corroborating.Count} of {_sites.Count} remote perspectives agree and {needed} must";
            var regions = corroborating.SelectMany(s => s).Select(r => _remotes[r].Registry).Distinct().Count();
            return regions < rule.Registries
                ? $"the remote perspectives that agree stand in {regions} registry region and {rule.Registries} are needed"
                : null;
        }

        public override string Agreement(IReadOnlySet<string> agreeing, int asked) => $"{Corroborating(agreeing).Count()}/{_sites.Count}";

        // Of several in one place one that does not agree is enough to doubt it.
        private IEnumerable<HashSet<string>> Corroborating(IReadOnlySet<string> agreeing) => _sites.Where(agreeing.IsSupersetOf);

        private static List<HashSet<string>> SitesOf(IReadOnlyDictionary<string, RemotePlace> remotes)
        {
            var sites = new List<HashSet<string>>();
            foreach (var (name, place) in remotes)
            {
                var site = new HashSet<string>(StringComparer.Ordinal) { name };
                foreach (var near in sites.Where(s => s.Any(n => IsNear(remotes[n], place))).ToList())
                {
                    site.UnionWith(near);
                    sites.Remove(near);
                }
                sites.Add(site);
            }
            return sites;
        }

        private static bool IsNear(RemotePlace one, RemotePlace other) =>
            one.Location is { } here && other.Location is { } there && here.DistanceTo(there) < LeastDistance;
    }
}
