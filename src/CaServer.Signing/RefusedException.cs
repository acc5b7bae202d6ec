namespace CaServer.Signing;

/// <summary>
/// Ends a check. It never leaves this assembly from <see cref="SigningCore"/>, which turns it into a result and a log leaf; the
/// ceremony and the CRL signer let it out, because there an operator or a worker must be told.
/// </summary>
public sealed class RefusedException(RefusalReason reason, string sentence) : Exception(sentence)
{
    /// <summary>Why.</summary>
    public RefusalReason Reason { get; } = reason;
}
