using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CaServer.Domain;
using CaServer.Pki.X509;

namespace CaServer.Tests.Pki.X509;

/// <summary>A root (P-384) and an issuing CA (P-256) whose keys lie in memory, made with the product's encoders.</summary>
internal sealed class TestCa
{
    internal const string CrlUrl = "http://status.example/crl/issuing/0.crl";
    internal const string CaIssuersUrl = "http://status.example/ca/issuing.der";
    internal const string RootCrlUrl = "http://status.example/crl/root/0.crl";
    internal const string RootUrl = "http://status.example/ca/root.der";

    private readonly ECDsa _rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP384);
    private readonly ECDsa _issuingKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    internal TestCa(DateTimeOffset now)
    {
        Now = now;
        RootContents = new RootContents
        {
            Subject = new CaSubject("CN", "Example Trust", "Example Root R1"),
            Key = TestKeys.Read(_rootKey),
            Serial = SerialNumber.Generate(),
            NotBefore = ValidityPeriod.From(now.AddHours(-2), CaCertificate.RootValidity).NotBefore,
            NotAfter = ValidityPeriod.From(now.AddHours(-2), CaCertificate.RootValidity).NotAfter,
        };
        RootDer = SignAsRoot(CaCertificate.EncodeRootTbs(RootContents, SignatureAlgorithm.OfIssuer(KeyKind.P384).Der.Span));
        Root = IssuerCertificate.Parse(RootDer);
        IssuingContents = new IssuingContents
        {
            Subject = new CaSubject("CN", "Example Trust", "Example TLS Issuing I1"),
            Key = TestKeys.Read(_issuingKey),
            Serial = SerialNumber.Generate(),
            NotBefore = RootContents.NotBefore,
            NotAfter = ValidityPeriod.From(RootContents.NotBefore, CaCertificate.IssuingValidity).NotAfter,
            CaIssuersUrl = RootUrl,
            CrlUrl = RootCrlUrl,
        };
        IssuingDer = SignAsRoot(CaCertificate.EncodeIssuingTbs(IssuingContents, Root, Root.SignatureAlgorithm.Der.Span));
        Issuer = IssuerCertificate.Parse(IssuingDer);
    }

    /// <summary>One for all tests that need no particular time; nothing in it changes.</summary>
    internal static TestCa Shared { get; } = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));

    internal DateTimeOffset Now { get; }

    internal RootContents RootContents { get; }

    internal IssuingContents IssuingContents { get; }

    internal byte[] RootDer { get; }

    internal byte[] IssuingDer { get; }

    internal IssuerCertificate Root { get; }

    internal IssuerCertificate Issuer { get; }

    internal static CertificateProfile Dv(Action<CertificateProfileOptions>? change = null, PolicyPreset preset = PolicyPreset.WebPki)
    {
        var options = CertificateProfileOptions.Dv();
        change?.Invoke(options);
        return new CertificateProfile("dv", options, preset);
    }

    internal LeafContents Contents(CertificateProfile? profile = null, SubjectPublicKey? key = null, params Identifier[] names)
    {
        profile ??= Dv();
        var period = profile.PeriodAt(Now, Issuer);
        return new LeafContents
        {
            Profile = profile,
            Key = key ?? TestKeys.P256,
            Names = names.Length > 0 ? names : [Identifier.Dns("www.example.com"), Identifier.Dns("*.example.com")],
            Serial = SerialNumber.Generate(),
            NotBefore = period.NotBefore,
            NotAfter = period.NotAfter,
            CaIssuersUrl = CaIssuersUrl,
            CrlUrl = CrlUrl,
        };
    }

    internal byte[] Leaf(LeafContents contents) =>
        SignAsIssuing(LeafCertificate.EncodeTbs(contents, Issuer, Issuer.SignatureAlgorithm.Der.Span));

    internal byte[] Crl(RevocationListContents contents) =>
        SignAsIssuing(RevocationList.EncodeTbs(contents, Issuer, Issuer.SignatureAlgorithm.Der.Span));

    internal byte[] RootCrl(RevocationListContents contents) =>
        SignAsRoot(RevocationList.EncodeTbs(contents, Root, Root.SignatureAlgorithm.Der.Span));

    internal byte[] SignAsRoot(byte[] tbs) => Sign(tbs, _rootKey, HashAlgorithmName.SHA384);

    internal byte[] SignAsIssuing(byte[] tbs) => Sign(tbs, _issuingKey, HashAlgorithmName.SHA256);

    private static byte[] Sign(byte[] tbs, ECDsa key, HashAlgorithmName hash)
    {
        var generator = X509SignatureGenerator.CreateForECDsa(key);
        return SignedObject.Encode(tbs, generator.GetSignatureAlgorithmIdentifier(hash), generator.SignData(tbs, hash));
    }
}
