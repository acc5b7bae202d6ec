using CaServer.Domain;

namespace CaServer.Signing;

/// <summary>
/// Issues certificates from evidence and from nothing else. It knows neither HTTP nor a database; what it trusts is its
/// settings, the keys of the perspectives, and the token.
/// </summary>
public sealed class SigningCore
{
    private readonly SigningSettings _settings;
    private readonly KeyHistoryCache _histories;
    private readonly RecordedSigning _signing;

    /// <summary>Creates a core.</summary>
    /// <param name="settings">What the operator configured.</param>
    /// <param name="journal">Where it writes what it does.</param>
    /// <exception cref="ArgumentException">The settings could never work; the message has every fault.</exception>
    public SigningCore(SigningSettings settings, IIssuanceJournal journal)
    {
        if (settings.Faults() is { Count: > 0 } faults)
            throw new ArgumentException(string.Join(" ", faults), nameof(settings));
        _settings = settings;
        _histories = new KeyHistoryCache(settings.Urls);
        _signing = new RecordedSigning(journal);
    }

    /// <summary>
    /// Checks the evidence, prepares, lints, records, signs, verifies and stores. The token is observed until the record is
    /// written; from then on the work is finished, so that as few records as possible are left without a certificate.
    /// </summary>
    /// <param name="evidence">Why the certificate should exist; nothing in it is believed.</param>
    /// <param name="now">The time of issuance.</param>
    /// <param name="cancellationToken">Gives up before anything is recorded.</param>
    /// <returns>
    /// The certificate or a refusal. What the journal or the key's keeper throws goes through; then the order may be tried
    /// again, unless the journal says that the certificate was stored after all.
    /// </returns>
    public async Task<IssuanceResult> IssueAsync(EvidenceBundle evidence, DateTimeOffset now, CancellationToken cancellationToken)
    {
        PreparedCertificate prepared;
        try
        {
            var request = VerifiedRequest.FromEvidence(evidence, _settings, _histories, now);
            prepared = PreparedCertificate.Prepare(request, _settings.Issuer, _settings.StatusUrls, now);
        }
        catch (RefusedException e)
        {
            return new IssuanceResult.Refused(e.Reason, e.Message, LogLeaf.Refused(evidence, e.Reason, e.Message, now));
        }
        return await _signing.FinishAsync(prepared, LogLeaf.Issued, now, cancellationToken);
    }
}
