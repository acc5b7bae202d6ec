using CaServer.Pki.X509;

namespace CaServer.Configuration;

/// <summary>Section <c>Authority</c>: the names in the CA's own certificates, used on the first start only.</summary>
internal sealed class AuthorityOptions
{
    /// <summary>The organisation that runs the CA.</summary>
    public string Organization { get; set; } = "CaServer";

    /// <summary>Its country, ISO 3166-1; a private CA may leave it out.</summary>
    public string? Country { get; set; }

    /// <summary>Common name of the root.</summary>
    public string RootName { get; set; } = "CaServer Root CA";

    /// <summary>Common name of the issuing CA.</summary>
    public string IssuingName { get; set; } = "CaServer Issuing CA";
}

/// <summary>The names in the CA's own certificates, validated.</summary>
internal sealed record AuthoritySettings(CaSubject Root, CaSubject Issuing)
{
    public static AuthoritySettings Parse(AuthorityOptions options, SettingFaults faults)
    {
        if (options.RootName == options.IssuingName)
            faults.Add("Authority:IssuingName", "must differ from Authority:RootName");
        return new AuthoritySettings(
            Subject("Authority:RootName", options.RootName, options, faults), Subject("Authority:IssuingName", options.IssuingName, options, faults));
    }

    private static CaSubject Subject(string key, string commonName, AuthorityOptions options, SettingFaults faults)
    {
        try
        {
            return new CaSubject(options.Country, options.Organization, commonName);
        }
        catch (ArgumentException e)
        {
            faults.Add(key, $"does not go with Authority:Organization and Authority:Country: {e.Message}");
            return new CaSubject(null, "Fault", "Fault");
        }
    }
}
