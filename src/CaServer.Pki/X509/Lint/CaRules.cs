using System.Formats.Asn1;

namespace CaServer.Pki.X509;

/// <summary>Lints of CA certificates (BR §7.1.2.1 root, §7.1.2.6 TLS subordinate CA, §7.1.2.10 both).</summary>
internal static class CaRules
{
    private const string SubjectKeyIdentifier = "2.5.29.14";
    private const string KeyUsage = "2.5.29.15";
    private const string BasicConstraints = "2.5.29.19";
    private const string NameConstraints = "2.5.29.30";
    private const string CrlDistributionPoints = "2.5.29.31";
    private const string CertificatePolicies = "2.5.29.32";
    private const string AuthorityKeyIdentifier = "2.5.29.35";
    private const string ExtendedKeyUsage = "2.5.29.37";
    private const string AuthorityInfoAccess = "1.3.6.1.5.5.7.1.1";
    private const string AnyPolicy = "2.5.29.32.0";
    private const string ServerAuth = "1.3.6.1.5.5.7.3.1";

    private const ushort KeyCertSign = 0x0400;
    private const ushort CrlSign = 0x0200;
    private const ushort DigitalSignature = 0x8000;

    private static readonly TimeSpan s_minRootValidity = TimeSpan.FromDays(2922);
    private static readonly TimeSpan s_maxRootValidity = TimeSpan.FromDays(9132);
    private static readonly TimeSpan s_day = TimeSpan.FromDays(1);
    private static readonly string[] s_requiredOfIssuing =
        [AuthorityKeyIdentifier, BasicConstraints, CertificatePolicies, CrlDistributionPoints, ExtendedKeyUsage, KeyUsage, SubjectKeyIdentifier];

    private static readonly string[] s_reservedPolicies = ["2.23.140.1.2.1", "2.23.140.1.2.2", "2.23.140.1.2.3", "2.23.140.1.1"];

    private static readonly LintRule<LintedCertificate>[] s_common =
    [
        new("ca_not_before_far_from_signing", LintSeverity.Error, "BR §7.1.2.1.1, §7.1.2.10.1", NotBeforeFarFromSigning),
        new("ca_subject_incomplete", LintSeverity.Error, "BR §7.1.2.10.2", SubjectIncomplete),
        new(
            "ca_country_missing", LintSeverity.Error, "BR §7.1.2.10.2",
            c => c.Subject.Any(a => a.Oid == NameRules.Country) ? null : "The subject has no country.",
            OnlyWebPki: true),
        new(
            "ca_subject_organizational_unit", LintSeverity.Error, "BR §7.1.2.10.2",
            c => c.Subject.Any(a => a.Oid == NameRules.OrganizationalUnit)
                ? "The subject has an organizational unit."
                : null),
        new("ca_subject_form", LintSeverity.Error, "BR §7.1.4.2", c => NameRules.FormFault(c.Subject)),
        new("ca_basic_constraints", LintSeverity.Error, "BR §7.1.2.10.4; RFC 5280 §4.2.1.9", NotMarkedAsCa),
        new("ca_key_usage", LintSeverity.Error, "BR §7.1.2.10.7", KeyUsageFault),
        new("ca_ski", LintSeverity.Error, "BR §7.1.2.11.4; RFC 5280 §4.2.1.2", SkiFault),
        new("ca_extension_criticality", LintSeverity.Error, "BR §7.1.2.1.2, §7.1.2.6.1", Criticality),
    ];

    /// <summary>For roots.</summary>
    internal static readonly LintRule<LintedCertificate>[] Root =
    [
        .. s_common,
        new("root_validity", LintSeverity.Error, "BR §7.1.2.1.1", RootValidity, OnlyWebPki: true),
        new(
            "root_key_life", LintSeverity.Warning, "CRP §1.3",
            c => c.Certificate.NotAfter > c.Certificate.NotBefore.AddYears(15)
                ? "The root is valid for more than 15 years."
                : null),
        new("root_path_length", LintSeverity.Warning, "BR §7.1.2.1.4", c => PathLength(c) is null ? null : "The root has a path length constraint."),
        new(
            "root_extended_key_usage", LintSeverity.Error, "BR §7.1.2.1.2",
            c => c.Certificate.Find(ExtendedKeyUsage) is null ? null : "The root has an extKeyUsage."),
        new(
            "root_policies", LintSeverity.Warning, "BR §7.1.2.1.2",
            c => c.Certificate.Find(CertificatePolicies) is null ? null : "The root has certificate policies."),
        new("root_aki", LintSeverity.Error, "BR §7.1.2.1.3", RootAki),
        new("root_extension_not_permitted", LintSeverity.Error, "BR §7.1.2.1.2", RootExtension),
    ];

    /// <summary>For issuing CAs.</summary>
    internal static readonly LintRule<LintedCertificate>[] Issuing =
    [
        .. s_common,
        new("issuing_extension_missing", LintSeverity.Error, "BR §7.1.2.6.1", IssuingExtensionMissing),
        new("issuing_extension_not_permitted", LintSeverity.Error, "BR §7.1.2.6.1", IssuingExtension),
        new(
            "issuing_path_length", LintSeverity.Warning, "BR §7.1.2.10.4",
            c => PathLength(c) == 0 ? null : "An issuing CA whose path length is not 0 could have CAs below it."),
        new("issuing_aki", LintSeverity.Error, "BR §7.1.2.11.1", c => ExtensionRules.AuthorityKeyFault(c, c.Issuer!.SubjectKeyIdentifier.Span)),
        new(
            "issuing_subject_is_issuers", LintSeverity.Error, "BR §7.1.2.10.2",
            c => c.Certificate.Subject.Span.SequenceEqual(c.Certificate.Issuer.Span)
                ? "The subject is the issuer's."
                : null),
        new("issuing_policies", LintSeverity.Error, "BR §7.1.2.10.5", IssuingPolicies),
        new("issuing_extended_key_usage", LintSeverity.Error, "BR §7.1.2.10.6; CRP §1.3", IssuingExtendedKeyUsage),
        new("issuing_aia_form", LintSeverity.Error, "BR §7.1.2.10.3", ExtensionRules.AuthorityInfoAccessFault),
        new("issuing_aia_missing", LintSeverity.Warning, "BR §7.1.2.6.1", c => ExtensionRules.HasCaIssuers(c) ? null : "There is no caIssuers URL."),
        new("issuing_crl_distribution_point", LintSeverity.Error, "BR §7.1.2.11.2", ExtensionRules.CrlDistributionPointFault),
    ];

