namespace CaServer.Bench.Acme;

/// <summary>The server did not do what RFC 8555 promises, or refused; the message says which step and why.</summary>
internal sealed class AcmeFailure(string message) : Exception(message);
