using CaServer.Domain;
using CaServer.Pki.X509;

namespace CaServer.Signing;

/// <summary>
/// The right to sign one certificate, once. It comes only from <see cref="Prepare"/>, which needs a <see cref="VerifiedRequest"/>
/// and has linted exactly these octets; so what is unverified or unlinted cannot be signed, and nothing is signed twice.
/// </summary>
internal sealed class PreparedCertificate
{
    private readonly IssuingCa _issuer;
    private readonly byte[] _tbs;
    private int _signed;

    private PreparedCertificate(IssuingCa issuer, byte[] tbs, IssuanceRecord record)
    {
        _issuer = issuer;
        _tbs = tbs;
        Record = record;
    }

    /// <summary>What must be durable before <see cref="Sign"/>. It has copies: whoever keeps it cannot change what is signed.</summary>
    internal IssuanceRecord Record { get; }

    /// <summary>Builds the certificate and lints it under a throw-away signature.</summary>
    /// <exception cref="RefusedException">It would not lie within its issuer's validity, or the linter found a fault.</exception>
    internal static PreparedCertificate Prepare(VerifiedRequest request, IssuingCa issuer, StatusUrls urls, DateTimeOffset now)
    {
        var period = Validity.Of(request.Profile, issuer.Certificate, now);
        var serial = SerialNumber.Generate();
        var tbs = Encode(request, issuer, urls, serial, period);
        LintedObject.Require(tbs, issuer.LintKey, der => CertificateLint.Check(der, issuer.Certificate, request.Profile, now));
        var record = new IssuanceRecord
        {
            Order = request.Order,
            Account = request.Account,
            FinalizeJws = request.FinalizeJws,
            Serial = serial,
            Issuer = issuer.Name,
            Profile = request.Profile.Name,
            NotBefore = period.NotBefore,
            NotAfter = period.NotAfter,
            Tbs = [.. tbs],
            Evidence = request.Evidence,
            Names = request.Names,
            CrlShard = urls.ShardOf(serial),
        };
        return new PreparedCertificate(issuer, tbs, record);
    }

    /// <summary>
    /// Builds and lints the certificate of the issuer's OCSP responder. What justifies it is that whoever asks holds the
    /// responder's key, which shows by a signature.
    /// </summary>
    /// <exception cref="RefusedException">The key does not sign, it would not lie within its issuer's validity, or the linter found a fault.</exception>
    internal static PreparedCertificate PrepareResponder(
        CaSubject subject, SigningKey key, IssuingCa issuer, PolicyPreset preset, TimeSpan validity, DateTimeOffset now)
    {
        var begin = now - Ceremony.Backdate;
        var period = ValidityPeriod.From(begin < issuer.Certificate.NotBefore ? issuer.Certificate.NotBefore : begin, validity);
        if (period.NotAfter > issuer.Certificate.NotAfter)
            period = period with { NotAfter = issuer.Certificate.NotAfter };
        var serial = SerialNumber.Generate();
        var tbs = ResponderCertificate.EncodeTbs(
            new ResponderContents { Subject = subject, Key = key.PublicKey, Serial = serial, NotBefore = period.NotBefore, NotAfter = period.NotAfter },
            issuer.Certificate,
            issuer.Key.AlgorithmIdentifier.Span);
        if (!key.Holds(tbs))
            throw new RefusedException(RefusalReason.SignatureWrong, "The OCSP responder's key does not sign what its public half verifies; the operator must check the token.");
        LintedObject.Require(tbs, issuer.LintKey, der => CertificateLint.CheckResponder(der, issuer.Certificate, preset, now));
        var record = new IssuanceRecord
        {
            Order = null,
            Account = null,
            FinalizeJws = null,
            Serial = serial,
            Issuer = issuer.Name,
            Profile = ResponderCertificates.Profile,
            NotBefore = period.NotBefore,
            NotAfter = period.NotAfter,
            Tbs = [.. tbs],
            Evidence = ResponderEvidence.Of(key.PublicKey).Encode(),
            Names = [],
        };
        return new PreparedCertificate(issuer, tbs, record);
    }

    /// <summary>The to-be-signed certificate that a request justifies. An audit compares with it.</summary>
    internal static byte[] Encode(VerifiedRequest request, IssuingCa issuer, StatusUrls urls, SerialNumber serial, ValidityPeriod period) =>
        LeafCertificate.EncodeTbs(
            new LeafContents
            {
                Profile = request.Profile,
                Key = request.Key,
                Names = request.Names,
                Serial = serial,
                NotBefore = period.NotBefore,
                NotAfter = period.NotAfter,
                CaIssuersUrl = urls.Certificate(issuer.Name),
                CrlUrl = urls.Crl(issuer.Name, urls.ShardOf(serial)),
                OcspUrl = urls.Ocsp(issuer.Name),
            },
            issuer.Certificate,
            issuer.Key.AlgorithmIdentifier.Span);

    /// <summary>Signs with the issuer's key and verifies the signature with its public key.</summary>
    /// <exception cref="InvalidOperationException">It was signed, or tried to be, before.</exception>
    /// <exception cref="RefusedException"><see cref="RefusalReason.SignatureWrong"/>.</exception>
    internal byte[] Sign()
    {
        if (Interlocked.Exchange(ref _signed, 1) != 0)
            throw new InvalidOperationException($"The certificate {Record.Serial} was signed before; a prepared certificate is signed once.");
        return VerifiedSignature.Over(_tbs, _issuer.Key, _issuer.Certificate);
    }
}
