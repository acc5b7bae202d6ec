using CaServer.Configuration;
using CaServer.Pki.X509;

namespace CaServer.Composition;

/// <summary>Checks the chains that the operator gave besides the CA's own (RFC 8555 §7.4.2): a client could verify nothing with a wrong one.</summary>
internal static class AlternateChains
{
    /// <summary>Checks that every chain begins at the issuing CA and holds together.</summary>
    /// <exception cref="OperatorFaultException">One does not.</exception>
    public static void Require(IReadOnlyList<ChainFile> chains, IssuerCertificate issuing, DateTimeOffset now)
    {
        foreach (var chain in chains)
        {
            if (Fault(chain, issuing, now) is { } fault)
                throw new OperatorFaultException(chain.Key, $"{chain.File} {fault}", null);
        }
    }

    private static string? Fault(ChainFile chain, IssuerCertificate issuing, DateTimeOffset now)
    {
        var certificates = new List<IssuerCertificate>();
        try
        {
            foreach (var der in chain.Certificates)
                certificates.Add(IssuerCertificate.Parse(der));
            var first = certificates[0];
            if (first.Der.Span.SequenceEqual(issuing.Der.Span))
                return "has the issuing CA's own certificate, which clients get anyway; give a certificate of its key by another CA";
            // The leaf names its issuer by subject and key identifier; with another it would not be found.
            if (!first.SubjectDer.Span.SequenceEqual(issuing.SubjectDer.Span))
                return "begins with a certificate for another subject than the issuing CA's; put the issuing CA's certificate by the other CA first";
            if (!first.PublicKey.Der.Span.SequenceEqual(issuing.PublicKey.Der.Span))
                return "begins with a certificate for another key than the issuing CA's; put the issuing CA's certificate by the other CA first";
            if (!first.SubjectKeyIdentifier.Span.SequenceEqual(issuing.SubjectKeyIdentifier.Span))
                return "begins with a certificate whose subjectKeyIdentifier is not the issuing CA's; have it made anew with that";
            return FaultOfOrder(certificates) ?? FaultOfTime(certificates, now);
        }
        catch (FormatException e)
        {
            return $"has a certificate, number {certificates.Count + 1}, that cannot be used ({e.Message.TrimEnd('.')}); give CA certificates only";
        }
        finally
        {
            certificates.ForEach(c => c.Dispose());
        }
    }

    private static string? FaultOfOrder(List<IssuerCertificate> certificates)
    {
        for (var i = 0; i + 1 < certificates.Count; i++)
        {
            if (!certificates[i + 1].Verifies(SignedObject.Split(certificates[i].Der)))
                return $"has a certificate, number {i + 1}, that the next one did not sign; put each certificate's issuer after it";
        }
        return null;
    }

    private static string? FaultOfTime(List<IssuerCertificate> certificates, DateTimeOffset now)
    {
        for (var i = 0; i < certificates.Count; i++)
        {
            if (certificates[i].NotAfter < now)
                return $"has a certificate, number {i + 1}, that ended on {certificates[i].NotAfter:yyyy-MM-dd}; give a chain that is valid, or take it out of the list";
        }
        return null;
    }
}
