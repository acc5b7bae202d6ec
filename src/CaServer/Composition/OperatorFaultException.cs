namespace CaServer.Composition;

/// <summary>The server cannot start until the operator changes something. The message is one line that says what.</summary>
internal sealed class OperatorFaultException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>A fault that a setting leads to; the line begins with its key.</summary>
    public OperatorFaultException(string key, string sentence, Exception? inner)
        : this($"{key}: {sentence}", inner)
    {
    }
}
