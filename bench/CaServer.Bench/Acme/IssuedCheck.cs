using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CaServer.Bench.Acme;

/// <summary>
/// Compares downloaded chains with what was asked for: names, key, validity, serial used once, and each certificate's
/// signature by the next. Runs after the clock, so that it costs the measurement nothing. Remembers issuers and serials: one per server run.
/// </summary>
internal sealed class IssuedCheck(X509Certificate2Collection roots) : IDisposable
{
    private readonly Dictionary<string, X509Certificate2[]> _chains = [];
    private readonly HashSet<string> _serials = [];

    /// <summary>Why this is not the certificate that was asked for; null if it is.</summary>
    public string? Fault(PreparedRequest request, string pem, DateTimeOffset now)
    {
        try
        {
            var (leafDer, rest) = SplitLeaf(pem);
            using var leaf = X509CertificateLoader.LoadCertificate(leafDer);
            var chain = Issuers(rest);
            return NamesFault(request, leaf)
                ?? KeyFault(request, leaf)
                ?? ValidityFault(leaf, now)
                ?? (_serials.Add(leaf.SerialNumber) ? null : $"serial number {leaf.SerialNumber} was issued twice")
                ?? (chain.Length == 0 ? RootFault(leaf) : IsSignedBy(leaf, chain[0]) ? null : "its signature does not verify with its issuer's key");
        }
        catch (Exception e) when (e is CryptographicException or AsnContentException or ArgumentException)
        {
            return $"the download is no certificate chain: {e.Message}";
        }
    }

    public void Dispose()
    {
        foreach (var certificate in _chains.Values.SelectMany(chain => chain))
            certificate.Dispose();
    }

    private static (byte[] Leaf, string Issuers) SplitLeaf(string pem)
    {
        var fields = PemEncoding.Find(pem);
        return (Convert.FromBase64String(pem[fields.Base64Data]), pem[fields.Location.End..].Trim());
    }

    private static string? NamesFault(PreparedRequest request, X509Certificate2 leaf)
    {
        var names = leaf.Extensions.OfType<X509SubjectAlternativeNameExtension>().SingleOrDefault();
        string[] found = names is null ? [] : [.. names.EnumerateDnsNames(), .. names.EnumerateIPAddresses().Select(a => a.ToString())];
        return found is [var only] && only == request.Name
            ? null
            : $"its names are [{string.Join(", ", found)}], asked for was {request.Name}";
    }

    private static string? KeyFault(PreparedRequest request, X509Certificate2 leaf) =>
        leaf.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(request.SubjectPublicKeyInfo) ? null : "its key is not the CSR's";

    private static string? ValidityFault(X509Certificate2 leaf, DateTimeOffset now) =>
        leaf.NotBefore.ToUniversalTime() <= now && now <= leaf.NotAfter.ToUniversalTime()
            ? null
            : $"it is valid from {leaf.NotBefore:u} to {leaf.NotAfter:u}, not now";

    // The issuers are the same for every order, so their own chain up to a root is checked only the first time.
    private X509Certificate2[] Issuers(string pem)
    {
        if (_chains.TryGetValue(pem, out var known))
            return known;
        var collection = new X509Certificate2Collection();
        collection.ImportFromPem(pem);
        X509Certificate2[] chain = [.. collection];
        for (var i = 0; i + 1 < chain.Length; i++)
        {
            if (!IsSignedBy(chain[i], chain[i + 1]))
                throw new CryptographicException($"certificate {i + 1} of the chain is not signed by the one after it");
        }
        if (chain.Length > 0 && RootFault(chain[^1]) is { } fault)
            throw new CryptographicException($"the last certificate of the chain: {fault}");
        return _chains[pem] = chain;
    }

    // Without known roots (an unknown server driven by `load`) the chain's own signatures are all that can be checked.
    private string? RootFault(X509Certificate2 certificate) =>
        roots.Count == 0 || roots.Any(root => root.RawDataMemory.Span.SequenceEqual(certificate.RawDataMemory.Span) || IsSignedBy(certificate, root))
            ? null
            : "it is signed by none of the known roots";

    private static bool IsSignedBy(X509Certificate2 certificate, X509Certificate2 issuer)
    {
        if (!certificate.IssuerName.RawData.AsSpan().SequenceEqual(issuer.SubjectName.RawData))
            return false;
        var outer = new AsnReader(certificate.RawDataMemory, AsnEncodingRules.DER).ReadSequence();
        var tbs = outer.ReadEncodedValue().Span;
        var algorithm = outer.ReadSequence().ReadObjectIdentifier();
        var signature = outer.ReadBitString(out _);
        using var ecdsa = issuer.GetECDsaPublicKey();
        using var rsa = issuer.GetRSAPublicKey();
        return (algorithm, ecdsa, rsa) switch
        {
            ("1.2.840.10045.4.3.2", { } key, _) => key.VerifyData(tbs, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence),
            ("1.2.840.10045.4.3.3", { } key, _) => key.VerifyData(tbs, signature, HashAlgorithmName.SHA384, DSASignatureFormat.Rfc3279DerSequence),
            ("1.2.840.113549.1.1.11", _, { } key) => key.VerifyData(tbs, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
            ("1.2.840.113549.1.1.12", _, { } key) => key.VerifyData(tbs, signature, HashAlgorithmName.SHA384, RSASignaturePadding.Pkcs1),
            _ => false,
        };
    }
}
