using CaServer.Domain;

namespace CaServer.Storage;

/// <summary>
/// Pre-signed OCSP answers. A row is made by the transaction that issues the certificate and marked due by the one that revokes
/// it; so whatever fails, a signer finds what it has to sign, and a certificate's answer never goes back from revoked to good.
/// </summary>
public sealed class OcspStore(Database database)
{
    private const string Served =
        """
        change AS Change, serial AS Serial, responder_id AS Responder, not_after AS NotAfter, revoked_at AS RevokedAt, reason AS Reason,
        this_update AS ThisUpdate, next_update AS NextUpdate, sha1_signature AS Sha1Signature, sha256_signature AS Sha256Signature
        """;

    /// <summary>What has to be signed now, revoked certificates first.</summary>
    public async Task<IReadOnlyList<DueAnswer>> DueAsync(DateTimeOffset now, int most, CancellationToken ct)
    {
        var rows = await database.ReadAsync(
            session => session.ListAsync<DueRow>(
                """
                SELECT issuance_id AS Id, issuer AS Issuer, serial AS Serial, not_after AS NotAfter, revoked_at AS RevokedAt, reason AS Reason
                FROM ocsp_answers WHERE due <= @Now ORDER BY due LIMIT @Most
                """,
                new { Now = now, Most = most }),
            ct);
        return [.. rows.Select(r => r.ToAnswer())];
    }

    /// <summary>
    /// Stores signed answers, in one transaction. One about a certificate that was revoked since it was read is not stored; its
    /// row is still due.
    /// </summary>
    /// <returns>Which were stored.</returns>
    public Task<IReadOnlyList<SignedAnswer>> StoreAsync(IReadOnlyList<SignedAnswer> answers, CancellationToken ct) =>
        database.WriteAsync<IReadOnlyList<SignedAnswer>>(
            async session =>
            {
                var stored = new List<SignedAnswer>(answers.Count);
                // First, so that on PostgreSQL whoever waits for the lock holds no row.
                var change = await session.FindAsync<long>(
                    "UPDATE ocsp_head SET next = next + @Count WHERE id = 1 RETURNING next - @Count", new { Count = (long)answers.Count });
                foreach (var answer in answers)
                {
                    if (await StoreAsync(session, answer, change++))
                        stored.Add(answer);
                }
                return stored;
            },
            ct);

    /// <summary>Forgets certificates whose validity is over.</summary>
    public Task<int> DeleteAsync(IReadOnlyList<IssuanceId> ended, CancellationToken ct) =>
        database.WriteAsync(
            async session =>
            {
                foreach (var id in ended)
                    await session.ExecuteAsync("DELETE FROM ocsp_answers WHERE issuance_id = @Id", new { Id = id });
                return ended.Count;
            },
            ct);

    /// <summary>Answers signed since a change, in the order of their changes; ask again with the last number until none come.</summary>
    public async Task<IReadOnlyList<ServedAnswer>> ChangesAsync(long after, int most, CancellationToken ct) =>
        await database.ReadAsync(
            session => session.ListAsync<ServedAnswer>(
                $"SELECT {Served} FROM ocsp_answers WHERE change > @After ORDER BY change LIMIT @Most", new { After = after, Most = most }),
            ct);

    /// <summary>The signed answer about a serial number; null if there is none.</summary>
    public Task<ServedAnswer?> FindAsync(SerialNumber serial, CancellationToken ct) =>
        database.ReadAsync(
            session => session.FindAsync<ServedAnswer>(
                $"""
                SELECT {Served} FROM ocsp_answers
                WHERE issuance_id = (SELECT id FROM issuances WHERE serial = @Serial) AND change IS NOT NULL
                """,
                new { Serial = serial }),
            ct);

    /// <summary>Whether a serial number was given to a certificate of this issuer, and its revocation.</summary>
    /// <returns>Null if no certificate with this serial number was ever issued.</returns>
    public async Task<KnownCertificate?> FindCertificateAsync(string issuer, SerialNumber serial, CancellationToken ct) =>
        await database.ReadAsync(
            session => session.FindAsync<KnownRow>(
                """
                SELECT i.id AS Id, r.revoked_at AS RevokedAt, r.reason AS Reason
                FROM issuances i LEFT JOIN revocations r ON r.issuance_id = i.id
                WHERE i.serial = @Serial AND i.issuer = @Issuer AND i.state = 'issued'
                """,
                new { Serial = serial, Issuer = issuer }),
            ct) is { } row
            ? new KnownCertificate(row.Id, row.RevokedAt is { } at ? new Revocation(row.Reason!.Value, at) : null)
            : null;

