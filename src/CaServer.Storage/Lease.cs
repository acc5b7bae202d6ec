using CaServer.Domain;

namespace CaServer.Storage;

/// <summary>The right of one process to work on a row until a time; afterwards any process may take the row over.</summary>
/// <param name="Owner">The process.</param>
/// <param name="Until">When the right ends.</param>
public sealed record Lease(InstanceId Owner, DateTimeOffset Until);
