using System.Formats.Asn1;
using CaServer.Domain;

namespace CaServer.Pki.X509;

/// <summary>Lints of domain validated subscriber certificates (BR §7.1.2.7) and of what their profile promises.</summary>
internal static class LeafRules
{
    private const string KeyUsage = "2.5.29.15";
    private const string SubjectAltName = "2.5.29.17";
    private const string BasicConstraints = "2.5.29.19";
    private const string CrlDistributionPoints = "2.5.29.31";
    private const string CertificatePolicies = "2.5.29.32";
    private const string AuthorityKeyIdentifier = "2.5.29.35";
    private const string ExtendedKeyUsage = "2.5.29.37";
    private const string AuthorityInfoAccess = "1.3.6.1.5.5.7.1.1";
    private const string AnyPolicy = "2.5.29.32.0";
    private const string ServerAuth = "1.3.6.1.5.5.7.3.1";

    private const ushort DigitalSignature = 0x8000;
    private const ushort KeyEncipherment = 0x2000;

    private static readonly TimeSpan s_maxDistanceOfNotBefore = TimeSpan.FromHours(48);

    // BR §1.6.1: at most seven days, or 604,800 seconds.
    private static readonly TimeSpan s_shortLived = TimeSpan.FromSeconds(604_800);

    // BR §6.3.2, by the day of signing; the second number is what is recommended.
    private static readonly (DateTimeOffset From, int MaxDays, int RecommendedDays)[] s_validity =
    [
        (new DateTimeOffset(2029, 3, 15, 0, 0, 0, TimeSpan.Zero), 47, 46),
        (new DateTimeOffset(2027, 3, 15, 0, 0, 0, TimeSpan.Zero), 100, 99),
        (new DateTimeOffset(2026, 3, 15, 0, 0, 0, TimeSpan.Zero), 200, 199),
        (DateTimeOffset.MinValue, 398, 397),
    ];

    private static readonly string[] s_required = [AuthorityInfoAccess, AuthorityKeyIdentifier, CertificatePolicies, ExtendedKeyUsage, SubjectAltName];

    // BR §7.1.6.1: domain, organization, individual, extended validated.
    private static readonly string[] s_reservedPolicies = ["2.23.140.1.2.1", "2.23.140.1.2.2", "2.23.140.1.2.3", "2.23.140.1.1"];

    internal static readonly LintRule<LintedCertificate>[] All =
    [
        new("not_before_far_from_signing", LintSeverity.Error, "BR §7.1.2.7", NotBeforeFarFromSigning),
        new("validity_too_long", LintSeverity.Error, "BR §6.3.2", c => ValidityFault(c, Calendar(c).MaxDays), OnlyWebPki: true),
        new("validity_not_recommended", LintSeverity.Warning, "BR §6.3.2", ValidityNotRecommended, OnlyWebPki: true),
        new(
            "validity_longer_than_profile", LintSeverity.Error, "Profiles:…:Validity",
            c => c.Validity > c.Profile!.Validity ? "The validity is longer than the profile's." : null),
        new("key_not_in_profile", LintSeverity.Error, "BR §6.1.5", KeyNotInProfile),
        new("subject_attribute_not_permitted", LintSeverity.Error, "BR §7.1.2.7.2", SubjectAttribute),
        new("subject_attribute_form", LintSeverity.Error, "BR §7.1.4.2", c => NameRules.FormFault(c.Subject)),
        new(
            "common_name_not_in_profile", LintSeverity.Error, "Profiles:…:CommonName",
            c => HasCommonName(c) && !c.Profile!.HasCommonName ? "There is a common name." : null),
        new(
            "common_name_not_recommended", LintSeverity.Warning, "BR §7.1.2.7.2",
            c => HasCommonName(c) ? "There is a common name." : null,
            OnlyWebPki: true),
        new("common_name_not_in_san", LintSeverity.Error, "BR §7.1.4.3", CommonNameNotInSan),
        new("extension_missing", LintSeverity.Error, "BR §7.1.2.7.6", ExtensionMissing),
        new("extension_not_in_profile", LintSeverity.Error, "BR §7.1.2.7.6", ExtensionNotInProfile),
        new("extension_criticality", LintSeverity.Error, "BR §7.1.2.7.6", Criticality),
        new("san_criticality", LintSeverity.Error, "BR §7.1.2.7.12", SanCriticality),
        new("aia_form", LintSeverity.Error, "BR §7.1.2.7.7", ExtensionRules.AuthorityInfoAccessFault),
        new(
            "aia_ca_issuers_missing", LintSeverity.Warning, "BR §7.1.2.7.7",
            c => ExtensionRules.HasCaIssuers(c) ? null : "There is no caIssuers URL."),
        new("aki_form", LintSeverity.Error, "BR §7.1.2.11.1", c => ExtensionRules.AuthorityKeyFault(c, c.Issuer!.SubjectKeyIdentifier.Span)),
        new(
            "policy_any", LintSeverity.Error, "BR §7.1.2.7.9",
            c => ExtensionRules.Policies(c, out _).Contains(AnyPolicy) ? "There is anyPolicy." : null),
        new("policy_not_one_reserved", LintSeverity.Error, "BR §7.1.2.7.9", NotOneReservedPolicy, OnlyWebPki: true),
        new("policy_not_profiles", LintSeverity.Error, "Profiles:…:PolicyOid", PolicyNotProfiles),
        new("policy_qualifiers", LintSeverity.Warning, "BR §7.1.2.7.9", PolicyQualifiers),
        new("eku_without_server_auth", LintSeverity.Error, "BR §7.1.2.7.10", EkuWithoutServerAuth),
        new("eku_other_purpose", LintSeverity.Error, "BR §7.1.2.7.10; CRP §1.3.2", EkuOtherPurpose),
        new("key_usage_form", LintSeverity.Error, "X.690 §11.2.2", KeyUsageForm),
        new("key_usage_missing", LintSeverity.Warning, "BR §7.1.2.7.6", c => c.Certificate.Find(KeyUsage) is null ? "There is no keyUsage." : null),
        new("key_usage_not_permitted", LintSeverity.Error, "BR §7.1.2.7.11", KeyUsageNotPermitted),
        new("key_usage_without_signature", LintSeverity.Error, "BR §7.1.2.7.11", KeyUsageWithoutSignature),
        new("basic_constraints_not_empty", LintSeverity.Error, "BR §7.1.2.7.8", BasicConstraintsNotEmpty),
        new("crl_distribution_point_form", LintSeverity.Error, "BR §7.1.2.11.2", ExtensionRules.CrlDistributionPointFault),
        new("no_revocation_status", LintSeverity.Error, "BR §7.1.2.11.2", NoRevocationStatus),
    ];

