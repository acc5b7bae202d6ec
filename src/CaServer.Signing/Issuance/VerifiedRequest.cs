using CaServer.Domain;
using CaServer.Pki.X509;

namespace CaServer.Signing;

/// <summary>
/// A request that the evidence justifies. Only the checks in this file can make one, and only one of these can be prepared for
/// signing; so there is no way from a request to a signature around the checks.
/// </summary>
internal sealed class VerifiedRequest
{
    private const int EvidenceVersion = 1;

    private VerifiedRequest()
    {
    }

    internal required CertificateProfile Profile { get; init; }

    internal required SubjectPublicKey Key { get; init; }

    internal required IReadOnlyList<Identifier> Names { get; init; }

    /// <summary>The evidence as it is stored.</summary>
    internal required byte[] Evidence { get; init; }

    internal required long? Order { get; init; }

    internal required long? Account { get; init; }

    internal required byte[]? FinalizeJws { get; init; }

    /// <summary>Checks the evidence for a subscriber's certificate. It is the same for an issuance and for an audit years later.</summary>
    /// <param name="evidence">The evidence; nothing in it is believed.</param>
    /// <param name="settings">What the operator configured.</param>
    /// <param name="histories">Key histories that were verified before.</param>
    /// <param name="at">The time of issuance.</param>
    /// <exception cref="RefusedException">The evidence does not justify the certificate.</exception>
    internal static VerifiedRequest FromEvidence(EvidenceBundle evidence, SigningSettings settings, KeyHistoryCache histories, DateTimeOffset at)
    {
        CheckLayout(evidence, settings.Urls);
        var profile = Find(settings.Profiles, evidence.Profile);
        var names = RequestedNames.Read(evidence, settings.Names);
        var keys = histories.Verify(evidence.KeyHistory, evidence.AccountUrl);

        var csr = ReadCsr(FinalizeRequest.Csr(evidence, keys));
        RequestedNames.CheckSame(names, csr.Names);
        // RFC 8555 §11.1: a key that signs requests must not be certified, or a signature for one purpose serves the other.
        if (keys.HasKey(csr.PublicKey.Der.Span))
            throw new RefusedException(RefusalReason.CsrHasAccountKey, "The CSR's key is a key of the account; make a key of its own for the certificate.");
        CheckKey(csr.PublicKey, profile);

        ControlProof.Check(evidence, names, keys, settings, at);
        return new VerifiedRequest
        {
            Profile = profile,
            Key = csr.PublicKey,
            Names = names,
            Evidence = evidence.Encode(),
            Order = evidence.Order,
            Account = evidence.Account,
            FinalizeJws = evidence.FinalizeJws,
        };
    }

    /// <summary>Checks a request for the server's own TLS certificate, which the operator's configuration justifies.</summary>
    /// <param name="csr">The request, DER PKCS#10, signed by the server's TLS key.</param>
    /// <param name="hosts">The hosts that the configuration names.</param>
    /// <param name="profile">The profile for such certificates.</param>
    /// <exception cref="RefusedException">The configuration does not justify the certificate.</exception>
    internal static VerifiedRequest FromConfiguration(byte[] csr, IReadOnlyList<Identifier> hosts, CertificateProfile profile)
    {
        var request = ReadCsr(csr);
        RequestedNames.CheckSame(hosts, request.Names);
        CheckKey(request.PublicKey, profile);
        return new VerifiedRequest
        {
            Profile = profile,
            Key = request.PublicKey,
            Names = hosts,
            Evidence = OperatorEvidence.Of(hosts, csr).Encode(),
            Order = null,
            Account = null,
            FinalizeJws = null,
        };
    }

    // The URLs are what the subscriber's signatures name and the ids are what our records name. They must be the same thing.
    private static void CheckLayout(EvidenceBundle evidence, AcmeUrls urls)
    {
        if (evidence.Version != EvidenceVersion)
            throw new RefusedException(RefusalReason.EvidenceMalformed, $"The evidence has the layout {evidence.Version}; this server reads {EvidenceVersion}.");
        if (evidence.AccountUrl != urls.Account(new AccountId(evidence.Account)))
            throw new RefusedException(RefusalReason.ForeignUrl, $"The evidence's account URL is not that of the account {evidence.Account}.");
        if (evidence.FinalizeUrl != urls.Finalize(new OrderId(evidence.Order)))
            throw new RefusedException(RefusalReason.ForeignUrl, $"The evidence's finalize URL is not that of the order {evidence.Order}.");
    }

    private static CertificateProfile Find(IReadOnlyDictionary<string, CertificateProfile> profiles, string name) =>
        profiles.TryGetValue(name, out var profile)
            ? profile
            : throw new RefusedException(RefusalReason.ProfileUnknown, "The profile ordered is not one that this CA issues.");

    private static CertificateSigningRequest ReadCsr(byte[] der) =>
        CertificateSigningRequest.TryParse(der, out var csr, out var fault)
            ? csr
            : throw new RefusedException(RefusalReason.CsrUnusable, fault);

    private static void CheckKey(SubjectPublicKey key, CertificateProfile profile)
    {
        if (KeyChecks.Fault(key, profile.Keys) is { } fault)
            throw new RefusedException(RefusalReason.KeyNotAllowed, fault);
    }
}
