using CaServer.Domain;

namespace CaServer.Validation.Dns;

/// <summary>What several answers are worth together.</summary>
internal static class DnssecStates
{
    /// <summary>The least of them; <see cref="DnssecState.Unchecked"/> if there are none.</summary>
    internal static DnssecState Least(this IEnumerable<DnssecState> states) => states.DefaultIfEmpty(DnssecState.Unchecked).Min();
}