    private static string? NotBeforeFarFromSigning(LintedCertificate c) =>
        (c.Certificate.NotBefore - c.IssuedAt).Duration() > s_maxDistanceOfNotBefore ? "notBefore is more than 48 hours from signing." : null;

    private static (DateTimeOffset From, int MaxDays, int RecommendedDays) Calendar(LintedCertificate c) => s_validity.First(row => c.IssuedAt >= row.From);

    private static string? ValidityFault(LintedCertificate c, int days) =>
        c.Validity > TimeSpan.FromDays(days) ? $"The validity is longer than {days} days." : null;

    private static string? ValidityNotRecommended(LintedCertificate c)
    {
        var row = Calendar(c);
        return ValidityFault(c, row.MaxDays) is null ? ValidityFault(c, row.RecommendedDays) : null;
    }

    private static string? KeyNotInProfile(LintedCertificate c)
    {
        if (!SubjectPublicKey.TryRead(c.Certificate.SubjectPublicKeyInfo, out var key, out var fault))
            return fault;
        var keys = c.Profile!.Keys;
        if (!keys.AllowedKinds.Contains(key.Kind))
            return $"The profile does not certify keys of type {WireName.Of(key.Kind)}.";
        return key.Kind == KeyKind.Rsa && (key.Bits < keys.MinRsaBits || key.Bits > keys.MaxRsaBits || key.Bits % 8 != 0)
            ? $"The RSA key has {key.Bits} bits."
            : null;
    }

    // Country is permitted as well, but no profile writes it.
    private static string? SubjectAttribute(LintedCertificate c)
    {
        foreach (var attribute in c.Subject)
        {
            if (attribute.Oid != NameRules.CommonName)
                return $"The subject has the attribute {attribute.Oid}.";
        }
        return null;
    }

    private static bool HasCommonName(LintedCertificate c) => c.Subject.Any(a => a.Oid == NameRules.CommonName);

    private static string? CommonNameNotInSan(LintedCertificate c)
    {
        foreach (var attribute in c.Subject)
        {
            if (attribute.Oid == NameRules.CommonName && !c.SubjectAltNames.Any(n => SubjectAltNameRules.TextOf(n) == attribute.Text))
                return "The common name is not a copy of a subjectAltName entry.";
        }
        return null;
    }

