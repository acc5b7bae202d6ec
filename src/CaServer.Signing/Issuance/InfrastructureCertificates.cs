using CaServer.Domain;
using CaServer.Pki.X509;

namespace CaServer.Signing;

/// <summary>
/// Issues the server's own TLS certificate. There is no ACME account behind it; its evidence is the operator's configuration.
/// It goes the same way to the token as a subscriber's: prepare → lint → record → sign → verify → store.
/// </summary>
public sealed class InfrastructureCertificates
{
    /// <summary>Longest validity: this key lies in a file and is renewed without anybody's doing.</summary>
    public static readonly TimeSpan MaxValidity = TimeSpan.FromDays(90);

    private readonly IssuingCa _issuer;
    private readonly StatusUrls _urls;
    private readonly CertificateProfile _profile;
    private readonly IReadOnlyList<Identifier> _hosts;
    private readonly RecordedSigning _signing;

    /// <summary>Creates it for the hosts that the configuration names.</summary>
    /// <param name="hosts">The hosts of the server's public URL, at least one and none twice.</param>
    /// <param name="profile">A profile of its own, so that such certificates are told apart.</param>
    /// <param name="issuer">The issuing CA.</param>
    /// <param name="urls">The status URLs that go into certificates.</param>
    /// <param name="journal">Where it writes what it does.</param>
    /// <exception cref="ArgumentException">There are no hosts, or the profile is valid for too long.</exception>
    public InfrastructureCertificates(IReadOnlyList<Identifier> hosts, CertificateProfile profile, IssuingCa issuer, StatusUrls urls, IIssuanceJournal journal)
    {
        if (hosts.Count == 0 || hosts.Distinct().Count() != hosts.Count)
            throw new ArgumentException("The server needs at least one host name, and none twice.", nameof(hosts));
        if (profile.Validity > MaxValidity)
            throw new ArgumentException($"The server's own certificate may be valid for at most {MaxValidity.TotalDays} days.", nameof(profile));
        _hosts = hosts;
        _profile = profile;
        _issuer = issuer;
        _urls = urls;
        _signing = new RecordedSigning(journal);
    }

    /// <summary>Issues a certificate.</summary>
    /// <param name="csr">DER PKCS#10 for exactly the configured hosts, signed by the server's TLS key.</param>
    /// <param name="now">The time of issuance.</param>
    /// <param name="cancellationToken">Gives up before anything is recorded.</param>
    /// <returns>The certificate, or a refusal, which has no log leaf: the operator is told at once.</returns>
    public async Task<IssuanceResult> IssueAsync(byte[] csr, DateTimeOffset now, CancellationToken cancellationToken)
    {
        PreparedCertificate prepared;
        try
        {
            var request = VerifiedRequest.FromConfiguration(csr, _hosts, _profile);
            prepared = PreparedCertificate.Prepare(request, _issuer, _urls, now);
        }
        catch (RefusedException e)
        {
            return new IssuanceResult.Refused(e.Reason, e.Message, LogLeaf: null);
        }
        return await _signing.FinishAsync(prepared, LogLeaf.Infrastructure, now, cancellationToken);
    }
}
