using CaServer.Pki.X509;

namespace CaServer.Acme;

/// <summary>The directory (RFC 8555 §7.1.1).</summary>
internal static class DirectoryEndpoint
{
    public static IResult Get(FrontEndSettings settings) => AcmeJson.Answer(
        new DirectoryResource
        {
            NewNonce = settings.Urls.NewNonce,
            NewAccount = settings.Urls.NewAccount,
            NewOrder = settings.Urls.NewOrder,
            NewAuthz = settings.Urls.NewAuthz,
            RevokeCert = settings.Urls.RevokeCert,
            KeyChange = settings.Urls.KeyChange,
            RenewalInfo = settings.Urls.RenewalInfo,
            Meta = new DirectoryMeta
            {
                TermsOfService = settings.Urls.Terms,
                Website = settings.Urls.At("/"),
                CaaIdentities = settings.CaaIdentities,
                ExternalAccountRequired = settings.ExternalAccountRequired,
                // RFC 9444 §4.4.
                SubdomainAuthAllowed = settings.OffersSubdomains ? true : null,
                // draft-ietf-acme-dns-persist-02 §3.2, §4.1: so that a record can be published before anything is ordered.
                IssuerDomainNames = settings.Offered.HasPersistent ? settings.Offered.IssuerNames : null,
                AccountHashPrefix = settings.Offered.HasPersistent ? settings.Urls.AccountHashPrefix : null,
                Profiles = settings.Profiles.ToDictionary(p => p.Key, p => Describe(p.Value)),
            },
        },
        AcmeJson.Default.DirectoryResource);

    public static IResult Post(SignedRequest request, FrontEndSettings settings)
    {
        request.RequirePostAsGet();
        return Get(settings);
    }

    private static string Describe(CertificateProfile profile) =>
        (profile.Validity >= TimeSpan.FromDays(2)
            ? $"Domain validated, valid for {Math.Floor(profile.Validity.TotalDays)} days"
            : $"Domain validated, valid for {Math.Floor(profile.Validity.TotalHours)} hours")
        + (profile.ExternalAccountRequired ? ", for accounts with an external account binding" : "");
}