    private static string? ExtensionMissing(LintedCertificate c)
    {
        foreach (var oid in s_required)
        {
            if (c.Certificate.Find(oid) is null)
                return $"The extension {oid} is missing.";
        }
        return null;
    }

    private static string? ExtensionNotInProfile(LintedCertificate c)
    {
        foreach (var extension in c.Certificate.Extensions)
        {
            if (extension.Oid is not (KeyUsage or BasicConstraints or CrlDistributionPoints) && !s_required.Contains(extension.Oid))
                return $"There is the extension {extension.Oid}.";
        }
        return null;
    }

    private static string? Criticality(LintedCertificate c)
    {
        foreach (var extension in c.Certificate.Extensions)
        {
            if (extension.Oid != SubjectAltName && extension.Critical != extension.Oid is KeyUsage or BasicConstraints)
                return $"The extension {extension.Oid} is {(extension.Critical ? "" : "not ")}critical.";
        }
        return null;
    }

    private static string? SanCriticality(LintedCertificate c)
    {
        if (c.Certificate.Find(SubjectAltName) is not { } san)
            return null;
        var subjectIsEmpty = c.Certificate.Subject.Span.SequenceEqual((ReadOnlySpan<byte>)[0x30, 0x00]);
        return san.Critical == subjectIsEmpty ? null : "The subjectAltName is critical exactly if the subject is not empty.";
    }

    private static string? NotOneReservedPolicy(LintedCertificate c)
    {
        var policies = ExtensionRules.Policies(c, out _);
        var reserved = policies.Count(s_reservedPolicies.Contains);
        if (reserved != 1)
            return $"There are {reserved} reserved policies, not one.";
        return s_reservedPolicies.Contains(policies[0]) ? null : "The reserved policy is not the first.";
    }

    private static string? PolicyNotProfiles(LintedCertificate c) =>
        c.Certificate.Find(CertificatePolicies) is null || (ExtensionRules.Policies(c, out _) is [var only] && only == c.Profile!.PolicyOid)
            ? null
            : "The policies are not exactly the profile's.";

    private static string? PolicyQualifiers(LintedCertificate c)
    {
        ExtensionRules.Policies(c, out var hasQualifiers);
        return hasQualifiers ? "A policy has qualifiers." : null;
    }

    private static string? EkuWithoutServerAuth(LintedCertificate c) =>
        c.Certificate.Find(ExtendedKeyUsage) is null || c.ObjectIdentifiers(ExtendedKeyUsage).Contains(ServerAuth) ? null : "serverAuth is missing.";

    private static string? EkuOtherPurpose(LintedCertificate c) =>
        c.ObjectIdentifiers(ExtendedKeyUsage).Find(oid => oid != ServerAuth) is { } other ? $"There is the purpose {other}." : null;

    private static string? KeyUsageForm(LintedCertificate c)
    {
        ExtensionRules.KeyUsageBits(c, out var fault);
        return fault;
    }

    private static string? KeyUsageNotPermitted(LintedCertificate c)
    {
        var permitted = IsEc(c) ? DigitalSignature : (ushort)(DigitalSignature | KeyEncipherment);
        return ExtensionRules.KeyUsageBits(c, out _) is { } bits && (bits & ~permitted) != 0
            ? $"The keyUsage has bits that a {(IsEc(c) ? "EC" : "RSA")} key must not have."
            : null;
    }

    // With RSA this is a recommendation; but every TLS 1.3 server signs.
    private static string? KeyUsageWithoutSignature(LintedCertificate c) =>
        ExtensionRules.KeyUsageBits(c, out _) is { } bits && (bits & DigitalSignature) == 0 ? "The keyUsage lacks digitalSignature." : null;

    private static bool IsEc(LintedCertificate c)
    {
        var spki = new AsnReader(c.Certificate.SubjectPublicKeyInfo, AsnEncodingRules.DER).ReadSequence();
        return spki.ReadSequence().ReadObjectIdentifier() == "1.2.840.10045.2.1";
    }

    private static string? BasicConstraintsNotEmpty(LintedCertificate c) =>
        c.Certificate.Find(BasicConstraints) is not { } extension || extension.Value.Span.SequenceEqual((ReadOnlySpan<byte>)[0x30, 0x00])
            ? null
            : "The basicConstraints is not 3000.";

    private static string? NoRevocationStatus(LintedCertificate c) =>
        c.Validity > s_shortLived && c.Certificate.Find(CrlDistributionPoints) is null && !ExtensionRules.HasOcsp(c)
            ? "There is neither a CRL distribution point nor an OCSP URL, and the certificate is not short-lived."
            : null;
}
