using System.Buffers.Text;
using System.Text;
using CaServer.Acme;
using CaServer.Domain;
using CaServer.Pki.Jose;

namespace CaServer.Fuzz;

/// <summary>The payload of each request that has one.</summary>
internal static class RequestTargets
{
    private const byte DerSequence = 0x30;

    private static readonly FrontEndSettings s_private = Requests.Settings(PolicyPreset.Private);
    private static readonly FrontEndSettings s_webPki = Requests.Settings(PolicyPreset.WebPki);

    // Who may have a domain proved with all names below it, and who may not.
    private static readonly (FrontEndSettings Settings, EabKey? Limits)[] s_domainOwners =
    [
        (s_private with { SubdomainAuthorizations = true }, null),
        (s_private with { SubdomainAuthorizations = true }, Requests.LimitedTo("example.com")),
        (s_webPki with { SubdomainAuthorizations = true, Names = new NamePolicy(PolicyPreset.WebPki, [], PublicSuffixList.Parse(["// ===BEGIN ICANN DOMAINS===", "com", "uk", "co.uk"])) }, null),
        (s_webPki, null),
    ];

    /// <summary>newAccount with an external account binding, changes of accounts and of authorizations, answers to challenges.</summary>
    internal static void Account(byte[] input)
    {
        OfPayload(input, Requests.Urls.NewAccount, payload => NewAccountEndpoint.Read(payload));
        OfPayload(input, Requests.AccountUrl, payload => AccountEndpoint.Read(payload));
        OfPayload(input, Requests.Base + "/acme/authorization/x", AuthorizationEndpoint.RequireDeactivation);
        OfPayload(input, Requests.Urls.NewAccount, payload =>
        {
            if (payload.TryGetProperty("externalAccountBinding", out var binding))
                FuzzTarget.Require(!ExternalBindingJws.Parse(binding, Requests.Urls.NewAccount, Requests.Public.Jwk).Verifies("other key"u8), "a binding verifies with any key");
        });
    }

    /// <summary>newOrder under both presets; the octets as the identifier of a certificate too.</summary>
    internal static void Order(byte[] input)
    {
        OfPayload(input, Requests.Urls.NewOrder, payload => NewOrderEndpoint.Read(payload, s_private, null));
        OfPayload(input, Requests.Urls.NewOrder, payload =>
        {
            NewOrderEndpoint.Read(payload, s_webPki, null);
            CertificateIdentifier.TryRead(Payload.String(payload, "replaces"), out _);
        });
        if (CertificateIdentifier.TryRead(Encoding.Latin1.GetString(input), out var identifier))
            FuzzTarget.Require(identifier.ToString() == Encoding.Latin1.GetString(input), "two texts name one certificate");
    }

    /// <summary>newAuthz, and newOrder, where a domain may be proved with all names below it (RFC 9444).</summary>
    internal static void Authorization(byte[] input)
    {
        foreach (var (settings, limits) in s_domainOwners)
        {
            OfPayload(input, Requests.Base + "/acme/new-authz", payload =>
            {
                var wanted = RequestedIdentifier.ReadForAuthorization(payload, settings, limits);
                FuzzTarget.Require(!wanted.Identifier.IsWildcard, "a wildcard is authorized ahead of an order");
                FuzzTarget.Require(wanted.Domain is null || wanted.Domain == wanted.Identifier, "another domain than the one asked for is authorized");
                RequireAllowed(wanted, settings, limits);
            });
            OfPayload(input, Requests.Urls.NewOrder, payload => NewOrderEndpoint.Read(payload, settings, limits).Names.ForEach(n => RequireAllowed(n, settings, limits)));
        }
    }

    /// <summary>finalize; octets that begin like DER are its CSR.</summary>
    internal static void Finalize(byte[] input) => FuzzTarget.Refusable(() => FinalizeEndpoint.RequireGoodCsr(
        Requests.OfAccount(Wrapped(input, "csr"), Requests.Urls.Finalize(Requests.Order.Id)), Requests.Public, Requests.Order, s_webPki));

    /// <summary>revokeCert; octets that begin like DER are its certificate.</summary>
    internal static void Revoke(byte[] input) =>
        OfPayload(Wrapped(input, "certificate"), Requests.Urls.RevokeCert, payload => RevokeCertEndpoint.Read(payload));

    /// <summary>keyChange: the octets as the inner request, and as the payload of one that is signed well.</summary>
    internal static void KeyChange(byte[] input)
    {
        FuzzTarget.Refusable(() => Read(input));
        var header = $$"""{"alg":"ES256","jwk":{{Requests.NextKey.Jwk}},"url":"{{Requests.Urls.KeyChange}}"}""";
        FuzzTarget.Refusable(() => Read(Encoding.UTF8.GetBytes(Requests.NextKey.Jws(header, input))));

        static void Read(byte[] inner)
        {
            using var next = KeyChangeEndpoint.ReadNextKey(Requests.OfAccount(inner, Requests.Urls.KeyChange), Requests.Public);
            FuzzTarget.Require(next.Thumbprint != Requests.Key.Thumbprint, "the new key is the old one");
        }
    }

    private static void RequireAllowed(RequestedIdentifier wanted, FrontEndSettings settings, EabKey? limits)
    {
        var (identifier, domain) = wanted;
        FuzzTarget.Require(
            Identifier.TryParse(identifier.Type, identifier.ToString(), out var same, out _) && same == identifier, "a name is not in canonical form");
        RequireCertified(identifier);
        if (domain is null)
            return;
        FuzzTarget.Require(settings.SubdomainAuthorizations, "a domain is to be proved with all names below it where that is off");
        FuzzTarget.Require(domain == identifier || identifier.IsBelow(domain), "a name is to be proved by a domain that it does not lie in");
        RequireCertified(domain);
        RequireCertified(domain.WithWildcard());

        void RequireCertified(Identifier name) =>
            FuzzTarget.Require(settings.Names.Refusal(name) is null && limits?.Allows(name) != false, "a name is accepted that policy or key forbid");
    }

    private static void OfPayload(byte[] payload, string url, Action<System.Text.Json.JsonElement> read) => FuzzTarget.Refusable(() =>
    {
        using var document = Payload.Parse(Requests.OfAccount(payload, url));
        read(document.RootElement);
    });

    private static byte[] Wrapped(byte[] input, string member) => input is [DerSequence, ..]
        ? Encoding.ASCII.GetBytes($$"""{"{{member}}":"{{Base64Url.EncodeToString(input)}}"}""")
        : input;
}
