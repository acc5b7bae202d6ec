using System.Formats.Asn1;

namespace CaServer.Pki.X509;

/// <summary>Lints for every certificate: form, versions, algorithms, times (RFC 5280 §4.1, BR §7.1).</summary>
internal static class CommonRules
{
    private const int MinSerialOctets = 8;
    private const int MaxSerialOctets = 20;

    // BR §7.1.3.1 and §7.1.3.2, copied from there and not shared with the encoders.
    private const string RsaKey = "300D06092A864886F70D0101010500";
    private const string P256Key = "301306072A8648CE3D020106082A8648CE3D030107";
    private const string P384Key = "301006072A8648CE3D020106052B81040022";
    private const string P521Key = "301006072A8648CE3D020106052B81040023";

    private static readonly byte[][] s_keyAlgorithms = [.. new[] { RsaKey, P256Key, P384Key, P521Key }.Select(Convert.FromHexString)];

    private static readonly byte[][] s_rsaSignatures =
    [
        .. new[]
        {
            "300D06092A864886F70D01010B0500",
            "300D06092A864886F70D01010C0500",
            "300D06092A864886F70D01010D0500",
            "304106092A864886F70D01010A3034A00F300D06096086480165030402010500A11C301A06092A864886F70D010108300D06096086480165030402010500A203020120",
            "304106092A864886F70D01010A3034A00F300D06096086480165030402020500A11C301A06092A864886F70D010108300D06096086480165030402020500A203020130",
            "304106092A864886F70D01010A3034A00F300D06096086480165030402030500A11C301A06092A864886F70D010108300D06096086480165030402030500A203020140",
        }.Select(Convert.FromHexString),
    ];

    private static readonly byte[] s_ecdsaSha256 = Convert.FromHexString("300A06082A8648CE3D040302");
    private static readonly byte[] s_ecdsaSha384 = Convert.FromHexString("300A06082A8648CE3D040303");
    private static readonly byte[] s_ecdsaSha512 = Convert.FromHexString("300A06082A8648CE3D040304");

    internal static readonly LintRule<LintedCertificate>[] All =
    [
        new("not_der", LintSeverity.Error, "X.690 §10, §11", NotDer),
        new("version_not_3", LintSeverity.Error, "RFC 5280 §4.1.2.1", c => c.Certificate.Version == 2 ? null : "The version is not v3."),
        new("serial_not_positive", LintSeverity.Error, "RFC 5280 §4.1.2.2", SerialNotPositive),
        new("serial_length", LintSeverity.Error, "BR §7.1; RFC 5280 §4.1.2.2", SerialLength),
        new("signature_algorithms_differ", LintSeverity.Error, "RFC 5280 §4.1.1.2; BR §7.1.2.7", AlgorithmsDiffer),
        new("signature_algorithm_not_permitted", LintSeverity.Error, "BR §7.1.3.2", AlgorithmNotPermitted),
        new("issuer_differs", LintSeverity.Error, "BR §7.1.4.1", IssuerDiffers),
        new("validity_encoding", LintSeverity.Error, "RFC 5280 §4.1.2.5", ValidityEncoding),
        new(
            "validity_reversed", LintSeverity.Error, "RFC 5280 §4.1.2.5",
            c => c.Certificate.NotAfter < c.Certificate.NotBefore ? "It ends before it begins." : null),
        new("validity_outside_issuer", LintSeverity.Error, "RFC 5280 §6.1.3", OutsideIssuer),
        new(
            "unique_id", LintSeverity.Error, "BR §7.1.2.7",
            c => c.Certificate.HasUniqueIds ? "There is an issuer or subject unique identifier." : null),
        new("public_key_algorithm", LintSeverity.Error, "BR §7.1.3.1", PublicKeyAlgorithm),
        new("extension_repeated", LintSeverity.Error, "RFC 5280 §4.2", ExtensionRepeated),
        new("extension_default_encoded", LintSeverity.Error, "X.690 §11.5", DefaultEncoded),
    ];

    private static string? NotDer(LintedCertificate c)
    {
        if (DerWalk.Fault(c.Certificate.Der.Span) is { } fault)
            return fault;
        foreach (var extension in c.Certificate.Extensions)
        {
            if (DerWalk.Fault(extension.Value.Span) is { } inner)
                return $"In the extension {extension.Oid}: {inner}";
        }
        return null;
    }

    private static string? SerialNotPositive(LintedCertificate c)
    {
        var serial = c.Certificate.Serial.Span;
        return (serial[0] & 0x80) != 0 || !serial.ContainsAnyExcept((byte)0) ? "The serial number is zero or negative." : null;
    }

