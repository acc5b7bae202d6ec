using CaServer.Domain;
using CaServer.Pki.X509;

namespace CaServer.Acme;

/// <summary>What the front end needs to know of the configuration; validated before it is made.</summary>
internal sealed record FrontEndSettings
{
    /// <summary>Stands for every origin.</summary>
    public const string AnyOrigin = "*";

    /// <summary>URLs of the resources.</summary>
    public required AcmeUrls Urls { get; init; }

    /// <summary>Which names may be ordered.</summary>
    public required NamePolicy Names { get; init; }

    /// <summary>The profiles that may be ordered, by name.</summary>
    public required IReadOnlyDictionary<string, CertificateProfile> Profiles { get; init; }

    /// <summary>The profile of an order that names none.</summary>
    public string DefaultProfile { get; init; } = "dv";

    /// <summary>The host names that CAA records may name to permit this CA (RFC 8659 §4.2), for the directory.</summary>
    public required IReadOnlyList<string> CaaIdentities { get; init; }

    /// <summary>How much the CA is bound by CAA.</summary>
    public CaaPolicy Caa { get; init; } = CaaPolicy.Require;

    /// <summary>The validation methods offered.</summary>
    public required OfferedMethods Offered { get; init; }

    /// <summary>Whether one authorization may be for all names below a domain (RFC 9444).</summary>
    public bool SubdomainAuthorizations { get; init; }

    /// <summary>The same, if there is a method that proves names below.</summary>
    public bool OffersSubdomains => SubdomainAuthorizations && Offered.Methods.Any(m => MethodRule.Of(m).MayServeNamesBelow);

    /// <summary>Whether a new account needs an external account binding (RFC 8555 §7.3.4).</summary>
    public bool ExternalAccountRequired { get; init; }

    /// <summary>Most identifiers in one order.</summary>
    public required int MaxIdentifiers { get; init; }

    /// <summary>The origins whose pages may speak to the server from a browser, or <see cref="AnyOrigin"/> alone; empty: none.</summary>
    public required IReadOnlyList<string> CorsOrigins { get; init; }

    /// <summary>How long an order may take from newOrder to finalize.</summary>
    public required TimeSpan OrderLifetime { get; init; }

    /// <summary>How long finalize waits for the certificate before it answers <c>processing</c>.</summary>
    public required TimeSpan FinalizeWait { get; init; }

    /// <summary>How long the answer to a challenge waits for the check's outcome before it says <c>processing</c>.</summary>
    public TimeSpan ChallengeWait { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The subject key identifier of the issuing CA, by which renewal information knows its certificates.</summary>
    public required byte[] IssuerKeyIdentifier { get; init; }

    /// <summary>
    /// The chains that may follow the leaf in a download, each PEM. The first is the one that clients get who do not choose: the
    /// issuing CA, not the root. The others are alternates (RFC 8555 §7.4.2).
    /// </summary>
    public required IReadOnlyList<string> ChainsPem { get; init; }
}
