using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CaServer.Domain;
using CaServer.Pki.X509;
using CaServer.Signing;

namespace CaServer.TestKit.Evidence;

/// <summary>A CA with real software keys, made by a real ceremony, its perspectives and its journal; all of it a test's own.</summary>
public sealed class SigningWorld
{
    /// <summary>The time at which everything happens unless a test says otherwise.</summary>
    public static readonly DateTimeOffset Now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    private readonly Dictionary<string, ECDsa> _perspectives = new(StringComparer.Ordinal);

    public SigningWorld(params string[] perspectives) : this(NewKey(ECCurve.NamedCurves.nistP384), NewKey(ECCurve.NamedCurves.nistP256), perspectives)
    {
    }

    /// <summary>A world whose CA keys are given: a P-384 root and a P-256 issuing CA.</summary>
    public SigningWorld(X509SignatureGenerator rootKey, X509SignatureGenerator issuingKeyGenerator, params string[] perspectives)
    {
        foreach (var name in perspectives.Length == 0 ? ["alpha"] : perspectives)
            _perspectives.Add(name, ECDsa.Create(ECCurve.NamedCurves.nistP256));
        FirstPerspective = _perspectives.Keys.First();
        Urls = new AcmeUrls(new Uri("https://ca.example.net:8443"), new PublicIds(new byte[PublicIds.KeyLength]));
        RootKey = new ObservedKey(rootKey);
        IssuingKey = new ObservedKey(issuingKeyGenerator);
        var issuingKey = new SigningKey(IssuingKey, HashAlgorithmName.SHA256);
        Ceremony = CaServer.Signing.Ceremony.Perform(Plan, new SigningKey(RootKey, HashAlgorithmName.SHA384), issuingKey, Now.AddDays(-30));
        Issuer = new IssuingCa(Plan.IssuingName, IssuerCertificate.Parse(Ceremony.IssuingCertificate), issuingKey);
        Settings = new SigningSettings
        {
            Urls = Urls,
            Names = new NamePolicy(PolicyPreset.Private, [Identifier.Dns("example.net"), Identifier.Ip("192.0.2.7")]),
            Quorum = QuorumPolicy.AtLeast(1),
            Perspectives = _perspectives,
            Profiles = new Dictionary<string, CertificateProfile>
            {
                ["dv"] = new("dv", CertificateProfileOptions.Dv(), PolicyPreset.Private),
                ["shortlived"] = new("shortlived", CertificateProfileOptions.ShortLived(), PolicyPreset.Private),
            },
            Issuer = Issuer,
            StatusUrls = StatusUrls,
            Preset = PolicyPreset.Private,
            MaxStatementAge = TimeSpan.FromDays(30),
            Caa = CaaPolicy.Respect,
            MaxCaaAge = TimeSpan.FromHours(7),
        };
    }

    public static StatusUrls StatusUrls { get; } = new(new Uri("http://status.example.net"));

    public static CeremonyPlan Plan { get; } = new()
    {
        RootName = "root",
        RootSubject = new CaSubject("CH", "Example", "Example Root"),
        IssuingName = "issuing",
        IssuingSubject = new CaSubject("CH", "Example", "Example Issuing CA"),
        StatusUrls = StatusUrls,
        Preset = PolicyPreset.Private,
    };

    public AcmeUrls Urls { get; }

    public ObservedKey RootKey { get; }

    public ObservedKey IssuingKey { get; }

    public CeremonyResult Ceremony { get; }

    public IssuingCa Issuer { get; }

    public RecordingJournal Journal { get; } = new();

    /// <summary>The settings of <see cref="Core"/>; a test replaces them before it asks for the core.</summary>
    public SigningSettings Settings { get; set; }

    public SigningCore Core => new(Settings, Journal);

    /// <summary>The perspective that states what a test leaves to nobody.</summary>
    public string FirstPerspective { get; }

    /// <summary>A perspective's key, private half included.</summary>
    public ECDsa PerspectiveKey(string name) => _perspectives[name];

    /// <summary>Evidence that is good in every respect.</summary>
    public EvidenceBuilder Evidence() => new(this);

    /// <summary>A world under webpki, with a primary perspective and five remote ones, two of them elsewhere.</summary>
    public static SigningWorld WebPki()
    {
        var world = new SigningWorld("primary", "r1", "r2", "r3", "r4", "r5");
        var remotes = new Dictionary<string, RemotePlace>
        {
            ["r1"] = new(InternetRegistry.RipeNcc, null),
            ["r2"] = new(InternetRegistry.RipeNcc, null),
            ["r3"] = new(InternetRegistry.RipeNcc, null),
            ["r4"] = new(InternetRegistry.Arin, null),
            ["r5"] = new(InternetRegistry.Apnic, null),
        };
        world.Settings = world.Settings with
        {
            Preset = PolicyPreset.WebPki,
            Caa = CaaPolicy.Require,
            Quorum = QuorumPolicy.Corroborated("primary", remotes),
            Names = new NamePolicy(PolicyPreset.WebPki, []),
            Profiles = new Dictionary<string, CertificateProfile> { ["dv"] = new("dv", CertificateProfileOptions.Dv(), PolicyPreset.WebPki) },
        };
        return world;
    }

    private static X509SignatureGenerator NewKey(ECCurve curve) => X509SignatureGenerator.CreateForECDsa(ECDsa.Create(curve));
}
