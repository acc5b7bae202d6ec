using System.Reflection;
using DbUp;
using DbUp.Builder;
using DbUp.Engine;

namespace CaServer.Storage;

/// <summary>
/// Brings the tables up to date: runs each embedded <c>NNN_what.sql</c> that the database has not seen, in order, each in its
/// own transaction. One text serves both databases; <c>$id$</c> and <c>$bytes$</c> stand for the types that differ. Where a whole
/// script must differ, <c>NNN_what.postgres.sql</c> replaces it.
/// </summary>
internal static class Migrator
{
    private const string Prefix = "CaServer.Storage.Migrations.";
    private const string PostgresSuffix = ".postgres.sql";

    /// <summary>Runs what is missing.</summary>
    /// <param name="dialect">The database's dialect.</param>
    /// <param name="connectionString">Where it is.</param>
    /// <param name="name">What to call it in an error message.</param>
    /// <exception cref="StorageStartException">A script failed, or the database is from a newer version.</exception>
    public static void Run(Dialect dialect, string connectionString, string name)
    {
        var scripts = Scripts(dialect);
        var engine = Target(dialect, connectionString)
            .WithScripts(scripts)
            .WithVariable("id", dialect.Id)
            .WithVariable("bytes", dialect.Bytes)
            .WithTransactionPerScript()
            .LogToNowhere()
            .Build();
        var unknown = engine.GetExecutedScripts().Except(scripts.Select(s => s.Name), StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        if (unknown.Count > 0)
        {
            throw new StorageStartException(
                $"The database {name} was written by a newer version of this program (it has {unknown[^1]}); start that version.");
        }
        var result = engine.PerformUpgrade();
        if (!result.Successful)
        {
            throw new StorageStartException(
                $"The tables of the database {name} could not be brought up to date ({result.ErrorScript?.Name}: {result.Error.Message.TrimEnd('.')}); nothing of that step was kept.",
                result.Error);
        }
    }

    /// <summary>Whether the tables are exactly those of this version; changes nothing.</summary>
    public static bool IsCurrent(Dialect dialect, string connectionString)
    {
        var scripts = Scripts(dialect);
        var executed = Target(dialect, connectionString).WithScripts(scripts).LogToNowhere().Build().GetExecutedScripts();
        return executed.ToHashSet(StringComparer.Ordinal).SetEquals(scripts.Select(s => s.Name));
    }

    private static UpgradeEngineBuilder Target(Dialect dialect, string connectionString) =>
        dialect == Dialect.Sqlite
            ? DeployChanges.To.SqliteDatabase(connectionString)
            : DeployChanges.To.PostgresqlDatabase(connectionString);

    private static List<SqlScript> Scripts(Dialect dialect)
    {
        var assembly = Assembly.GetExecutingAssembly();
        var resources = assembly.GetManifestResourceNames().Where(r => r.StartsWith(Prefix, StringComparison.Ordinal)).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. resources
                .Where(r => !r.EndsWith(PostgresSuffix, StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
                .Select(r => SqlScript.FromStream(r[Prefix.Length..], Open(assembly, Variant(r)))),
        ];

        string Variant(string resource)
        {
            var own = Path.ChangeExtension(resource, null) + PostgresSuffix;
            return dialect == Dialect.Postgres && resources.Contains(own) ? own : resource;
        }
    }

    private static Stream Open(Assembly assembly, string resource) => assembly.GetManifestResourceStream(resource)!;
}
