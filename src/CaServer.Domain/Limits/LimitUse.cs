namespace CaServer.Domain;

/// <summary>One use of a limit: what is counted, under which key, and how much is allowed.</summary>
/// <param name="Limit">The limit.</param>
/// <param name="Key">What its uses are counted under.</param>
/// <param name="Rate">How much is allowed.</param>
/// <param name="Holder">Whose it is, as it stands in a sentence: <c>the domain example.org</c>.</param>
public sealed record LimitUse(LimitKind Limit, string Key, RateLimit Rate, string Holder);

/// <summary>What a new order counts against.</summary>
public sealed record OrderLimits
{
    /// <summary>An order that nothing limits.</summary>
    public static OrderLimits None { get; } = new();

    /// <summary>What the order itself uses up.</summary>
    public IReadOnlyList<LimitUse> Uses { get; init; } = [];

    /// <summary>
    /// What must not be used up, though the order does not use it: it would be refused later, when its owner has done the work of
    /// proving its names.
    /// </summary>
    public IReadOnlyList<LimitUse> MustHaveRoom { get; init; } = [];

    /// <summary>Most authorizations that the account may have pending, with those of this order; null: any number.</summary>
    public long? MaxPending { get; init; }
}
