namespace CaServer.Storage;

/// <summary>Keys that all instances of the server must share, such as that of nonces. CA keys are never here.</summary>
public sealed class SecretStore(Database database)
{
    /// <summary>The secret of this name; made by the factory if there is none. All callers get the same.</summary>
    public Task<byte[]> GetOrCreateAsync(string name, Func<byte[]> factory, CancellationToken ct) =>
        database.WriteAsync(
            async session =>
            {
                if (await FindAsync(session, name) is { } existing)
                    return existing;
                await session.ExecuteAsync(
                    "INSERT INTO secrets (name, value) VALUES (@Name, @Value) ON CONFLICT (name) DO NOTHING", new { Name = name, Value = factory() });
                return (await FindAsync(session, name))!;
            },
            ct);

    private static Task<byte[]?> FindAsync(DbSession session, string name) =>
        session.FindAsync<byte[]>("SELECT value FROM secrets WHERE name = @Name", new { Name = name });
}