    private static string? NotBeforeFarFromSigning(LintedCertificate c) =>
        c.IssuedAt - c.Certificate.NotBefore > s_day || c.Certificate.NotBefore - c.IssuedAt > s_day ? "notBefore is more than a day from signing." : null;

    private static string? SubjectIncomplete(LintedCertificate c) =>
        c.Subject.Any(a => a.Oid == NameRules.Organization) && c.Subject.Any(a => a.Oid == NameRules.CommonName)
            ? null
            : "The subject lacks an organization or a common name.";

    private static string? NotMarkedAsCa(LintedCertificate c)
    {
        if (c.Body(BasicConstraints) is not { HasData: true } body)
            return "basicConstraints is missing or empty.";
        if (!body.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean) || !body.ReadBoolean())
            return "basicConstraints does not say cA TRUE.";
        if (body.HasData)
            body.ReadInteger();
        body.ThrowIfNotEmpty();
        return null;
    }

    private static int? PathLength(LintedCertificate c)
    {
        if (c.Body(BasicConstraints) is not { HasData: true } body)
            return null;
        body.ReadEncodedValue();
        return body.HasData && body.TryReadInt32(out var length) ? length : null;
    }

    private static string? KeyUsageFault(LintedCertificate c)
    {
        if (ExtensionRules.KeyUsageBits(c, out var fault) is not { } bits)
            return "There is no keyUsage.";
        if (fault is not null)
            return fault;
        const ushort Required = KeyCertSign | CrlSign;
        return (bits & ~DigitalSignature) == Required ? null : "The keyUsage is not keyCertSign and cRLSign, with or without digitalSignature.";
    }

    private static string? SkiFault(LintedCertificate c)
    {
        if (c.Certificate.Find(SubjectKeyIdentifier) is not { } extension)
            return "There is no subjectKeyIdentifier.";
        var value = new AsnReader(extension.Value, AsnEncodingRules.DER);
        var length = value.ReadOctetString().Length;
        value.ThrowIfNotEmpty();
        return length is > 0 and <= 20 ? null : "The subjectKeyIdentifier is empty or longer than 20 octets.";
    }

    private static string? Criticality(LintedCertificate c)
    {
        foreach (var extension in c.Certificate.Extensions)
        {
            if (extension.Critical != extension.Oid is KeyUsage or BasicConstraints or NameConstraints)
                return $"The extension {extension.Oid} is {(extension.Critical ? "" : "not ")}critical.";
        }
        return null;
    }

    private static string? RootValidity(LintedCertificate c) =>
        c.Validity < s_minRootValidity || c.Validity > s_maxRootValidity ? "The validity is not between 2922 and 9132 days." : null;

    private static string? RootAki(LintedCertificate c) =>
        c.Certificate.Find(SubjectKeyIdentifier) is { } ski
            ? ExtensionRules.AuthorityKeyFault(c, new AsnReader(ski.Value, AsnEncodingRules.DER).ReadOctetString())
            : null;

    private static string? RootExtension(LintedCertificate c)
    {
        foreach (var extension in c.Certificate.Extensions)
        {
            // The two that have rules of their own are left to them.
            if (extension.Oid is not (BasicConstraints or KeyUsage or SubjectKeyIdentifier or AuthorityKeyIdentifier or ExtendedKeyUsage or CertificatePolicies))
                return $"There is the extension {extension.Oid}.";
        }
        return null;
    }

    private static string? IssuingExtensionMissing(LintedCertificate c)
    {
        foreach (var oid in s_requiredOfIssuing)
        {
            if (c.Certificate.Find(oid) is null)
                return $"The extension {oid} is missing.";
        }
        return null;
    }

    private static string? IssuingExtension(LintedCertificate c)
    {
        foreach (var extension in c.Certificate.Extensions)
        {
            if (extension.Oid is not (AuthorityInfoAccess or NameConstraints) && !s_requiredOfIssuing.Contains(extension.Oid))
                return $"There is the extension {extension.Oid}.";
        }
        return null;
    }

    private static string? IssuingPolicies(LintedCertificate c)
    {
        if (c.Certificate.Find(CertificatePolicies) is null)
            return null;
        var policies = ExtensionRules.Policies(c, out _);
        return policies is [AnyPolicy] || (!policies.Contains(AnyPolicy) && policies.Count(s_reservedPolicies.Contains) == 1)
            ? null
            : "The policies are neither anyPolicy alone nor exactly one reserved policy.";
    }

    private static string? IssuingExtendedKeyUsage(LintedCertificate c) =>
        c.Certificate.Find(ExtendedKeyUsage) is null || c.ObjectIdentifiers(ExtendedKeyUsage) is [ServerAuth] ? null : "The extKeyUsage is not serverAuth alone.";
}
