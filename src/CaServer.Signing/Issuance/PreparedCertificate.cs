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
            Serial = serial,
            Issuer = issuer.Name,
            Profile = request.Profile.Name,
            NotBefore = period.NotBefore,
            NotAfter = period.NotAfter,
            Tbs = [.. tbs],
            Evidence = request.Evidence,
            Names = request.Names,
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
                CrlUrl = urls.Crl(issuer.Name, shard: 0),
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
