using CaServer.Domain;
using Npgsql;

namespace CaServer.Storage;

/// <summary>
/// Hears what other processes tell, on a connection of its own (PostgreSQL: LISTEN). Nothing depends on it but time: whoever acts on
/// notices also looks for rows now and then, so one that is lost while the connection is away costs seconds.
/// </summary>
internal static class PostgresNotices
{
    private const string Channel = "caserver";

    // A connection that a firewall has forgotten is found out by being used.
    private const int KeepAliveSeconds = 30;

    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(2);

    /// <summary>Tells it when the session's transaction commits.</summary>
    public static Task TellAsync(DbSession session, Notice notice) =>
        session.ExecuteAsync("SELECT pg_notify(@Channel, @Notice)", new { Channel, Notice = WireName.Of(notice) });

    /// <summary>Calls back with each notice, and with null whenever some may have been missed, until it is cancelled.</summary>
    public static async Task ListenAsync(string connectionString, Action<Notice?> heard, TimeProvider clock, CancellationToken ct)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, KeepAlive = KeepAliveSeconds };
        while (true)
        {
            try
            {
                await using var connection = new NpgsqlConnection(settings.ConnectionString);
                await connection.OpenAsync(ct);
                connection.Notification += (_, e) => heard(WireName.TryParse(e.Payload, out Notice notice) ? notice : null);
                await using (var command = new NpgsqlCommand($"LISTEN {Channel}", connection))
                    await command.ExecuteNonQueryAsync(ct);
                heard(null);
                while (true)
                    await connection.WaitAsync(ct);
            }
            catch (NpgsqlException)
            {
                // The database is away; whoever writes to it says so in the log.
            }
            await Task.Delay(s_pause, clock, ct);
        }
    }
}