    // 64 bits of randomness do not fit fewer octets; more than 20 octets must not be.
    private static string? SerialLength(LintedCertificate c) =>
        c.Certificate.Serial.Length is >= MinSerialOctets and <= MaxSerialOctets
            ? null
            : $"The serial number has {c.Certificate.Serial.Length} octets, not {MinSerialOctets} to {MaxSerialOctets}.";

    private static string? AlgorithmsDiffer(LintedCertificate c) =>
        c.Certificate.InnerAlgorithm.Span.SequenceEqual(c.Certificate.Parts.AlgorithmIdentifier.Span)
            ? null
            : "The algorithm inside what is signed is not byte for byte the one outside.";

    private static string? AlgorithmNotPermitted(LintedCertificate c) =>
        AlgorithmFault(c.Certificate.InnerAlgorithm.Span, c.Issuer?.PublicKey.Der ?? c.Certificate.SubjectPublicKeyInfo);

    /// <summary>What is wrong with an issuer's signature algorithm, given the issuer's SubjectPublicKeyInfo.</summary>
    internal static string? AlgorithmFault(ReadOnlySpan<byte> algorithm, ReadOnlyMemory<byte> issuerKey)
    {
        var body = new AsnReader(issuerKey, AsnEncodingRules.DER).ReadSequence();
        var permitted = Convert.ToHexString(body.ReadEncodedValue().Span) switch
        {
            RsaKey => IsAmong(algorithm, s_rsaSignatures),
            P256Key => algorithm.SequenceEqual(s_ecdsaSha256),
            P384Key => algorithm.SequenceEqual(s_ecdsaSha384),
            P521Key => algorithm.SequenceEqual(s_ecdsaSha512),
            _ => false,
        };
        return permitted ? null : "The signature algorithm is not one that the issuer's key may sign with, encoded as it must be.";
    }

    private static string? IssuerDiffers(LintedCertificate c)
    {
        var subjectOfIssuer = c.Issuer?.SubjectDer ?? c.Certificate.Subject;
        return c.Certificate.Issuer.Span.SequenceEqual(subjectOfIssuer.Span) ? null : "The issuer is not byte for byte the subject of the issuing CA.";
    }

    private static string? ValidityEncoding(LintedCertificate c)
    {
        var period = new AsnReader(c.Certificate.Validity, AsnEncodingRules.DER).ReadSequence();
        return TimeFault(period.ReadEncodedValue().Span) ?? TimeFault(period.ReadEncodedValue().Span);
    }

    /// <summary>What is wrong with the encoding of a Time.</summary>
    internal static string? TimeFault(ReadOnlySpan<byte> time)
    {
        if (time[0] == 0x17)
            return null;
        if (time[0] != 0x18)
            return "A time is neither UTCTime nor GeneralizedTime.";
        return time[2..].SequenceCompareTo("2050"u8) < 0 ? "A time before 2050 is a GeneralizedTime." : null;
    }

    // Not a rule by itself: but path validation takes both periods, so a certificate outside its issuer's is dead there.
    private static string? OutsideIssuer(LintedCertificate c) =>
        c.Issuer is { } issuer && (c.Certificate.NotBefore < issuer.NotBefore || c.Certificate.NotAfter > issuer.NotAfter)
            ? "The validity is not within the issuer's."
            : null;

    private static string? PublicKeyAlgorithm(LintedCertificate c)
    {
        var body = new AsnReader(c.Certificate.SubjectPublicKeyInfo, AsnEncodingRules.DER).ReadSequence();
        return IsAmong(body.ReadEncodedValue().Span, s_keyAlgorithms)
            ? null
            : "The public key's algorithm is not RSA, P-256, P-384 or P-521, encoded as it must be.";
    }

    private static string? ExtensionRepeated(LintedCertificate c)
    {
        var extensions = c.Certificate.Extensions;
        for (var i = 1; i < extensions.Count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                if (extensions[i].Oid == extensions[j].Oid)
                    return $"The extension {extensions[i].Oid} is there twice.";
            }
        }
        return null;
    }

    private static string? DefaultEncoded(LintedCertificate c)
    {
        foreach (var extension in c.Certificate.Extensions)
        {
            if (extension.CriticalIsEncoded && !extension.Critical)
                return $"The extension {extension.Oid} says critical FALSE, which is the default.";
        }
        return null;
    }

    private static bool IsAmong(ReadOnlySpan<byte> value, byte[][] permitted)
    {
        foreach (var one in permitted)
        {
            if (value.SequenceEqual(one))
                return true;
        }
        return false;
    }
}
