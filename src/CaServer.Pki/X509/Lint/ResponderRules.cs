namespace CaServer.Pki.X509;

/// <summary>Lints of the certificates of delegated OCSP responders (BR §7.1.2.8).</summary>
internal static class ResponderRules
{
    private const string SubjectKeyIdentifier = "2.5.29.14";
    private const string KeyUsage = "2.5.29.15";
    private const string BasicConstraints = "2.5.29.19";
    private const string AuthorityKeyIdentifier = "2.5.29.35";
    private const string ExtendedKeyUsage = "2.5.29.37";
    private const string NoCheck = "1.3.6.1.5.5.7.48.1.5";
    private const string OcspSigning = "1.3.6.1.5.5.7.3.9";
    private const ushort DigitalSignature = 0x8000;

    private static readonly TimeSpan s_day = TimeSpan.FromDays(1);

    // What cannot be revoked should not live long; ours is renewed by itself long before.
    private static readonly TimeSpan s_maxValidity = TimeSpan.FromDays(90);

    internal static readonly LintRule<LintedCertificate>[] All =
    [
        new(
            "responder_not_before_far_from_signing", LintSeverity.Error, "BR §7.1.2.8.1",
            c => (c.Certificate.NotBefore - c.IssuedAt).Duration() > s_day ? "notBefore is more than a day from signing." : null),
        new(
            "responder_validity", LintSeverity.Error, "RFC 6960 §4.2.2.2.1",
            c => c.Validity > s_maxValidity ? "The validity is longer than 90 days, and the certificate cannot be revoked." : null),
        new(
            "responder_subject_incomplete", LintSeverity.Error, "BR §7.1.2.8; §7.1.2.10.2",
            c => c.Subject.Any(a => a.Oid == NameRules.Organization) && c.Subject.Any(a => a.Oid == NameRules.CommonName)
                ? null
                : "The subject lacks an organization or a common name."),
        new(
            "responder_country_missing", LintSeverity.Error, "BR §7.1.2.8; §7.1.2.10.2",
            c => c.Subject.Any(a => a.Oid == NameRules.Country) ? null : "The subject has no country.",
            OnlyWebPki: true),
        new("responder_subject_form", LintSeverity.Error, "BR §7.1.4.2", c => NameRules.FormFault(c.Subject)),
        new("responder_extended_key_usage", LintSeverity.Error, "BR §7.1.2.8.5", c => c.ObjectIdentifiers(ExtendedKeyUsage) is [OcspSigning] ? null : "The extKeyUsage is not OCSPSigning alone."),
        new("responder_no_check", LintSeverity.Error, "BR §7.1.2.8.6; RFC 6960 §4.2.2.2.1", NoCheckFault),
        new("responder_key_usage", LintSeverity.Error, "BR §7.1.2.8.7", KeyUsageFault),
        new("responder_aki", LintSeverity.Error, "BR §7.1.2.8.2; §7.1.2.11.1", AkiFault),
        new("responder_basic_constraints", LintSeverity.Error, "BR §7.1.2.8.4", BasicConstraintsFault),
        new("responder_extension_not_permitted", LintSeverity.Error, "BR §7.1.2.8.2", ExtensionFault),
        new("responder_extension_criticality", LintSeverity.Error, "BR §7.1.2.8.2", Criticality),
    ];

    private static string? NoCheckFault(LintedCertificate c) =>
        c.Certificate.Find(NoCheck) is { } extension && extension.Value.Span.SequenceEqual((ReadOnlySpan<byte>)[0x05, 0x00])
            ? null
            : "There is no id-pkix-ocsp-nocheck, or it is not 0500.";

    private static string? KeyUsageFault(LintedCertificate c) =>
        ExtensionRules.KeyUsageBits(c, out var fault) is DigitalSignature ? fault : "The keyUsage is not digitalSignature alone.";

    private static string? AkiFault(LintedCertificate c) =>
        c.Certificate.Find(AuthorityKeyIdentifier) is null
            ? "There is no authorityKeyIdentifier."
            : ExtensionRules.AuthorityKeyFault(c, c.Issuer!.SubjectKeyIdentifier.Span);

    private static string? BasicConstraintsFault(LintedCertificate c) =>
        c.Certificate.Find(BasicConstraints) is not { } extension || extension.Value.Span.SequenceEqual((ReadOnlySpan<byte>)[0x30, 0x00])
            ? null
            : "The basicConstraints is not 3000.";

    private static string? ExtensionFault(LintedCertificate c)
    {
        foreach (var extension in c.Certificate.Extensions)
        {
            if (extension.Oid is not (AuthorityKeyIdentifier or SubjectKeyIdentifier or KeyUsage or ExtendedKeyUsage or NoCheck or BasicConstraints))
                return $"There is the extension {extension.Oid}.";
        }
        return null;
    }

    private static string? Criticality(LintedCertificate c)
    {
        foreach (var extension in c.Certificate.Extensions)
        {
            if (extension.Critical != extension.Oid is KeyUsage or BasicConstraints)
                return $"The extension {extension.Oid} is {(extension.Critical ? "" : "not ")}critical.";
        }
        return null;
    }
}
