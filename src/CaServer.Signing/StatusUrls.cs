using System.Buffers.Binary;
using CaServer.Domain;

namespace CaServer.Signing;

/// <summary>
/// The status URLs that stand in certificates. BR §7.1.2.7.7 and §7.1.2.11.2 want <c>http</c>: a client that had to check a
/// certificate in order to fetch the status of a certificate would never come to an end.
/// </summary>
public sealed class StatusUrls
{
    /// <summary>Most shards that an issuer's CRL may be split into.</summary>
    public const int MaxShards = 256;

    private readonly string _base;
    private readonly int _shards;
    private readonly bool _hasOcsp;

    /// <summary>Creates the URLs below <paramref name="statusUrl"/>.</summary>
    /// <param name="statusUrl">The base of all status URLs.</param>
    /// <param name="shards">How many shards new certificates are spread over.</param>
    /// <param name="hasOcsp">Whether new certificates name an OCSP responder.</param>
    /// <exception cref="ArgumentException">It is not an absolute http URL without query.</exception>
    public StatusUrls(Uri statusUrl, int shards = 1, bool hasOcsp = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(shards, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(shards, MaxShards);
        if (!statusUrl.IsAbsoluteUri || statusUrl.Scheme != Uri.UriSchemeHttp || statusUrl.Query.Length > 0 || statusUrl.Fragment.Length > 0)
            throw new ArgumentException("The status URL must be an absolute http URL without query.", nameof(statusUrl));
        _base = statusUrl.AbsoluteUri.TrimEnd('/');
        _shards = shards;
        _hasOcsp = hasOcsp;
    }

    /// <summary>The shard of a new certificate: by its serial number, which is random, so that all shards grow alike.</summary>
    public int ShardOf(SerialNumber serial) => (int)(BinaryPrimitives.ReadUInt32BigEndian(serial.Octets[^4..]) % (uint)_shards);

    /// <summary>Where an issuer's certificate is found, DER.</summary>
    public string Certificate(string issuer) => $"{_base}/ca/{issuer}.der";

    /// <summary>Where one shard of an issuer's CRL is found.</summary>
    public string Crl(string issuer, int shard) => $"{_base}/crl/{issuer}/{shard}.crl";

    /// <summary>Where the delta to one shard of an issuer's CRL is found.</summary>
    public string DeltaCrl(string issuer, int shard) => $"{_base}/crl/{issuer}/{shard}-delta.crl";

    /// <summary>Where an issuer's OCSP responder answers; null if certificates do not say.</summary>
    public string? Ocsp(string issuer) => _hasOcsp ? $"{_base}/ocsp/{issuer}" : null;
}
