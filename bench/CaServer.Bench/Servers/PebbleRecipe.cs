using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using CaServer.Bench.Acme;

namespace CaServer.Bench.Servers;

/// <summary>
/// Pebble as fast as it can be: no sleeps before validation, no nonces refused on purpose, no authorizations reused by chance. One
/// scheduler thread, because it locks itself up for good on several (its issue 554). Keeps all in memory; issues with RSA-2048.
/// </summary>
internal sealed class PebbleRecipe : ServerRecipe
{
    public override string Name => "pebble";

    public override async Task<RunningServer> StartAsync(Stage stage, string directory, CancellationToken ct)
    {
        var (acme, management) = (Stage.FreePort(), Stage.FreePort());
        var certificateFile = Path.Combine(directory, "tls.pem");
        var keyFile = Path.Combine(directory, "tls.key");
        await WriteTlsCertificateAsync(certificateFile, keyFile, ct);

        var configFile = Path.Combine(directory, "pebble.json");
        await File.WriteAllTextAsync(configFile, JsonSerializer.Serialize(new
        {
            pebble = new
            {
                listenAddress = $"127.0.0.1:{acme}",
                managementListenAddress = $"127.0.0.1:{management}",
                certificate = certificateFile,
                privateKey = keyFile,
                httpPort = stage.Http.EndPoint.Port,
                tlsPort = 443,
                externalAccountBindingRequired = false,
            },
        }), ct);
        var environment = new Dictionary<string, string>
        {
            ["GOMAXPROCS"] = "1",
            ["PEBBLE_VA_NOSLEEP"] = "1",
            ["PEBBLE_WFE_NONCEREJECT"] = "0",
            ["PEBBLE_AUTHZREUSE"] = "0",
        };
        var process = ServerProcess.Start(directory, environment,
            "pebble", "-config", configFile, "-dnsserver", stage.Dns.EndPoint.ToString());
        return await WhenReadyAsync("Pebble, memory only, RSA-2048 issuer, GOMAXPROCS=1", process, Url(acme, "/dir"), certificateFile,
            async attempt =>
            {
                using var http = ServerTrust.FromFile(certificateFile).CreateClient(connections: 1);
                var roots = new X509Certificate2Collection();
                roots.ImportFromPem(await http.GetStringAsync(Url(management, "/roots/0"), attempt));
                return roots;
            }, ct);
    }

    private static Uri Url(int port, string path) => new($"https://localhost:{port}{path}");

    private static async Task WriteTlsCertificateAsync(string certificateFile, string keyFile, CancellationToken ct)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddHours(-1), now.AddDays(1));
        await File.WriteAllTextAsync(certificateFile, certificate.ExportCertificatePem(), ct);
        await File.WriteAllTextAsync(keyFile, key.ExportPkcs8PrivateKeyPem(), ct);
    }
}
