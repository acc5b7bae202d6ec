using System.Buffers.Text;
using System.Security.Cryptography;
using CaServer.Acme;

namespace CaServer.Cli;

/// <summary>New key identifiers and MAC keys.</summary>
internal static class NewMacKey
{
    // RFC 7518 §3.2: at least the length of the hash's output; 64 octets are enough for HS512.
    private const int Length = 64;
    private const int KidLength = 20;

    /// <summary>A new key identifier: 80 random bits in hexadecimal.</summary>
    public static string NewKid() => RandomNumberGenerator.GetHexString(KidLength, lowercase: true);

    /// <summary>A new MAC key: base64url for the client, encrypted for the database.</summary>
    public static (string Text, byte[] Sealed) Make(MacKeyFile file, string kid)
    {
        file.MakeIfMissing();
        var octets = RandomNumberGenerator.GetBytes(Length);
        try
        {
            // Clients take it as an argument of the command line, where a hyphen in front would make it an option.
            while (Base64Url.EncodeToString(octets)[0] == '-')
                RandomNumberGenerator.Fill(octets);
            return (Base64Url.EncodeToString(octets), file.Seal(kid, octets));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(octets);
        }
    }
}
