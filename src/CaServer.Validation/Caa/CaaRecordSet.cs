using CaServer.Domain;

namespace CaServer.Validation.Caa;

/// <summary>One CAA record (RFC 8659 §4.1).</summary>
/// <param name="Flags">The flags.</param>
/// <param name="Tag">The property's tag, in lower case.</param>
/// <param name="Value">Its value.</param>
internal sealed record CaaProperty(byte Flags, string Tag, string Value)
{
    private const byte Critical = 128;

    // Many have read RFC 6844 as counting bits from the other end, and mean it.
    private const byte MeantAsCritical = 1;

    /// <summary>Whether a CA that does not know the property must not issue.</summary>
    internal bool IsCritical => (Flags & (Critical | MeantAsCritical)) != 0;

    /// <summary>As in a zone file.</summary>
    internal string Shown => $"{Flags} {Printable.Of(Tag)} \"{Printable.Of(Value)}\"";
}

/// <summary>What a CAA look-up came to: the relevant record set (RFC 8659 §3), that there is none, or no answer.</summary>
internal sealed record CaaRecordSet
{
    /// <summary>Who answered last.</summary>
    internal required string Through { get; init; }

    /// <summary>The name that has the set; null if none has, or if there was no answer.</summary>
    internal string? Set { get; init; }

    /// <summary>The name that holds the set, if <see cref="Set"/> is an alias of it.</summary>
    internal string? Alias { get; init; }

    /// <summary>The records.</summary>
    internal IReadOnlyList<CaaProperty> Records { get; init; } = [];

    /// <summary>Whether the answers were authenticated.</summary>
    internal DnssecState Dnssec { get; init; }

    /// <summary>The name about which there was no answer; null if there was one.</summary>
    internal string? Unanswered { get; init; }

    /// <summary>Why there was no answer.</summary>
    internal FailureCause? Cause { get; init; }

    /// <summary>The same as a clause.</summary>
    internal string? Fault { get; init; }

    /// <summary>The values of the properties with this tag.</summary>
    internal IEnumerable<string> Values(string tag) => Records.Where(r => r.Tag == tag).Select(r => r.Value);
}
