using CaServer.Domain;

namespace CaServer.Storage;

/// <summary>What newAuthz stores (RFC 8555 §7.4.1).</summary>
public sealed record NewPreAuthorization
{
    /// <summary>Who asks.</summary>
    public required AccountId AccountId { get; init; }

    /// <summary>For what; not a wildcard.</summary>
    public required Identifier Identifier { get; init; }

    /// <summary>Whether for all names below it too (RFC 9444 §4.2).</summary>
    public bool NamesBelow { get; init; }

    /// <summary>The challenges to offer.</summary>
    public required IReadOnlyList<NewChallenge> Challenges { get; init; }

    /// <summary>When a new authorization stops being pending.</summary>
    public required DateTimeOffset Expires { get; init; }

    /// <summary>A valid authorization that is good until at least then is given in place of a new one.</summary>
    public required DateTimeOffset ReuseValidUntil { get; init; }

    /// <summary>The methods by which it must have been proved.</summary>
    public IReadOnlyList<ValidationMethod> ReusableMethods { get; init; } = Enum.GetValues<ValidationMethod>();

    /// <summary>The limits that it counts against.</summary>
    public OrderLimits Limits { get; init; } = OrderLimits.None;

    /// <summary>Now.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>Makes an authorization that no order asks for, unless the account has one that does as well.</summary>
internal static class PreAuthorization
{
    public static async Task<AuthorizationId> RunAsync(DbSession session, NewPreAuthorization wanted)
    {
        if (await FindAsync(session, wanted) is { } existing)
            return existing;
        await LimitCounting.RequireRoomAsync(session, wanted.Limits.MustHaveRoom, wanted.CreatedAt);
        var made = await AuthorizationCreation.RunAsync(
            session, wanted.AccountId, wanted.Identifier, wanted.NamesBelow, preAuthorized: true, wanted.Expires, wanted.Challenges);
        if (wanted.Limits.MaxPending is { } max)
            await LimitCounting.RequirePendingRoomAsync(session, wanted.AccountId, max, wanted.CreatedAt);
        return made.Id;
    }

    // A pending one of an order is not shared: giving it up would end that order.
    private static Task<AuthorizationId?> FindAsync(DbSession session, NewPreAuthorization wanted) =>
        session.FindAsync<AuthorizationId?>(
            """
            SELECT a.id FROM authorizations a
            WHERE a.account_id = @Account AND a.identifier = @Value AND a.identifier_type = @Type AND a.names_below = @NamesBelow AND (
                (a.status = 'pending' AND a.pre_authorized AND a.expires > @Now)
                OR (a.status = 'valid' AND a.expires >= @Until AND EXISTS (
                    SELECT 1 FROM challenges c
                    WHERE c.authorization_id = a.id AND c.status = 'valid' AND @Methods LIKE '%,' || c.method || ',%')))
            ORDER BY CASE a.status WHEN 'valid' THEN 0 ELSE 1 END, a.expires DESC LIMIT 1
            """,
            new
            {
                Account = wanted.AccountId,
                Value = wanted.Identifier.ToString(),
                wanted.Identifier.Type,
                wanted.NamesBelow,
                Now = wanted.CreatedAt,
                Until = wanted.ReuseValidUntil,
                Methods = AuthorizationCreation.ListOf(wanted.ReusableMethods),
            });
}
