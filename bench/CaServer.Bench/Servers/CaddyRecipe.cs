using System.Text.Json.Nodes;
using CaServer.Bench.Acme;

namespace CaServer.Bench.Servers;

/// <summary>
/// Caddy's <c>acme_server</c> with its internal CA (P-256), state in bbolt. Version 2.6 can be told neither a resolver nor an http-01
/// port: it runs in a mount namespace of its own where <c>/etc/resolv.conf</c> names our DNS server, and our responder has port 80.
/// </summary>
internal sealed class CaddyRecipe : ServerRecipe
{
    public override string Name => "caddy";

    public override async Task<RunningServer> StartAsync(Stage stage, string directory, CancellationToken ct)
    {
        if (!stage.HasStandardPorts)
            throw new AcmeFailure("Caddy validates through port 80 and DNS port 53 only, and this user may not bind them on loopback (run as root)");
        var port = Stage.FreePort();
        var configFile = Path.Combine(directory, "caddy.json");
        await File.WriteAllTextAsync(configFile, Configuration(port, directory).ToJsonString(), ct);
        var resolverFile = Path.Combine(directory, "resolv.conf");
        await File.WriteAllTextAsync(resolverFile, $"nameserver {stage.Dns.EndPoint.Address}\noptions timeout:2 attempts:2\n", ct);

        var environment = new Dictionary<string, string>
        {
            ["HOME"] = directory,
            ["XDG_DATA_HOME"] = directory,
            ["XDG_CONFIG_HOME"] = directory,
        };
        var process = ServerProcess.Start(directory, environment,
            "unshare", "--mount", "/bin/sh", "-c", "mount --bind \"$0\" /etc/resolv.conf && exec caddy run --config \"$1\"", resolverFile, configFile);
        var rootFile = Path.Combine(directory, "store", "pki", "authorities", "local", "root.crt");
        var url = new Uri($"https://localhost:{port}/acme/local/directory");
        return await WhenReadyAsync("Caddy acme_server, bbolt on disk, P-256 issuer", process, url, rootFile, _ => RootsIn(rootFile), ct);
    }

    private static JsonObject Configuration(int port, string directory) => new()
    {
        ["admin"] = new JsonObject { ["disabled"] = true, ["config"] = new JsonObject { ["persist"] = false } },
        ["storage"] = new JsonObject { ["module"] = "file_system", ["root"] = Path.Combine(directory, "store") },
        ["apps"] = new JsonObject
        {
            ["pki"] = new JsonObject
            {
                ["certificate_authorities"] = new JsonObject { ["local"] = new JsonObject { ["install_trust"] = false } },
            },
            ["tls"] = new JsonObject
            {
                ["certificates"] = new JsonObject { ["automate"] = new JsonArray("localhost") },
                ["automation"] = new JsonObject
                {
                    ["policies"] = new JsonArray(new JsonObject { ["issuers"] = new JsonArray(new JsonObject { ["module"] = "internal" }) }),
                },
            },
            ["http"] = new JsonObject
            {
                ["servers"] = new JsonObject
                {
                    ["acme"] = new JsonObject
                    {
                        ["listen"] = new JsonArray($"127.0.0.1:{port}"),
                        ["automatic_https"] = new JsonObject { ["disable_redirects"] = true },
                        ["tls_connection_policies"] = new JsonArray(new JsonObject()),
                        ["routes"] = new JsonArray(new JsonObject { ["handle"] = new JsonArray(new JsonObject { ["handler"] = "acme_server" }) }),
                    },
                },
            },
        },
    };
}