    /// <summary>Keeps a responder's certificate; its row.</summary>
    public Task<long> AddResponderAsync(string issuer, byte[] certificate, DateTimeOffset notAfter, CancellationToken ct) =>
        database.WriteAsync(
            session => session.FindAsync<long>(
                "INSERT INTO ocsp_responders (issuer, certificate, not_after) VALUES (@Issuer, @Certificate, @NotAfter) RETURNING id",
                new { Issuer = issuer, Certificate = certificate, NotAfter = notAfter }),
            ct);

    /// <summary>The responders' certificates that have not ended, oldest first.</summary>
    public async Task<IReadOnlyList<StoredResponder>> RespondersAsync(DateTimeOffset now, CancellationToken ct) =>
        await database.ReadAsync(
            session => session.ListAsync<StoredResponder>(
                "SELECT id AS Id, issuer AS Issuer, certificate AS Certificate, not_after AS NotAfter FROM ocsp_responders WHERE not_after >= @Now ORDER BY id",
                new { Now = now }),
            ct);

    /// <summary>Begins the answers of a certificate that is being issued; a responder's own has none.</summary>
    internal static Task BeginAsync(DbSession session, IssuanceId id, DateTimeOffset now) =>
        session.ExecuteAsync(
            """
            INSERT INTO ocsp_answers (issuance_id, issuer, serial, not_after, due)
            SELECT id, issuer, serial, not_after, @Now FROM issuances WHERE id = @Id AND profile <> 'ocsp-responder'
            """,
            new { Id = id, Now = now });

    /// <summary>
    /// Marks the answer of a certificate that is being revoked. Without a change it is not handed out until it is signed anew:
    /// the signatures in it are those of another answer.
    /// </summary>
    internal static Task RevokeAsync(DbSession session, IssuanceId id, DateTimeOffset revokedAt, RevocationReason reason) =>
        session.ExecuteAsync(
            "UPDATE ocsp_answers SET revoked_at = @RevokedAt, reason = @Reason, due = 0, change = NULL WHERE issuance_id = @Id",
            new { Id = id, RevokedAt = revokedAt, Reason = reason });

    private static Task<bool> StoreAsync(DbSession session, SignedAnswer answer, long change) =>
        session.SwapAsync(
            """
            UPDATE ocsp_answers SET due = @Due, change = @Change, responder_id = @Responder, this_update = @ThisUpdate, next_update = @NextUpdate,
                sha1_signature = @Sha1Signature, sha256_signature = @Sha256Signature
            WHERE issuance_id = @Id AND revoked_at IS NOT DISTINCT FROM @RevokedAt AND reason IS NOT DISTINCT FROM @Reason
            """,
            new
            {
                Id = answer.About.Issuance,
                answer.About.Revocation?.RevokedAt,
                answer.About.Revocation?.Reason,
                answer.Due,
                Change = change,
                answer.Responder,
                answer.ThisUpdate,
                answer.NextUpdate,
                answer.Sha1Signature,
                answer.Sha256Signature,
            });

    private sealed record DueRow
    {
        public required IssuanceId Id { get; init; }

        public required string Issuer { get; init; }

        public required SerialNumber Serial { get; init; }

        public required DateTimeOffset NotAfter { get; init; }

        public DateTimeOffset? RevokedAt { get; init; }

        public RevocationReason? Reason { get; init; }

        public DueAnswer ToAnswer() => new()
        {
            Issuance = Id,
            Issuer = Issuer,
            Serial = Serial,
            NotAfter = NotAfter,
            Revocation = RevokedAt is { } at ? new Revocation(Reason!.Value, at) : null,
        };
    }

    private sealed record KnownRow
    {
        public required IssuanceId Id { get; init; }

        public DateTimeOffset? RevokedAt { get; init; }

        public RevocationReason? Reason { get; init; }
    }
}

/// <summary>A certificate that was issued, and its revocation if it was revoked.</summary>
public sealed record KnownCertificate(IssuanceId Id, Revocation? Revocation);
