using CaServer.Domain;

namespace CaServer.Storage;

/// <summary>Issued certificates for the operator, newest first. An account's are found by an index; other questions read all.</summary>
public sealed class CertificateList(Database database)
{
    private const string Columns =
        """
        i.id AS Id, i.state AS State, i.order_id AS OrderId, i.account_id AS AccountId, i.serial AS Serial, i.issuer AS Issuer,
        i.profile AS Profile, i.names AS Names, i.not_before AS NotBefore, i.not_after AS NotAfter, i.recorded_at AS RecordedAt,
        i.crl_shard AS CrlShard, i.certificate AS Certificate, r.reason AS Reason, r.revoked_at AS RevokedAt, r.reported_at AS ReportedAt
        """;

    private const string Filters =
        """
        i.state = 'issued' AND i.id < @Before AND i.not_after < @EndingBefore AND i.not_after >= @EndingFrom
        AND (@Revoked = -1 OR (@Revoked = 1 AND r.issuance_id IS NOT NULL) OR (@Revoked = 0 AND r.issuance_id IS NULL))
        AND (@Issuer = '' OR i.issuer = @Issuer) AND (@Profile = '' OR i.profile = @Profile)
        AND i.recorded_at >= @IssuedFrom AND i.recorded_at < @IssuedBefore AND (@Ordered = 0 OR i.account_id IS NOT NULL)
        AND (@Exact = '' OR i.names LIKE @Exact ESCAPE '!' OR i.names LIKE @Below ESCAPE '!')
        """;

    private const string OfAll =
        $"""
        SELECT {Columns} FROM issuances i LEFT JOIN revocations r ON r.issuance_id = i.id
        WHERE {Filters} ORDER BY i.id DESC LIMIT @Count
        """;

    private const string OfAccount =
        $"""
        SELECT {Columns} FROM issuances i LEFT JOIN revocations r ON r.issuance_id = i.id
        WHERE i.account_id = @Account AND {Filters} ORDER BY i.id DESC LIMIT @Count
        """;

    /// <summary>The certificates that a query asks for.</summary>
    public async Task<IReadOnlyList<ListedCertificate>> FindAsync(CertificateQuery query, CancellationToken ct) =>
        [
            .. (await database.ReadAsync(
                session => session.ListAsync<Row>(
                    query.Account is null ? OfAll : OfAccount,
                    new
                    {
                        query.Account,
                        Before = query.Before ?? new IssuanceId(long.MaxValue),
                        EndingBefore = query.EndingBefore ?? DateTimeOffset.MaxValue,
                        EndingFrom = query.EndingFrom ?? DateTimeOffset.UnixEpoch,
                        Issuer = query.Issuer ?? "",
                        Profile = query.Profile ?? "",
                        IssuedFrom = query.IssuedFrom ?? DateTimeOffset.UnixEpoch,
                        IssuedBefore = query.IssuedBefore ?? DateTimeOffset.MaxValue,
                        Ordered = query.Ordered ? 1L : 0L,
                        Revoked = query.Revoked switch { null => -1L, false => 0L, true => 1L },
                        // As a name stands in the JSON of the column; no name has a quotation mark.
                        Exact = query.Name is { } name ? $"%\"{Storage.Columns.Like(name)}\"%" : "",
                        Below = query is { Name: { } domain, Below: true } ? $"%.{Storage.Columns.Like(domain)}\"%" : "",
                        query.Count,
                    }),
                ct)).Select(row => row.ToListed()),
        ];

    /// <summary>The certificate with this serial number; null if none was issued.</summary>
    public async Task<ListedCertificate?> FindAsync(SerialNumber serial, CancellationToken ct) =>
        (await database.ReadAsync(
            session => session.FindAsync<Row>(
                $"SELECT {Columns} FROM issuances i LEFT JOIN revocations r ON r.issuance_id = i.id WHERE i.serial = @Serial AND i.state = 'issued'",
                new { Serial = serial }),
            ct))?.ToListed();

    /// <summary>How many certificates of an account end at this time or later and are not revoked.</summary>
    public Task<long> CountValidAsync(AccountId account, DateTimeOffset now, CancellationToken ct) =>
        database.ReadAsync(
            session => session.FindAsync<long>(
                """
                SELECT COUNT(*) FROM issuances i LEFT JOIN revocations r ON r.issuance_id = i.id
                WHERE i.account_id = @Account AND i.state = 'issued' AND i.not_after >= @Now AND r.issuance_id IS NULL
                """,
                new { Account = account, Now = now }),
            ct);

    private sealed record Row
    {
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

        public RevocationReason? Reason { get; init; }

        public DateTimeOffset? RevokedAt { get; init; }

        public DateTimeOffset? ReportedAt { get; init; }

        public ListedCertificate ToListed() => new(
            new IssuanceRow
            {
                Id = Id,
                State = State,
                OrderId = OrderId,
                AccountId = AccountId,
                Serial = Serial,
                Issuer = Issuer,
                Profile = Profile,
                Names = Names,
                NotBefore = NotBefore,
                NotAfter = NotAfter,
                RecordedAt = RecordedAt,
                CrlShard = CrlShard,
                Certificate = Certificate,
            }.ToIssuance(),
            this is { Reason: { } reason, RevokedAt: { } at } ? new Revocation(reason, at, ReportedAt) : null);
    }
}
