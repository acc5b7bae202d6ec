namespace CaServer.Signing;

/// <summary>How large a piece of evidence may be. Evidence comes from a database that the signing core does not trust.</summary>
internal static class EvidenceBounds
{
    /// <summary>Octets of one request. A CSR with an RSA-4096 key and a hundred long names stays below.</summary>
    internal const int MaxJwsLength = 64 * 1024;

    /// <summary>Requests in a key history: newAccount and the key changes.</summary>
    internal const int MaxKeyHistory = 64;

    /// <summary>Names in one order.</summary>
    internal const int MaxNames = 100;

    /// <summary>Statements for one order.</summary>
    internal const int MaxStatements = 16 * MaxNames;
}
