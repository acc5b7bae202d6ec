using CaServer.Pki.X509;

namespace CaServer.Signing;

/// <summary>
/// A delegated OCSP responder: signs what its caller knows about certificates, encode → lint → sign → verify, and nothing
/// else. May be used by several threads at once.
/// </summary>
public sealed class OcspResponder : IDisposable
{
    // The linter reads a whole response; what it looks at does not depend on the signature.
    private static readonly byte[] s_noSignature = new byte[8];

    private readonly IssuerCertificate _issuer;
    private readonly SigningKey _key;
    private readonly DecodedCertificate _certificate;
    private readonly PublicKeyVerifier _verifier;
    private readonly byte[] _keyHash;

    /// <summary>Joins a responder's certificate and key.</summary>
    /// <param name="issuer">The CA that it answers for.</param>
    /// <param name="key">The responder's key, P-256.</param>
    /// <param name="certificate">Its certificate, DER.</param>
    /// <exception cref="ArgumentException">They do not belong together.</exception>
    public OcspResponder(IssuerCertificate issuer, SigningKey key, ReadOnlyMemory<byte> certificate)
    {
        if (!DecodedCertificate.TryDecode(certificate, out var decoded)
            || !issuer.Verifies(decoded.Parts) || !decoded.SubjectPublicKeyInfo.Span.SequenceEqual(key.PublicKey.Der.Span))
            throw new ArgumentException("The OCSP responder's certificate is not one that the issuing CA gave to its key.", nameof(certificate));
        _issuer = issuer;
        _key = key;
        _certificate = decoded;
        _verifier = PublicKeyVerifier.TryCreate(key.PublicKey) ?? throw new ArgumentException("The OCSP responder's key is invalid.", nameof(key));
        _keyHash = OcspIssuer.KeyHash(key.PublicKey);
        Template = new OcspTemplate(new OcspIssuer(issuer), certificate);
    }

    /// <summary>Puts pre-signed responses together.</summary>
    public OcspTemplate Template { get; }

    /// <summary>Start of the certificate's validity.</summary>
    public DateTimeOffset NotBefore => _certificate.NotBefore;

    /// <summary>End of the certificate's validity, which no response may pass.</summary>
    public DateTimeOffset NotAfter => _certificate.NotAfter;

    /// <summary>Signs a response ahead.</summary>
    /// <param name="hash">How the issuer is named.</param>
    /// <param name="serial">The 16 octets of the serial number.</param>
    /// <param name="answer">What is said.</param>
    /// <returns>r and s, <see cref="OcspTemplate.SignatureLength"/> octets.</returns>
    /// <exception cref="RefusedException">The linter found a fault, or the signature does not verify.</exception>
    public byte[] Presign(OcspHash hash, ReadOnlySpan<byte> serial, in OcspAnswer answer)
    {
        var signature = new byte[OcspTemplate.SignatureLength];
        if (!EcdsaValue.TryDecode(Sign(Template.EncodeTbs(hash, serial, answer)), signature))
            throw NotVerified();
        return signature;
    }

    /// <summary>Signs a response to one request.</summary>
    /// <param name="singles">What is said about each certificate asked for.</param>
    /// <param name="producedAt">Now, whole seconds.</param>
    /// <param name="nonce">The request's nonce.</param>
    /// <returns>The response, DER.</returns>
    /// <exception cref="RefusedException">The linter found a fault, or the signature does not verify.</exception>
    public byte[] Respond(IReadOnlyList<OcspSingle> singles, DateTimeOffset producedAt, ReadOnlyMemory<byte>? nonce)
    {
        var tbs = OcspResponse.EncodeTbs(singles, _keyHash, producedAt, nonce);
        return Complete(tbs, Sign(tbs));
    }

    /// <inheritdoc/>
    public void Dispose() => _verifier.Dispose();

    private byte[] Sign(byte[] tbs)
    {
        var errors = OcspResponseLint.Check(Complete(tbs, s_noSignature), _certificate, _issuer).Where(f => f.Severity == LintSeverity.Error).ToList();
        if (errors.Count > 0)
            throw new RefusedException(RefusalReason.LintFailed, "The linter refuses what would be signed: " + string.Join("; ", errors) + ".");
        var signature = _key.Sign(tbs);
        return _verifier.Verifies(tbs, SignatureAlgorithm.OfIssuer(KeyKind.P256), signature) ? signature : throw NotVerified();
    }

    private byte[] Complete(byte[] tbs, byte[] signature) =>
        OcspResponse.Encode(tbs, _key.AlgorithmIdentifier.Span, signature, _certificate.Der.Span);

    private static RefusedException NotVerified() => new(
        RefusalReason.SignatureWrong, "The token returned a signature that does not verify with the OCSP responder's public key; the operator must check the token.");
}
