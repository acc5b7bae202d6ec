using CaServer.TestKit.Processes;

namespace CaServer.IntegrationTests.Clients;

/// <summary>certbot with directories of its own.</summary>
internal sealed class Certbot(CaServerProcess server) : IDisposable
{
    private readonly ScratchDirectory _scratch = new();
    private readonly ExternalProgram _program = ExternalProgram.Find("certbot");

    /// <summary>Makes an account.</summary>
    public Task<ProgramResult> RegisterAsync() => RunAsync(["register"]);

    /// <summary>Asks for a certificate, and answers http-01 challenges itself.</summary>
    public Task<ProgramResult> ObtainAsync(IReadOnlyList<string> names, params IEnumerable<string> options) =>
        RunAsync(["certonly", "--standalone", "--http-01-address", "127.0.0.1", "--http-01-port", $"{server.Http01Port}",
            .. names.SelectMany(name => new[] { "-d", name }), .. options]);

    /// <summary>Asks for a certificate; the challenge's answer is none of certbot's business.</summary>
    public Task<ProgramResult> ObtainWithoutAnsweringAsync(string name) =>
        RunAsync(["certonly", "--manual", "--manual-auth-hook", "true", "--preferred-challenges", "http", "-d", name]);

    /// <summary>Asks for a certificate, and has a program publish the TXT records that dns-01 wants.</summary>
    public Task<ProgramResult> ObtainByDnsAsync(string publisher, params IEnumerable<string> names) =>
        RunAsync(["certonly", "--manual", "--manual-auth-hook", publisher, "--preferred-challenges", "dns", .. names.SelectMany(name => new[] { "-d", name })]);

    /// <summary>Renews every certificate that it has, whatever its age.</summary>
    public Task<ProgramResult> RenewAsync() => RunAsync(["renew", "--force-renewal", "--no-random-sleep-on-renew"]);

    /// <summary>Revokes a certificate with the account that ordered it.</summary>
    /// <param name="name">The order's first name.</param>
    /// <param name="reason">certbot's word for the reason.</param>
    public Task<ProgramResult> RevokeAsync(string name, string reason) =>
        RunAsync(["revoke", "--cert-name", name, "--reason", reason, "--no-delete-after-revoke"]);

    /// <summary>What it was given for the order whose first name this is.</summary>
    public ObtainedCertificate Certificate(string name) => new(
        _scratch.File($"config/live/{name}/cert.pem"), _scratch.File($"config/live/{name}/chain.pem"), server.RootCertificateFile);

    public void Dispose() => _scratch.Dispose();

    private Task<ProgramResult> RunAsync(IReadOnlyList<string> arguments) => _program.RunAsync(
        [.. arguments, "--non-interactive", "--agree-tos", "--register-unsafely-without-email", "--server", server.Directory.ToString(),
            "--config-dir", _scratch.File("config"), "--work-dir", _scratch.File("work"), "--logs-dir", _scratch.File("log")],
        new Dictionary<string, string> { ["REQUESTS_CA_BUNDLE"] = server.RootCertificateFile },
        TestContext.Current.CancellationToken);
}
