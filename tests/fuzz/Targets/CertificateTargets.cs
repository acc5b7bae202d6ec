using CaServer.Domain;
using CaServer.Pki.X509;

namespace CaServer.Fuzz;

/// <summary>DER that strangers send, and the lints, which read all DER that we sign.</summary>
internal static class CertificateTargets
{
    private static readonly DateTimeOffset s_now = FixedCa.Now;
    private static readonly CertificateProfile s_profile = new("dv", CertificateProfileOptions.Dv(), PolicyPreset.WebPki);

    /// <summary>The octets as a CSR, and as the key in one.</summary>
    internal static void Request(byte[] input)
    {
        if (CertificateSigningRequest.TryParse(input, out var csr, out var fault))
        {
            FuzzTarget.Require(csr.Names.Count > 0 && csr.Names.Distinct().Count() == csr.Names.Count, "names are missing or twice there");
            CheckKey(csr.PublicKey);
        }
        else
        {
            FuzzTarget.Sentence(fault);
        }
        // The checks of keys come after the signature, which the fuzzer cannot make.
        if (SubjectPublicKey.TryRead(input, out var key, out fault))
            CheckKey(key);
        else
            FuzzTarget.Sentence(fault);
    }

    /// <summary>The octets as a certificate of each kind, as a CRL and as an OCSP response.</summary>
    internal static void Lint(byte[] input)
    {
        Show(CertificateLint.Check(input, FixedCa.Certificate, s_profile, s_now));
        Show(CertificateLint.CheckResponder(input, FixedCa.Certificate, PolicyPreset.WebPki, s_now));
        Show(CertificateLint.CheckRoot(input, PolicyPreset.WebPki, s_now));
        Show(CertificateLint.CheckIssuing(input, FixedCa.Certificate, PolicyPreset.WebPki, s_now));
        Show(RevocationListLint.Check(input, FixedCa.Certificate, coversCaCertificates: false, "http://status.example/crl/issuing/0.crl"));
        Show(OcspResponseLint.Check(input, FixedCa.Decoded, FixedCa.Certificate));
    }

    private static void CheckKey(SubjectPublicKey key)
    {
        if (KeyChecks.Fault(key, KeyPolicy.Default) is { } weakness)
            FuzzTarget.Sentence(weakness);
        key.Verifies("octets"u8, SignatureAlgorithm.OfIssuer(key.Kind), new byte[64]);
    }

    private static void Show(IReadOnlyList<LintFinding> findings)
    {
        foreach (var finding in findings)
            FuzzTarget.Require(finding.Rule.Length > 0 && finding.Detail.Length > 0, "a finding says nothing");
    }
}
