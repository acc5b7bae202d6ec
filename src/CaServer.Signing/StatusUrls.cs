namespace CaServer.Signing;

/// <summary>
/// The status URLs that stand in certificates. BR §7.1.2.7.7 and §7.1.2.11.2 want <c>http</c>: a client that had to check a
/// certificate in order to fetch the status of a certificate would never come to an end.
/// </summary>
public sealed class StatusUrls
{
    private readonly string _base;

    /// <summary>Creates the URLs below <paramref name="statusUrl"/>.</summary>
    /// <exception cref="ArgumentException">It is not an absolute http URL without query.</exception>
    public StatusUrls(Uri statusUrl)
    {
        if (!statusUrl.IsAbsoluteUri || statusUrl.Scheme != Uri.UriSchemeHttp || statusUrl.Query.Length > 0 || statusUrl.Fragment.Length > 0)
            throw new ArgumentException("The status URL must be an absolute http URL without query.", nameof(statusUrl));
        _base = statusUrl.AbsoluteUri.TrimEnd('/');
    }

    /// <summary>Where an issuer's certificate is found, DER.</summary>
    public string Certificate(string issuer) => $"{_base}/ca/{issuer}.der";

    /// <summary>Where one shard of an issuer's CRL is found.</summary>
    public string Crl(string issuer, int shard) => $"{_base}/crl/{issuer}/{shard}.crl";

    /// <summary>Where an issuer's OCSP responder answers.</summary>
    public string Ocsp(string issuer) => $"{_base}/ocsp/{issuer}";
}
