using System.Formats.Asn1;

namespace CaServer.Pki.X509;

/// <summary>The name of a CA (BR §7.1.2.10.2). No OU, which BR §7.1.2.10.2 forbids.</summary>
public sealed class CaSubject
{
    private const int CountryLength = 2;
    private const int MaxValueLength = 64;

    private readonly byte[] _der;

    /// <summary>Creates a name.</summary>
    /// <param name="country">ISO 3166-1 code in capitals. BR require it of public CAs; a private CA may leave it out.</param>
    /// <param name="organization">The organisation that runs the CA, at most 64 characters.</param>
    /// <param name="commonName">The name of this CA, unique among the organisation's, at most 64 characters.</param>
    /// <exception cref="ArgumentException">A value cannot stand in a certificate; the message names all that cannot.</exception>
    public CaSubject(string? country, string organization, string commonName)
    {
        var faults = new List<string>();
        if (country is not null && (country.Length != CountryLength || !country.All(char.IsAsciiLetterUpper)))
            faults.Add($"'{country}' is not a country code of two capital letters");
        if (FaultOf(organization) is { } organizationFault)
            faults.Add("the organisation " + organizationFault);
        if (FaultOf(commonName) is { } commonNameFault)
            faults.Add("the common name " + commonNameFault);
        if (faults.Count > 0)
            throw new ArgumentException("The CA cannot have this name: " + string.Join("; ", faults) + ".");
        Country = country;
        Organization = organization;
        CommonName = commonName;
        _der = Encode();
    }

    /// <summary>ISO 3166-1 code.</summary>
    public string? Country { get; }

    /// <summary>The organisation.</summary>
    public string Organization { get; }

    /// <summary>The name of this CA.</summary>
    public string CommonName { get; }

    /// <summary>The Name, DER.</summary>
    public ReadOnlyMemory<byte> Der => _der;

    private static string? FaultOf(string value)
    {
        if (string.IsNullOrWhiteSpace(value) || value.Trim() != value)
            return "is empty or has space around it";
        if (value.Length > MaxValueLength)
            return $"is longer than {MaxValueLength} characters";
        return value.Any(char.IsControl) || value.Any(char.IsSurrogate) ? "has a character that cannot be printed" : null;
    }

    // BR §7.1.4.2: the order is C, O, CN; country is a PrintableString.
    private byte[] Encode()
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            if (Country is not null)
                TbsWriter.WriteAttribute(writer, Oids.Country, UniversalTagNumber.PrintableString, Country);
            TbsWriter.WriteAttribute(writer, Oids.Organization, UniversalTagNumber.UTF8String, Organization);
            TbsWriter.WriteAttribute(writer, Oids.CommonName, UniversalTagNumber.UTF8String, CommonName);
        }
        return writer.Encode();
    }
}
