using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace CaServer.TestKit.Acme;

/// <summary>The inner JWS of an external account binding as a client makes it, or as none should.</summary>
/// <param name="Kid">Key identifier.</param>
/// <param name="MacKey">The MAC key, octets.</param>
public sealed record TestBinding(string Kid, byte[] MacKey)
{
    /// <summary>A binding for the key identifier and MAC key as the operator gives them out.</summary>
    public static TestBinding Of(string kid, string macKey) => new(kid, Base64Url.DecodeFromChars(macKey));

    /// <summary>An honest inner JWS.</summary>
    public string Jws(TestAccountKey account, string url, string algorithm = "HS256") => Jws(Header(url, algorithm), account.Jwk, algorithm);

    /// <summary>The protected header of an honest inner JWS.</summary>
    public string Header(string url, string algorithm = "HS256") => $$"""{"alg":"{{algorithm}}","kid":"{{Kid}}","url":"{{url}}"}""";

    /// <summary>An inner JWS with any header and payload; the MAC is that of the algorithm.</summary>
    public string Jws(string protectedHeader, string payload, string algorithm = "HS256")
    {
        var header64 = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(protectedHeader));
        var payload64 = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(payload));
        var input = Encoding.ASCII.GetBytes(header64 + "." + payload64);
        var mac = algorithm switch
        {
            "HS256" => HMACSHA256.HashData(MacKey, input),
            "HS384" => HMACSHA384.HashData(MacKey, input),
            "HS512" => HMACSHA512.HashData(MacKey, input),
            _ => throw new ArgumentOutOfRangeException(nameof(algorithm)),
        };
        return $$"""{"protected":"{{header64}}","payload":"{{payload64}}","signature":"{{Base64Url.EncodeToString(mac)}}"}""";
    }
}
