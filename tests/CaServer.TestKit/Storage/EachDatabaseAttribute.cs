using System.Reflection;
using Xunit.Sdk;
using Xunit.v3;

namespace CaServer.TestKit.Storage;

/// <summary>The kinds of database that the stores work on.</summary>
public enum DatabaseKind
{
    /// <summary>SQLite.</summary>
    Sqlite,

    /// <summary>PostgreSQL.</summary>
    Postgres,
}

/// <summary>
/// Runs a theory once on each kind of database. PostgreSQL is skipped, visibly, where its server is not installed; with the
/// environment variable CI set the test fails there instead.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class EachDatabaseAttribute : DataAttribute
{
    private readonly DatabaseKind[] _kinds;

    /// <summary>Each kind.</summary>
    public EachDatabaseAttribute() => _kinds = Enum.GetValues<DatabaseKind>();

    /// <summary>One kind only, for what the other does not have.</summary>
    public EachDatabaseAttribute(DatabaseKind only) => _kinds = [only];

    /// <inheritdoc/>
    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker) =>
        ValueTask.FromResult<IReadOnlyCollection<ITheoryDataRow>>([.. _kinds.Select(k => new TheoryDataRow(k) { Skip = Missing(k) })]);

    /// <inheritdoc/>
    public override bool SupportsDiscoveryEnumeration() => true;

    private static string? Missing(DatabaseKind kind) =>
        kind == DatabaseKind.Postgres && PostgresCluster.ProgramDirectory is null && Environment.GetEnvironmentVariable("CI") is null
            ? "The PostgreSQL server is not installed (Debian package postgresql)."
            : null;
}
