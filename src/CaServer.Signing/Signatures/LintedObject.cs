using CaServer.Pki.X509;

namespace CaServer.Signing;

/// <summary>
/// To-be-signed octets that the linter has passed, completed by a throw-away key of the same kind: the linter reads a whole
/// certificate or CRL, and the CA key has signed nothing yet (BR §4.3.1.2).
/// </summary>
internal static class LintedObject
{
    /// <summary>Lints what would be signed.</summary>
    /// <param name="tbs">The octets to be signed.</param>
    /// <param name="throwAway">A key of the signer's kind.</param>
    /// <param name="lint">The lints.</param>
    /// <returns>The object under its throw-away signature.</returns>
    /// <exception cref="RefusedException"><see cref="RefusalReason.LintFailed"/>, with every error and its clause.</exception>
    internal static byte[] Require(byte[] tbs, SigningKey throwAway, Func<byte[], IReadOnlyList<LintFinding>> lint)
    {
        var complete = SignedObject.Encode(tbs, throwAway.AlgorithmIdentifier.Span, throwAway.Sign(tbs));
        RequireNoError(lint(complete));
        return complete;
    }

    /// <summary>Refuses what the linter found a fault in.</summary>
    /// <exception cref="RefusedException"><see cref="RefusalReason.LintFailed"/>, with every error and its clause.</exception>
    internal static void RequireNoError(IReadOnlyList<LintFinding> findings)
    {
        // A warning is against a recommendation; a profile may choose that.
        var errors = findings.Where(f => f.Severity == LintSeverity.Error).ToList();
        if (errors.Count > 0)
            throw new RefusedException(RefusalReason.LintFailed, "The linter refuses what would be signed: " + string.Join("; ", errors) + ".");
    }
}
