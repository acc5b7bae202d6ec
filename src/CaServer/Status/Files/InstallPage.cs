using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using CaServer.Storage;
using CaServer.Web;

namespace CaServer.Status;

/// <summary>The one page of the plain HTTP listener: the CA certificates, and how to make a system trust the root.</summary>
internal static class InstallPage
{
    /// <summary>The page, HTML without scripts.</summary>
    public static byte[] Of(Issuer root, IReadOnlyList<Issuer> issuing)
    {
        using var certificate = X509CertificateLoader.LoadCertificate(root.Certificate);
        var name = WebUtility.HtmlEncode(certificate.Subject);
        var fingerprint = string.Join(':', Convert.ToHexString(SHA256.HashData(root.Certificate)).Chunk(2).Select(pair => new string(pair)));
        var links = string.Concat(issuing.Select(i => $"<li>{i.Name}: <a href=\"/ca/{i.Name}.der\">DER</a>, <a href=\"/ca/{i.Name}.pem\">PEM</a>\n"));
        return Encoding.UTF8.GetBytes(
            $"""
            <!doctype html>
            <html lang="en">
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>CA certificates</title>
            {HtmlPage.StyleElement}
            <main>
            <h1>CA certificates</h1>
            <p>Root: {name}, valid until {certificate.NotAfter.ToUniversalTime():yyyy-MM-dd}<br>
            SHA-256: <code>{fingerprint}</code>
            <p><strong>This page came over plain HTTP.</strong> Compare the fingerprint with one that you got another way, from the
            CA's operator, before you trust the certificate: whoever is trusted as a root can pretend to be any web site.
            <ul>
            <li>Root: <a href="/ca/root.der">DER</a>, <a href="/ca/root.pem">PEM</a>, <a href="/ca/root.mobileconfig">Apple profile</a>
            {links}<li>All of them: <a href="/ca/chain.pem">PEM</a>
            </ul>
            <h2>Windows</h2>
            <p>In a terminal that runs as administrator: <pre>certutil -hashfile root.der SHA256
            certutil -addstore -f Root root.der</pre>
            <h2>Debian, Ubuntu</h2>
            <pre>openssl x509 -in root.pem -noout -fingerprint -sha256
            sudo install -m 644 root.pem /usr/local/share/ca-certificates/caserver-root.crt
            sudo update-ca-certificates</pre>
            <h2>Fedora, Red Hat Enterprise Linux, SUSE</h2>
            <pre>sudo trust anchor root.pem</pre>
            <h2>macOS</h2>
            <pre>shasum -a 256 root.der
            sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain root.pem</pre>
            <h2>iPhone, iPad</h2>
            <p>Open the Apple profile, install it under Settings, General, VPN &amp; Device Management, then switch the root on under
            Settings, General, About, Certificate Trust Settings.
            <h2>Firefox</h2>
            <p>Firefox takes over the roots that Windows, macOS and, on most distributions, Linux trust. If it does not: Settings, Privacy
            &amp; Security, Certificates, View Certificates, Authorities, Import.

            """);
    }
}
