using System.Formats.Asn1;

namespace CaServer.Pki.X509;

/// <summary>The certificate of a CA of ours, as what it signs refers to it. May be used by many threads.</summary>
public sealed class IssuerCertificate : IDisposable
{
    private readonly PublicKeyVerifier _verifier;

    private IssuerCertificate(DecodedCertificate certificate, SubjectPublicKey publicKey, PublicKeyVerifier verifier, byte[] keyIdentifier)
    {
        Der = certificate.Der;
        SubjectDer = certificate.Subject;
        NotBefore = certificate.NotBefore;
        NotAfter = certificate.NotAfter;
        PublicKey = publicKey;
        _verifier = verifier;
        SubjectKeyIdentifier = keyIdentifier;
        AuthorityKeyIdentifierExtension = ExtensionWriter.Encode(w => ExtensionWriter.WriteAuthorityKeyIdentifier(w, keyIdentifier));
    }

    /// <summary>The certificate, DER.</summary>
    public ReadOnlyMemory<byte> Der { get; }

    /// <summary>Its subject, DER; the issuer of what it signs is this, byte for byte (BR §7.1.4.1).</summary>
    public ReadOnlyMemory<byte> SubjectDer { get; }

    /// <summary>Its subjectKeyIdentifier.</summary>
    public ReadOnlyMemory<byte> SubjectKeyIdentifier { get; }

    /// <summary>Its key.</summary>
    public SubjectPublicKey PublicKey { get; }

    /// <summary>Start of its validity.</summary>
    public DateTimeOffset NotBefore { get; }

    /// <summary>End of its validity, inclusive.</summary>
    public DateTimeOffset NotAfter { get; }

    /// <summary>What it signs with.</summary>
    public SignatureAlgorithm SignatureAlgorithm => SignatureAlgorithm.OfIssuer(PublicKey.Kind);

    /// <summary>The authorityKeyIdentifier extension of what it signs, DER.</summary>
    internal byte[] AuthorityKeyIdentifierExtension { get; }

    /// <summary>Reads a CA certificate.</summary>
    /// <exception cref="FormatException">It is not DER, not a CA's, or has no subjectKeyIdentifier.</exception>
    public static IssuerCertificate Parse(ReadOnlyMemory<byte> der)
    {
        if (!DecodedCertificate.TryDecode(der.ToArray(), out var certificate))
            throw new FormatException("The issuer certificate is not a DER certificate.");
        if (!SubjectPublicKey.TryRead(certificate.SubjectPublicKeyInfo, out var publicKey, out var fault))
            throw new FormatException("The issuer certificate cannot be used. " + fault);
        try
        {
            if (!IsCa(certificate))
                throw new FormatException("The issuer certificate is not that of a CA (basicConstraints).");
            var keyIdentifier = certificate.Find(Oids.SubjectKeyIdentifier) is { } ski
                ? new AsnReader(ski.Value, AsnEncodingRules.DER).ReadOctetString()
                : throw new FormatException("The issuer certificate has no subjectKeyIdentifier.");
            var verifier = PublicKeyVerifier.TryCreate(publicKey) ?? throw new FormatException("The issuer certificate's key is invalid.");
            return new IssuerCertificate(certificate, publicKey, verifier, keyIdentifier);
        }
        catch (AsnContentException e)
        {
            throw new FormatException("An extension of the issuer certificate is malformed.", e);
        }
    }

    /// <summary>
    /// Whether the signature over <paramref name="toBeSigned"/> was made with this certificate's key and an algorithm that
    /// the key may sign with: with EC keys the hash is bound to the curve (BR §7.1.3.2.2).
    /// </summary>
    public bool Verifies(ReadOnlySpan<byte> toBeSigned, ReadOnlySpan<byte> algorithmIdentifier, ReadOnlySpan<byte> signature) =>
        SignatureAlgorithm.Find(algorithmIdentifier) is { } algorithm
        && algorithm.IsForIssuer(PublicKey.Kind)
        && _verifier.Verifies(toBeSigned, algorithm, signature);

    /// <summary>Whether a certificate or CRL was signed with this certificate's key.</summary>
    public bool Verifies(SignedObject parts) =>
        Verifies(parts.ToBeSigned.Span, parts.AlgorithmIdentifier.Span, parts.Signature.Span);

    /// <inheritdoc/>
    public void Dispose() => _verifier.Dispose();

    private static bool IsCa(DecodedCertificate certificate)
    {
        if (certificate.Find(Oids.BasicConstraints) is not { } constraints)
            return false;
        var body = new AsnReader(constraints.Value, AsnEncodingRules.DER).ReadSequence();
        return body.HasData && body.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean) && body.ReadBoolean();
    }
}
