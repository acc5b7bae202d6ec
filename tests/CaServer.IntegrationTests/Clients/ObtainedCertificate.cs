using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;

namespace CaServer.IntegrationTests.Clients;

/// <summary>The PEM files with which a client was left.</summary>
/// <param name="LeafFile">The certificate; first in the file.</param>
/// <param name="IssuerFile">The issuing CA's certificate.</param>
/// <param name="RootFile">The root, from the server's data directory.</param>
internal sealed record ObtainedCertificate(string LeafFile, string IssuerFile, string RootFile)
{
    /// <summary>Reads the leaf.</summary>
    public X509Certificate2 ReadLeaf() => X509Certificate2.CreateFromPem(File.ReadAllText(LeafFile));

    /// <summary>The DNS names in the leaf, sorted.</summary>
    public IReadOnlyList<string> Names()
    {
        using var leaf = ReadLeaf();
        var names = leaf.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single();
        return [.. names.EnumerateDnsNames().Order(StringComparer.Ordinal)];
    }

    /// <summary>Where the leaf says that its CRL is.</summary>
    public Uri CrlUrl()
    {
        using var leaf = ReadLeaf();
        // RFC 5280 §4.2.1.13: DistributionPoint, DistributionPointName, GeneralNames with one uniformResourceIdentifier.
        var points = new AsnReader(leaf.Extensions["2.5.29.31"]!.RawData, AsnEncodingRules.DER).ReadSequence().ReadSequence();
        var names = points.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 0)).ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 0));
        return new Uri(names.ReadCharacterString(UniversalTagNumber.IA5String, new Asn1Tag(TagClass.ContextSpecific, 6)));
    }

    /// <summary>The leaf's serial number, hexadecimal.</summary>
    public string Serial()
    {
        using var leaf = ReadLeaf();
        return leaf.SerialNumber;
    }
}
