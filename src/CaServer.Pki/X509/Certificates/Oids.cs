namespace CaServer.Pki.X509;

/// <summary>Object identifiers.</summary>
internal static class Oids
{
    // Attributes of names (RFC 5280 appendix A.1).
    internal const string CommonName = "2.5.4.3";
    internal const string Country = "2.5.4.6";
    internal const string Organization = "2.5.4.10";

    // Extensions (RFC 5280 §4.2, §5.2).
    internal const string SubjectKeyIdentifier = "2.5.29.14";
    internal const string KeyUsage = "2.5.29.15";
    internal const string SubjectAltName = "2.5.29.17";
    internal const string BasicConstraints = "2.5.29.19";
    internal const string CrlNumber = "2.5.29.20";
    internal const string DeltaCrlIndicator = "2.5.29.27";
    internal const string FreshestCrl = "2.5.29.46";
    internal const string ReasonCode = "2.5.29.21";
    internal const string IssuingDistributionPoint = "2.5.29.28";
    internal const string NameConstraints = "2.5.29.30";
    internal const string CrlDistributionPoints = "2.5.29.31";
    internal const string CertificatePolicies = "2.5.29.32";
    internal const string AuthorityKeyIdentifier = "2.5.29.35";
    internal const string ExtendedKeyUsage = "2.5.29.37";
    internal const string AuthorityInfoAccess = "1.3.6.1.5.5.7.1.1";

    internal const string AnyPolicy = "2.5.29.32.0";
    internal const string DomainValidated = "2.23.140.1.2.1";
    internal const string ServerAuth = "1.3.6.1.5.5.7.3.1";
    internal const string OcspSigning = "1.3.6.1.5.5.7.3.9";
    internal const string OcspNoCheck = "1.3.6.1.5.5.7.48.1.5";
    internal const string Ocsp = "1.3.6.1.5.5.7.48.1";
    internal const string CaIssuers = "1.3.6.1.5.5.7.48.2";

    // PKCS #9 extensionRequest (RFC 2985 §5.4.2).
    internal const string ExtensionRequest = "1.2.840.113549.1.9.14";
}
