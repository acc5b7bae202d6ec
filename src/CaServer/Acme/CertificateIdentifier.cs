using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using CaServer.Domain;
using CaServer.Pki.Jose;

namespace CaServer.Acme;

/// <summary>
/// The identifier of a certificate in renewal information (RFC 9773 §4.1): base64url of the authority key identifier, a dot, and
/// base64url of the serial number's DER content.
/// </summary>
/// <param name="AuthorityKeyIdentifier">The keyIdentifier of the certificate's AKI.</param>
/// <param name="Serial">Its serial number.</param>
internal sealed record CertificateIdentifier(byte[] AuthorityKeyIdentifier, SerialNumber Serial)
{
    private const int MaxLength = 128;

    /// <summary>Reads an identifier; false if it is not one that a certificate of ours could have.</summary>
    public static bool TryRead(string? text, [NotNullWhen(true)] out CertificateIdentifier? identifier)
    {
        identifier = null;
        if (text is null || text.Length > MaxLength || text.Split('.') is not [var authority, var number])
            return false;
        if (!StrictBase64Url.TryDecode(Encoding.UTF8.GetBytes(authority), out var keyIdentifier)
            || keyIdentifier.Length == 0
            || !StrictBase64Url.TryDecode(Encoding.UTF8.GetBytes(number), out var octets)
            || !SerialNumber.TryCreate(octets, out var serial))
        {
            return false;
        }
        identifier = new CertificateIdentifier(keyIdentifier, serial);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() =>
        Base64Url.EncodeToString(AuthorityKeyIdentifier) + "." + Base64Url.EncodeToString(Serial.Octets);
}
