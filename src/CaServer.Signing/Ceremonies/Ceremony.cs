using CaServer.Domain;
using CaServer.Pki.X509;

namespace CaServer.Signing;

/// <summary>
/// The root ceremony: a root that signs itself, the issuing CA and its first CRL, and is not needed again until that CRL ends.
/// It runs by a deliberate command of the operator (BR §4.3.1.1), so its results are returned, not journalled: the caller
/// writes all of them or starts again.
/// </summary>
public static class Ceremony
{
    /// <summary>The start of validity lies this long before signing (BR §7.1.2.1.1, §7.1.2.10.1 allow a day).</summary>
    public static readonly TimeSpan Backdate = TimeSpan.FromHours(1);

    /// <summary>Performs the ceremony.</summary>
    /// <param name="plan">What to make.</param>
    /// <param name="rootKey">The root's key; used in here and never again.</param>
    /// <param name="issuingKey">The issuing CA's key, of which only the public half is used.</param>
    /// <param name="now">The time of signing.</param>
    /// <exception cref="ArgumentException">Both keys are the same, or the issuing CA would outlive the root.</exception>
    /// <exception cref="RefusedException">The linter found a fault, or a signature does not verify.</exception>
    public static CeremonyResult Perform(CeremonyPlan plan, SigningKey rootKey, SigningKey issuingKey, DateTimeOffset now)
    {
        if (rootKey.PublicKey.IsSameAs(issuingKey.PublicKey))
            throw new ArgumentException("The root and the issuing CA must have different keys.", nameof(issuingKey));
        if (plan.IssuingValidity > plan.RootValidity)
            throw new ArgumentException("The issuing CA must not outlive the root.", nameof(plan));

        var throwAway = rootKey.NewThrowAway();
        var rootSerial = SerialNumber.Generate();
        var rootDer = SignRoot(plan, rootKey, throwAway, rootSerial, now);
        using var root = IssuerCertificate.Parse(rootDer);

        var issuingSerial = SerialNumber.Generate();
        var issuingDer = SignIssuing(plan, root, rootKey, throwAway, issuingKey.PublicKey, issuingSerial, now);
        var crl = new CrlSigner(new IssuingCa(plan.RootName, root, rootKey), CrlScope.CaCertificates).Sign(new RevocationListContents
        {
            Number = 1,
            ThisUpdate = WholeSecond(now),
            NextUpdate = WholeSecond(now) + plan.RootCrlValidity,
        });
        return new CeremonyResult
        {
            RootCertificate = rootDer,
            IssuingCertificate = issuingDer,
            RootCrl = crl,
            LogLeaves =
            [
                LogLeaf.Ceremony(plan.RootName, plan.RootName, rootSerial, rootDer, now),
                LogLeaf.Ceremony(plan.RootName, plan.IssuingName, issuingSerial, issuingDer, now),
            ],
        };
    }

    private static byte[] SignRoot(CeremonyPlan plan, SigningKey key, SigningKey throwAway, SerialNumber serial, DateTimeOffset now)
    {
        var period = ValidityPeriod.From(now - Backdate, plan.RootValidity);
        var tbs = CaCertificate.EncodeRootTbs(
            new RootContents { Subject = plan.RootSubject, Key = key.PublicKey, Serial = serial, NotBefore = period.NotBefore, NotAfter = period.NotAfter },
            key.AlgorithmIdentifier.Span);
        var linted = LintedObject.Require(tbs, throwAway, der => CertificateLint.CheckRoot(der, plan.Preset, now));
        // The root's own public key, as it stands in the certificate, must verify what its private half signs.
        using var self = IssuerCertificate.Parse(linted);
        return VerifiedSignature.Over(tbs, key, self);
    }

    private static byte[] SignIssuing(
        CeremonyPlan plan, IssuerCertificate root, SigningKey rootKey, SigningKey throwAway, SubjectPublicKey key, SerialNumber serial, DateTimeOffset now)
    {
        var period = ValidityPeriod.From(now - Backdate, plan.IssuingValidity);
        var tbs = CaCertificate.EncodeIssuingTbs(
            new IssuingContents
            {
                Subject = plan.IssuingSubject,
                Key = key,
                Serial = serial,
                NotBefore = period.NotBefore,
                NotAfter = period.NotAfter,
                CaIssuersUrl = plan.StatusUrls.Certificate(plan.RootName),
                CrlUrl = plan.StatusUrls.Crl(plan.RootName, shard: 0),
            },
            root,
            rootKey.AlgorithmIdentifier.Span);
        LintedObject.Require(tbs, throwAway, der => CertificateLint.CheckIssuing(der, root, plan.Preset, now));
        return VerifiedSignature.Over(tbs, rootKey, root);
    }

    private static DateTimeOffset WholeSecond(DateTimeOffset time) => DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds());
}
