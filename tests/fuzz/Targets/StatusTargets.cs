using System.Text;
using CaServer.Pki.X509;
using CaServer.Status;

namespace CaServer.Fuzz;

/// <summary>OCSP requests, as POST and GET bring them.</summary>
internal static class StatusTargets
{
    private static readonly OcspIssuer s_issuer = new(FixedCa.Certificate);

    /// <summary>The octets as a request.</summary>
    internal static void Request(byte[] input)
    {
        var isRead = OcspRequest.TryParse(input, out var request);
        if (s_issuer.IsPlainRequest(input, out var hash))
        {
            // The short cut must not tell what the reader would not.
            var serial = input[^Domain.SerialNumber.Length..];
            FuzzTarget.Require(
                !isRead || request!.Certificates is [{ } only] && request.NonceValue is null && only.Hash == hash && only.Serial.Span.SequenceEqual(serial) && s_issuer.IsNamedBy(only),
                "the short cut reads another request");
        }
        if (request is null)
            return;
        FuzzTarget.Require(request.Certificates.Count is > 0 and <= OcspRequest.MaxCertificates && input.Length <= OcspRequest.MaxLength, "a request beyond the bounds");
        foreach (var id in request.Certificates)
        {
            s_issuer.IsNamedBy(id);
            Domain.SerialNumber.TryCreate(id.Serial.Span, out _);
        }
    }

    /// <summary>The octets as what follows the responder's URL in a GET.</summary>
    internal static void Path(byte[] input)
    {
        Span<byte> octets = stackalloc byte[OcspGetPath.BufferLength];
        var length = OcspGetPath.Decode(Encoding.Latin1.GetString(input), octets);
        if (length > 0)
            Request(octets[..length].ToArray());
    }
}
