using CaServer.Pki.X509;

namespace CaServer.Signing;

/// <summary>Signing with a CA key and believing only the public key that it worked.</summary>
internal static class VerifiedSignature
{
    /// <summary>Signs, verifies, and joins the parts.</summary>
    /// <returns>The certificate or CRL, DER.</returns>
    /// <exception cref="RefusedException"><see cref="RefusalReason.SignatureWrong"/>: what came back does not verify.</exception>
    internal static byte[] Over(byte[] tbs, SigningKey key, IssuerCertificate issuer) =>
        SignedObject.Encode(tbs, key.AlgorithmIdentifier.Span, Verified(tbs, key.Sign(tbs), key, issuer));

    /// <summary>Signs and verifies; the signature alone.</summary>
    /// <exception cref="RefusedException"><see cref="RefusalReason.SignatureWrong"/>: what came back does not verify.</exception>
    internal static byte[] Over(ReadOnlySpan<byte> tbs, SigningKey key, IssuerCertificate issuer) =>
        Verified(tbs, key.Sign(tbs), key, issuer);

    // A faulty or lost token, or the wrong key behind the label, must not reach a client; and a faulty ECDSA or RSA
    // signature that gets out can give the private key away.
    private static byte[] Verified(ReadOnlySpan<byte> tbs, byte[] signature, SigningKey key, IssuerCertificate issuer) =>
        issuer.Verifies(tbs, key.AlgorithmIdentifier.Span, signature)
            ? signature
            : throw new RefusedException(RefusalReason.SignatureWrong, "The token returned a signature that does not verify with the issuer's public key; nothing was issued. The operator must check the token.");
}
