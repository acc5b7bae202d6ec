using CaServer.Domain;
using CaServer.Validation.Http;

namespace CaServer.Validation;

/// <summary>What a check looks for, in words for the explanation.</summary>
/// <param name="Place">Where: a URL, the name of a record, or a server.</param>
/// <param name="Value">What must be there.</param>
internal sealed record Expectation(string Place, string Value)
{
    /// <summary>What a request that can be checked looks for.</summary>
    internal static Expectation Of(ValidationRequest request, PerspectiveSettings settings) => request.Method switch
    {
        ValidationMethod.Http01 => new(FileFetch.FirstUrl(request.Identifier, Http01Check.Directory + request.Token, settings.Http01Port).AbsoluteUri, request.KeyAuthorization),
        ValidationMethod.Dns01 => new("TXT " + Dns01.RecordName(request.Identifier), Dns01.RecordValue(request.KeyAuthorization)),
        ValidationMethod.DnsAccount01 => new(
            "TXT " + DnsAccount01.RecordName(request.Identifier, request.AccountUrl!), Dns01.RecordValue(request.KeyAuthorization)),
        ValidationMethod.DnsPersist01 => new("TXT " + DnsPersist01.RecordName(request.Identifier), PersistentValue(request, settings)),
        ValidationMethod.TlsAlpn01 => new(
            $"the certificate that {request.Identifier.Value} shows on port {settings.TlsAlpn01Port} to the server name {TlsAlpn01.ServerName(request.Identifier)} and the protocol {TlsAlpn01.Protocol}",
            "acmeIdentifier " + Convert.ToHexStringLower(TlsAlpn01.Digest(request.KeyAuthorization))),
        ValidationMethod.DnsText => new("TXT " + ManualProof.RecordName(request.Identifier), request.Terms.PublishedValue()),
        ValidationMethod.DnsAlias => new(
            "CNAME " + ManualProof.RecordName(request.Identifier), ManualProof.AliasTarget(request.Terms.PublishedValue(), settings.IssuerNames)),
        ValidationMethod.AgreedFile => new(
            FileFetch.FirstUrl(request.Identifier, ManualProof.FilePath, settings.Http01Port).AbsoluteUri, request.Terms.PublishedValue()),
        // Whoever may read an explanation must not learn from it what was sent.
        ValidationMethod.ConstructedEmail or ValidationMethod.CaaEmail or ValidationMethod.TextEmail => new(
            "e-mail to " + request.Recipient, "the value that was sent"),
    };

    // One of those that would do.
    private static string PersistentValue(ValidationRequest request, PerspectiveSettings settings)
    {
        var (uri, _) = DnsPersist01.AccountUris(settings.AccountHashPrefix, request.Identifier, request.Thumbprint, request.AccountUrl!);
        return DnsPersist01.RecordValue(settings.IssuerNames[0], uri, request.NamesBelow);
    }
}
