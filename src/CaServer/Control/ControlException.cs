namespace CaServer.Control;

/// <summary>A request to prove a name cannot be made or checked. The message is one line for whoever asked, and says what to do.</summary>
internal sealed class ControlException(string message, Exception? inner = null) : Exception(message, inner);
