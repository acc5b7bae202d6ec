using System.Buffers.Text;
using System.Diagnostics;
using System.Formats.Asn1;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using CaServer.Bench.Acme;

namespace CaServer.Bench.Load;

/// <summary>Revokes a certificate that was just issued, and asks for OCSP answers and CRLs until both have it.</summary>
internal sealed class RevocationRun(AcmeClient client, AccountSigner account, string revokeUrl, HttpClient plain)
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private static readonly byte[] s_sha1 = Convert.FromHexString("300906052b0e03021a0500");

    /// <exception cref="AcmeFailure">It was refused, or did not become visible within a minute.</exception>
    public async Task<RevocationSample> RunAsync(string chain, CancellationToken ct)
    {
        var certificates = new X509Certificate2Collection();
        certificates.ImportFromPem(chain);
        var (leaf, issuer) = (certificates[0], certificates[1]);
        var access = leaf.Extensions.OfType<X509AuthorityInformationAccessExtension>().Single();
        var ocsp = access.EnumerateOcspUris().First();
        var crl = CrlUrl(leaf);
        var certId = CertId(leaf, issuer);
        var request = Request(certId);
        // The first answer comes within a moment of the certificate.
        await UntilAsync(async () => await StatusAsync(ocsp, request, certId, ct) == 0x80, ct);

        var began = Stopwatch.GetTimestamp();
        var payload = JsonSerializer.SerializeToUtf8Bytes(new { certificate = Base64Url.EncodeToString(leaf.RawData), reason = 4 });
        await client.PostAsync(account, revokeUrl, payload, ct);
        var answered = Stopwatch.GetTimestamp();
        var inOcsp = TimeAsync(answered, async () => await StatusAsync(ocsp, request, certId, ct) == 0xa1, ct);
        var inCrl = TimeAsync(answered, async () => (await plain.GetByteArrayAsync(crl, ct)).AsSpan().IndexOf(leaf.SerialNumberBytes.Span) >= 0, ct);
        await Task.WhenAll(inOcsp, inCrl);
        return new RevocationSample(Stopwatch.GetElapsedTime(began, answered).TotalMilliseconds, await inOcsp, await inCrl);
    }

    private static async Task<double> TimeAsync(long from, Func<Task<bool>> isVisible, CancellationToken ct)
    {
        await UntilAsync(isVisible, ct);
        return Stopwatch.GetElapsedTime(from).TotalMilliseconds;
    }

    private static async Task UntilAsync(Func<Task<bool>> condition, CancellationToken ct)
    {
        var began = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(began) > s_patience)
                throw new AcmeFailure($"the status did not follow within {s_patience.TotalSeconds:0} s");
            await Task.Delay(s_pause, TimeProvider.System, ct);
        }
    }

    // The tag that follows the CertID in the answer: [0] good, [1] revoked; 0 if the answer is not about it.
    private async Task<byte> StatusAsync(string url, byte[] request, byte[] certId, CancellationToken ct)
    {
        using var content = new ByteArrayContent(request);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/ocsp-request");
        using var response = await plain.PostAsync(url, content, ct);
        var answer = await response.Content.ReadAsByteArrayAsync(ct);
        var place = answer.AsSpan().IndexOf(certId);
        return place < 0 ? (byte)0 : answer[place + certId.Length];
    }

    private static byte[] Request(byte[] certId)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        using (writer.PushSequence())
        using (writer.PushSequence())
        using (writer.PushSequence())
            writer.WriteEncodedValue(certId);
        return writer.Encode();
    }

    // RFC 6960 §4.1.1; SHA-1 because that is what clients send.
    private static byte[] CertId(X509Certificate2 leaf, X509Certificate2 issuer)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteEncodedValue(s_sha1);
#pragma warning disable CA5350 // OCSP names issuers so; nothing rests on it.
            writer.WriteOctetString(SHA1.HashData(issuer.SubjectName.RawData));
            writer.WriteOctetString(SHA1.HashData(issuer.GetPublicKey()));
#pragma warning restore CA5350
            writer.WriteInteger(leaf.SerialNumberBytes.Span);
        }
        return writer.Encode();
    }

    private static string CrlUrl(X509Certificate2 leaf)
    {
        var octets = Encoding.Latin1.GetString(leaf.Extensions["2.5.29.31"]?.RawData ?? throw new AcmeFailure("the certificate names no CRL"));
        return octets[octets.IndexOf("http", StringComparison.Ordinal)..];
    }
}
