using System.Buffers.Text;
using CaServer.TestKit.Acme;
using CaServer.TestKit.Processes;

namespace CaServer.IntegrationTests.Clients;

/// <summary>lego with a directory of its own.</summary>
internal sealed class Lego(CaServerProcess server) : IDisposable
{
    private readonly ScratchDirectory _scratch = new();
    private readonly ExternalProgram _program = ExternalProgram.Find("lego");
    private readonly string[] _byHttp = ["--http", "--http.port", $"127.0.0.1:{server.Http01Port}"];

    /// <summary>The external account key to bind its account with; null: none.</summary>
    public TestBinding? Binding { get; init; }

    /// <summary>Asks for a certificate, and answers http-01 challenges itself.</summary>
    /// <param name="keyType">lego's name of the kind of key: <c>ec256</c>, <c>ec384</c>, <c>rsa2048</c>, <c>rsa4096</c>.</param>
    /// <param name="names">The first one names the files.</param>
    public Task<ProgramResult> ObtainAsync(string keyType, params IEnumerable<string> names) =>
        RunAsync([.. Options(keyType, names), .. _byHttp, "run", "--no-bundle"]);

    /// <summary>Asks for a certificate for a P-256 key, and has a program publish the TXT records that dns-01 wants.</summary>
    public Task<ProgramResult> ObtainByDnsAsync(string publisher, DnsTestServer dns, params IEnumerable<string> names) =>
        RunAsync([.. Options("ec256", names), "--dns", "exec", "--dns.disable-cp", "--dns.resolvers", $"{dns.Endpoint}", "run", "--no-bundle"], publisher);

    /// <summary>Renews the certificate, whatever its age.</summary>
    public Task<ProgramResult> RenewAsync(string keyType, params IEnumerable<string> names) =>
        RunAsync([.. Options(keyType, names), .. _byHttp, "renew", "--days", "3650", "--no-random-sleep", "--no-bundle"]);

    /// <summary>What it was given for the order whose first name this is.</summary>
    public ObtainedCertificate Certificate(string name) => new(
        _scratch.File($"certificates/{name}.crt"), _scratch.File($"certificates/{name}.issuer.crt"), server.RootCertificateFile);

    public void Dispose() => _scratch.Dispose();

    private IEnumerable<string> Options(string keyType, IEnumerable<string> names) =>
        ["--accept-tos", "--email", "tests@example.com", "--path", _scratch.Path, "--server", server.Directory.ToString(), "--key-type", keyType,
            .. BindingOptions(), .. names.SelectMany(name => new[] { "--domains", name })];

    private string[] BindingOptions() =>
        Binding is null ? [] : ["--eab", "--kid", Binding.Kid, "--hmac", Base64Url.EncodeToString(Binding.MacKey)];

    private Task<ProgramResult> RunAsync(IReadOnlyList<string> arguments, string? publisher = null) => _program.RunAsync(
        arguments,
        new Dictionary<string, string>
        {
            ["LEGO_CA_CERTIFICATES"] = server.RootCertificateFile,
            ["EXEC_PATH"] = publisher ?? "",
            // Seconds from one name to the next; lego's own choice is a minute.
            ["EXEC_SEQUENCE_INTERVAL"] = "1",
        },
        TestContext.Current.CancellationToken);
}
