using CaServer.Domain;

namespace CaServer.Storage;

/// <summary>Makes authorizations with their challenges, or finds one that does in place of a new one.</summary>
internal static class AuthorizationCreation
{
    public static async Task<Authorization> RunAsync(
        DbSession session, AccountId account, Identifier identifier, bool namesBelow, bool preAuthorized, DateTimeOffset expires,
        IReadOnlyList<NewChallenge> challenges)
    {
        var id = await session.FindAsync<AuthorizationId>(
            """
            INSERT INTO authorizations (account_id, identifier_type, identifier, status, names_below, pre_authorized, expires)
            VALUES (@Account, @Type, @Value, 'pending', @NamesBelow, @PreAuthorized, @Expires)
            RETURNING id
            """,
            new { Account = account, identifier.Type, Value = identifier.ToString(), NamesBelow = namesBelow, PreAuthorized = preAuthorized, Expires = expires });
        var offered = new List<Challenge>(challenges.Count);
        foreach (var challenge in challenges)
        {
            offered.Add(new Challenge
            {
                Id = await session.FindAsync<ChallengeId>(
                    "INSERT INTO challenges (authorization_id, method, status, token, attempts) VALUES (@Id, @Method, 'pending', @Token, 0) RETURNING id",
                    new { Id = id, challenge.Method, challenge.Token }),
                AuthorizationId = id,
                Method = challenge.Method,
                Status = ChallengeStatus.Pending,
                Token = challenge.Token,
            });
        }
        return new Authorization
        {
            Id = id,
            AccountId = account,
            Identifier = identifier,
            NamesBelow = namesBelow,
            Status = AuthorizationStatus.Pending,
            Expires = Columns.Whole(expires),
            Challenges = offered,
        };
    }

    /// <summary>
    /// A valid authorization of the account for exactly this identifier, or else, if asked for, of a domain above it whose
    /// authorization is for all names below (RFC 9444 §4.3). The empty update locks the row on PostgreSQL: the authorization
    /// cannot be given up before the order that counts on it is there to be made invalid with it.
    /// </summary>
    public static Task<AuthorizationId?> ReuseAsync(
        DbSession session, AccountId account, Identifier identifier, bool fromDomains, DateTimeOffset until, DateTimeOffset? since, string methods) =>
        session.FindAsync<AuthorizationId?>(
            fromDomains && identifier.Type == IdentifierType.Dns ? ReuseFromDomains : Reuse,
            new { Account = account, Value = identifier.ToString(), identifier.Type, Until = until, Since = since ?? DateTimeOffset.UnixEpoch, Methods = methods });

    private const string Reuse =
        $"""
        UPDATE authorizations SET status = 'valid'
        WHERE status = 'valid' AND expires >= @Until AND id = (SELECT id FROM ({OfIdentifier}) AS found ORDER BY expires DESC LIMIT 1)
        RETURNING id
        """;

    private const string ReuseFromDomains =
        $"""
        UPDATE authorizations SET status = 'valid'
        WHERE status = 'valid' AND expires >= @Until AND id = (
            SELECT id FROM ({OfIdentifier} UNION ALL {OfDomains}) AS found ORDER BY preference, expires DESC LIMIT 1)
        RETURNING id
        """;

    private const string OfIdentifier =
        """
        SELECT a.id, a.expires, 1 AS preference FROM authorizations a
        WHERE a.account_id = @Account AND a.identifier = @Value AND a.identifier_type = @Type AND a.status = 'valid' AND a.expires >= @Until
            AND EXISTS (
                SELECT 1 FROM challenges c
                WHERE c.authorization_id = a.id AND c.status = 'valid' AND c.validated_at >= @Since AND @Methods LIKE '%,' || c.method || ',%')
        """;

    private const string OfDomains =
        """
        SELECT a.id, a.expires, 2 AS preference FROM authorizations a
        WHERE a.account_id = @Account AND a.names_below AND a.status = 'valid' AND a.expires >= @Until AND @Value LIKE '%.' || a.identifier
            AND EXISTS (
                SELECT 1 FROM challenges c
                WHERE c.authorization_id = a.id AND c.status = 'valid' AND @Methods LIKE '%,' || c.method || ',%')
        """;

    /// <summary>The methods as those statements want them; neither database takes a list.</summary>
    public static string ListOf(IReadOnlyList<ValidationMethod> methods) => $",{string.Join(',', methods.Select(WireName.Of))},";
}
