using System.Net.Sockets;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;
using Org.BouncyCastle.Tls.Crypto.Impl.BC;

namespace CaServer.TestKit.Tls;

/// <summary>A TLS server that does what no platform's own would: chooses a protocol that nobody offered, or speaks old versions only.</summary>
public static class WrongTlsServer
{
    /// <summary>Serves one connection, to be given to <see cref="TlsResponder"/>.</summary>
    /// <param name="certificate">The certificate and its P-256 key.</param>
    /// <param name="protocol">The protocol that it chooses whatever is offered.</param>
    /// <param name="version">The one version of TLS that it speaks.</param>
    public static Func<NetworkStream, CancellationToken, Task> Of(
        System.Security.Cryptography.X509Certificates.X509Certificate2 certificate, string protocol, ProtocolVersion version) =>
        (stream, ct) => Task.Run(
            () =>
            {
                try
                {
                    new TlsServerProtocol(stream).Accept(new Server(certificate, protocol, version));
                }
                catch (IOException)
                {
                    // What the client makes of it is what the test looks at.
                }
            },
            ct);

    private sealed class Server(
        System.Security.Cryptography.X509Certificates.X509Certificate2 certificate, string protocol, ProtocolVersion version)
        : DefaultTlsServer(new BcTlsCrypto())
    {
        public override IDictionary<int, byte[]> GetServerExtensions()
        {
            var extensions = base.GetServerExtensions() ?? new Dictionary<int, byte[]>();
            TlsExtensionsUtilities.AddAlpnExtensionServer(extensions, ProtocolName.AsUtf8Encoding(protocol));
            return extensions;
        }

        protected override ProtocolVersion[] GetSupportedVersions() => [version];

        protected override TlsCredentialedSigner GetECDsaSignerCredentials()
        {
            using var key = System.Security.Cryptography.X509Certificates.ECDsaCertificateExtensions.GetECDsaPrivateKey(certificate)!;
            var crypto = (BcTlsCrypto)Crypto;
            var chain = new Certificate([crypto.CreateCertificate(certificate.RawData)]);
            var parameters = Org.BouncyCastle.Security.PrivateKeyFactory.CreateKey(key.ExportPkcs8PrivateKey());
            return new BcDefaultTlsCredentialedSigner(
                new TlsCryptoParameters(m_context), crypto, parameters, chain, new SignatureAndHashAlgorithm(HashAlgorithm.sha256, SignatureAlgorithm.ecdsa));
        }
    }
}
