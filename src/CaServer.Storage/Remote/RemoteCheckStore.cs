using CaServer.Domain;

namespace CaServer.Storage;

/// <summary>
/// The checks that perspectives in other processes are asked for. Both sides tell the others what they have done
/// (<see cref="Database.ListenAsync"/>), so that nobody has to look for it all the time.
/// </summary>
public sealed class RemoteCheckStore(Database database)
{
    /// <summary>Longest request or result that is read, in octets: either side may be somebody else than it should.</summary>
    public const int MaxLength = 64 * 1024;

    // A perspective's clock may be wrong, and its asker says so; but nobody waits any more for what is so old.
    private static readonly TimeSpan s_staleAfter = TimeSpan.FromMinutes(5);

    private readonly string _claim =
        $"""
        UPDATE remote_checks SET taken_by = @By
        WHERE (asker, number) IN (
            SELECT asker, number FROM remote_checks WHERE perspective = @Perspective AND taken_by IS NULL AND deadline > @Stale
            ORDER BY deadline LIMIT @Count {database.Dialect.SkipLocked})
        RETURNING asker AS Asker, number AS Number, CASE WHEN length(request) <= @Max THEN request END AS Octets
        """;

    /// <summary>Asks perspectives the same.</summary>
    /// <param name="checks">The perspective by the check that it is asked for.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="deadline">Until when its asker waits.</param>
    /// <param name="ct">Gives up.</param>
    public Task AskAsync(IReadOnlyDictionary<RemoteCheckId, string> checks, ReadOnlyMemory<byte> request, DateTimeOffset deadline, CancellationToken ct) =>
        database.WriteAsync(
            async session =>
            {
                var octets = request.ToArray();
                foreach (var (id, perspective) in checks)
                {
                    await session.ExecuteAsync(
                        "INSERT INTO remote_checks (asker, number, perspective, request, deadline) VALUES (@Asker, @Number, @Perspective, @Request, @Deadline)",
                        new { id.Asker, id.Number, Perspective = perspective, Request = octets, Deadline = deadline });
                }
                await database.TellAsync(session, Notice.ChecksAsked);
                return checks.Count;
            },
            ct);

    /// <summary>Takes checks on that nobody has taken yet: each is given out once.</summary>
    /// <returns>The requests; null for one that is longer than a request may be.</returns>
    public async Task<IReadOnlyDictionary<RemoteCheckId, byte[]?>> ClaimAsync(string perspective, InstanceId by, int count, DateTimeOffset now, CancellationToken ct) =>
        (await database.WriteAsync(
            session => session.ListAsync<Row>(_claim, new { Perspective = perspective, By = by, Count = count, Stale = now - s_staleAfter, Max = MaxLength }), ct))
            .ToDictionary(r => r.Id, r => r.Octets);

    /// <summary>Writes what a check that this process took came to; false if its asker does not wait any more.</summary>
    public Task<bool> AnswerAsync(RemoteCheckId id, InstanceId by, ReadOnlyMemory<byte> result, CancellationToken ct) =>
        database.WriteAsync(
            async session =>
            {
                var written = await session.SwapAsync(
                    "UPDATE remote_checks SET result = @Result WHERE asker = @Asker AND number = @Number AND taken_by = @By AND result IS NULL",
                    new { id.Asker, id.Number, By = by, Result = result.ToArray() });
                if (written)
                    await database.TellAsync(session, Notice.ChecksAnswered);
                return written;
            },
            ct);

    /// <summary>Takes back what an asker has results for.</summary>
    /// <returns>The results; null for one that is longer than a result may be.</returns>
    public async Task<IReadOnlyDictionary<RemoteCheckId, byte[]?>> TakeResultsAsync(InstanceId asker, CancellationToken ct) =>
        (await database.WriteAsync(
            session => session.ListAsync<Row>(
                """
                DELETE FROM remote_checks WHERE asker = @Asker AND result IS NOT NULL
                RETURNING asker AS Asker, number AS Number, CASE WHEN length(result) <= @Max THEN result END AS Octets
                """,
                new { Asker = asker, Max = MaxLength }),
            ct)).ToDictionary(r => r.Id, r => r.Octets);

    /// <summary>Gives checks up; who has taken one is told to break it off.</summary>
    public Task DropAsync(IReadOnlyCollection<RemoteCheckId> ids, CancellationToken ct) =>
        database.WriteAsync(
            async session =>
            {
                var dropped = 0;
                foreach (var id in ids)
                    dropped += await session.ExecuteAsync("DELETE FROM remote_checks WHERE asker = @Asker AND number = @Number", new { id.Asker, id.Number });
                if (dropped > 0)
                    await database.TellAsync(session, Notice.ChecksDropped);
                return dropped;
            },
            ct);

    /// <summary>The checks that a process has taken and somebody waits for.</summary>
    public async Task<IReadOnlySet<RemoteCheckId>> ListTakenAsync(InstanceId by, CancellationToken ct) =>
        (await database.ReadAsync(
            session => session.ListAsync<Row>("SELECT asker AS Asker, number AS Number FROM remote_checks WHERE taken_by = @By", new { By = by }), ct))
            .Select(r => r.Id).ToHashSet();

    /// <summary>Deletes what an asker left that has itself ended.</summary>
    internal static Task<int> DeleteEndedAsync(DbSession session, DateTimeOffset before, int batch) =>
        session.ExecuteAsync(
            "DELETE FROM remote_checks WHERE (asker, number) IN (SELECT asker, number FROM remote_checks WHERE deadline < @Before LIMIT @Batch)",
            new { Before = before, Batch = batch });

    private sealed record Row
    {
        public required InstanceId Asker { get; init; }

        public required long Number { get; init; }

        public byte[]? Octets { get; init; }

        public RemoteCheckId Id => new(Asker, Number);
    }
}
