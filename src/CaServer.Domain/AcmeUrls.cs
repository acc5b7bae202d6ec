namespace CaServer.Domain;

/// <summary>
/// The URLs of ACME resources below the public base. The front end serves them and the signing core checks that a finalize
/// request was made for them (RFC 8555 §6.4).
/// </summary>
public sealed class AcmeUrls
{
    private readonly string _base;
    private readonly PublicIds _ids;

    /// <summary>Creates the URLs below <paramref name="publicUrl"/>, which may have a path and no trailing slash is needed.</summary>
    public AcmeUrls(Uri publicUrl, PublicIds ids)
    {
        _base = publicUrl.AbsoluteUri.TrimEnd('/');
        _ids = ids;
    }

    /// <summary>The URL of a path of this server, which begins with a slash.</summary>
    public string At(string path) => _base + path;

    /// <summary>The directory.</summary>
    public string Directory => _base + "/acme/directory";

    /// <summary>newNonce.</summary>
    public string NewNonce => _base + "/acme/new-nonce";

    /// <summary>newAccount.</summary>
    public string NewAccount => _base + "/acme/new-account";

    /// <summary>newOrder.</summary>
    public string NewOrder => _base + "/acme/new-order";

    /// <summary>newAuthz.</summary>
    public string NewAuthz => _base + "/acme/new-authz";

    /// <summary>keyChange.</summary>
    public string KeyChange => _base + "/acme/key-change";

    /// <summary>revokeCert.</summary>
    public string RevokeCert => _base + "/acme/revoke-cert";

    /// <summary>Renewal information; a certificate's identifier follows after a slash (RFC 9773 §4.1).</summary>
    public string RenewalInfo => _base + "/acme/renewal-info";

    /// <summary>What hashed account URIs begin with; nothing is served there (draft-ietf-acme-dns-persist-02 §4.1).</summary>
    public string AccountHashPrefix => AccountHashPrefixOf(_base);

    /// <summary>The same for a public base that has no trailing slash.</summary>
    public static string AccountHashPrefixOf(string publicBase) => publicBase.TrimEnd('/') + "/acme/account-hash/";

    /// <summary>The terms of service page.</summary>
    public string Terms => _base + "/terms";

    /// <summary>The page about limits.</summary>
    public string Limits => _base + "/limits";

    /// <summary>An account.</summary>
    public string Account(AccountId id) => _base + "/acme/account/" + _ids.Of(id);

    /// <summary>The list of an account's orders.</summary>
    public string Orders(AccountId id) => Account(id) + "/orders";

    /// <summary>An order.</summary>
    public string Order(OrderId id) => _base + "/acme/order/" + _ids.Of(id);

    /// <summary>The finalize URL of an order.</summary>
    public string Finalize(OrderId id) => Order(id) + "/finalize";

    /// <summary>An authorization.</summary>
    public string Authorization(AuthorizationId id) => _base + "/acme/authorization/" + _ids.Of(id);

    /// <summary>The page about what was done to check an authorization.</summary>
    public string Checks(AuthorizationId id) => _base + "/acme/checks/" + _ids.OfChecks(id);

    /// <summary>A challenge.</summary>
    public string Challenge(ChallengeId id) => _base + "/acme/challenge/" + _ids.Of(id);

    /// <summary>A certificate.</summary>
    public string Certificate(IssuanceId id) => _base + "/acme/certificate/" + _ids.Of(id);

    /// <summary>A certificate with one of its chains; 0 is the one that stands at <see cref="Certificate(IssuanceId)"/>.</summary>
    public string Certificate(IssuanceId id, int chain) => chain == 0 ? Certificate(id) : $"{Certificate(id)}/{chain}";

    /// <summary>Reads the account from its URL, as it stands in a JWS <c>kid</c>.</summary>
    public bool TryParseAccount(string url, out AccountId id)
    {
        id = default;
        var prefix = _base + "/acme/account/";
        return url.StartsWith(prefix, StringComparison.Ordinal) && _ids.TryDecode(url[prefix.Length..], out id);
    }
}
