using System.Net;
using CaServer.Domain;
using CaServer.Validation.Addresses;

namespace CaServer.Validation.Connections;

/// <summary>
/// How often checks may go to one target, so that whoever places orders cannot make the CA flood others: an address is a target of
/// connections, a registered domain one of questions to its name servers. Kept in memory: a restart forgets less than a minute.
/// </summary>
internal sealed class TargetLimits(PerspectiveSettings settings, TimeProvider clock)
{
    private static readonly TimeSpan s_period = TimeSpan.FromMinutes(1);

    // Far more than are busy in a minute; a bound on what orders for ever new names can take.
    private const int MaxTargets = 100_000;

    private readonly RateLimit? _limit = settings.MaxPerTarget > 0 ? new RateLimit(settings.MaxPerTarget, s_period, settings.MaxPerTarget) : null;
    private readonly Dictionary<string, DateTimeOffset> _used = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();

    /// <summary>Counts a connection to an address; the failure if there is no room for one more. This machine is nobody else's.</summary>
    internal Failure? Use(IPAddress address)
    {
        var reached = AddressClass.Embedded(address) ?? address;
        return AddressClass.Of(address).Kind == AddressKind.Loopback ? null : Use(reached.ToString());
    }

    /// <summary>Counts a look-up of a challenge's record in the registered domain of a name.</summary>
    internal Failure? Use(Identifier name) => Use(settings.Suffixes.RegisteredDomain(name.Value) ?? name.Value);

    private Failure? Use(string target)
    {
        if (_limit is null)
            return null;
        var now = clock.GetUtcNow();
        lock (_lock)
        {
            if (_limit.Use(_used.TryGetValue(target, out var used) ? used : null, now) is not { } next)
                return Refuse(target);
            if (_used.Count >= MaxTargets)
                Forget(now);
            _used[target] = next;
            return null;
        }
    }

    private void Forget(DateTimeOffset now)
    {
        foreach (var target in _used.Where(u => u.Value <= now).Select(u => u.Key).ToList())
            _used.Remove(target);
        // Beyond the bound the past is forgotten rather than memory filled.
        if (_used.Count >= MaxTargets)
            _used.Clear();
    }

    private Failure Refuse(string target) => new(
        FailureCause.TargetLimit,
        ProblemType.RateLimited,
        $"This CA has contacted {target} {settings.MaxPerTarget} times within a minute, and does not do so more often.",
        "Wait a minute, then place a new order; the CA's operator can raise Validation:PerTarget.");
}
