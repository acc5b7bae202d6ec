namespace CaServer.Storage;

/// <summary>The database cannot be used. The message is one sentence that says what is wrong and what to do.</summary>
public sealed class StorageStartException(string message, Exception? inner = null) : Exception(message, inner);
