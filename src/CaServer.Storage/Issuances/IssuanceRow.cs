using CaServer.Domain;

namespace CaServer.Storage;

internal sealed record IssuanceRow
{
    public const string Columns =
        """
        id AS Id, state AS State, order_id AS OrderId, account_id AS AccountId, serial AS Serial, issuer AS Issuer, profile AS Profile,
        names AS Names, not_before AS NotBefore, not_after AS NotAfter, recorded_at AS RecordedAt, crl_shard AS CrlShard, certificate AS Certificate
        """;

    public required IssuanceId Id { get; init; }

    public required IssuanceState State { get; init; }

    public OrderId? OrderId { get; init; }

    public AccountId? AccountId { get; init; }

    public required SerialNumber Serial { get; init; }

    public required string Issuer { get; init; }

    public required string Profile { get; init; }

    public required string Names { get; init; }

    public required DateTimeOffset NotBefore { get; init; }

    public required DateTimeOffset NotAfter { get; init; }

    public required DateTimeOffset RecordedAt { get; init; }

    public required long CrlShard { get; init; }

    public byte[]? Certificate { get; init; }

    public Issuance ToIssuance() => new()
    {
        Id = Id,
        State = State,
        Order = OrderId,
        Account = AccountId,
        Serial = Serial,
        Issuer = Issuer,
        Profile = Profile,
        Names = Storage.Columns.Identifiers(Names),
        NotBefore = NotBefore,
        NotAfter = NotAfter,
        RecordedAt = RecordedAt,
        CrlShard = (int)CrlShard,
        Certificate = Certificate,
    };
}
