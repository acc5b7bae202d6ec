using CaServer.Pki.X509;

namespace CaServer.Composition;

/// <summary>The name of an issuing CA's OCSP responder.</summary>
internal static class ResponderNames
{
    private const string Suffix = " OCSP";
    private const int MaxLength = 64;

    /// <summary>The CA's own name with a word behind it, cut to what a common name may have.</summary>
    public static CaSubject Of(CaSubject issuer)
    {
        var name = issuer.CommonName;
        if (name.Length + Suffix.Length > MaxLength)
            name = name[..(MaxLength - Suffix.Length)].TrimEnd();
        return new CaSubject(issuer.Country, issuer.Organization, name + Suffix);
    }
}
