using CaServer.Domain;

namespace CaServer.Storage;

/// <summary>An authorization with one of its challenges; several challenges are several rows.</summary>
internal sealed record AuthorizationRow
{
    public const string Columns =
        """
        a.id AS Id, a.account_id AS AccountId, a.identifier_type AS IdentifierType, a.identifier AS Identifier, a.status AS Status,
        a.names_below AS NamesBelow, a.expires AS Expires, c.id AS ChallengeId, c.method AS Method, c.status AS ChallengeStatus, c.token AS Token,
        c.validated_at AS ValidatedAt, c.error AS Error
        """;

    public required AuthorizationId Id { get; init; }

    public required AccountId AccountId { get; init; }

    public required IdentifierType IdentifierType { get; init; }

    public required string Identifier { get; init; }

    public required bool NamesBelow { get; init; }

    public required AuthorizationStatus Status { get; init; }

    public required DateTimeOffset Expires { get; init; }

    public required ChallengeId ChallengeId { get; init; }

    public required ValidationMethod Method { get; init; }

    public required ChallengeStatus ChallengeStatus { get; init; }

    public required string Token { get; init; }

    public DateTimeOffset? ValidatedAt { get; init; }

    public string? Error { get; init; }

    /// <summary>Puts together rows in which those of one authorization follow each other.</summary>
    public static IReadOnlyList<Authorization> Gather(List<AuthorizationRow> rows)
    {
        var result = new List<Authorization>();
        for (var first = 0; first < rows.Count;)
        {
            var end = rows.FindIndex(first, r => r.Id != rows[first].Id) is var next and >= 0 ? next : rows.Count;
            var row = rows[first];
            result.Add(new Authorization
            {
                Id = row.Id,
                AccountId = row.AccountId,
                Identifier = Storage.Columns.Identifier(row.IdentifierType, row.Identifier),
                NamesBelow = row.NamesBelow,
                Status = row.Status,
                Expires = row.Expires,
                Challenges = [.. rows[first..end].Select(r => r.ToChallenge())],
            });
            first = end;
        }
        return result;
    }

    private Challenge ToChallenge() => new()
    {
        Id = ChallengeId,
        AuthorizationId = Id,
        Method = Method,
        Status = ChallengeStatus,
        Token = Token,
        ValidatedAt = ValidatedAt,
        Error = Storage.Columns.Problem(Error),
    };
}
