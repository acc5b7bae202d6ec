using System.CommandLine;
using System.Security.Cryptography;
using CaServer.Composition;
using CaServer.Configuration;
using CaServer.Storage;

namespace CaServer.Cli;

/// <summary><c>caserver certificate</c>: certificates that were issued. All of it works while the server runs.</summary>
internal static class CertificateCommand
{
    public static Command Create() => new("certificate", "Certificates that were issued.")
    {
        CertificateListCommand.Create(),
        Show(),
        Export(),
    };

    /// <summary>The certificate with a serial number.</summary>
    /// <exception cref="OperatorFaultException">There is none.</exception>
    internal static async Task<ListedCertificate> FindAsync(string serial, Database database, CancellationToken ct) =>
        await new CertificateList(database).FindAsync(SerialText.Parse(serial), ct)
        ?? throw new OperatorFaultException($"no certificate has the serial number {OneLine.Of(serial)}; 'caserver certificate list' shows those that there are");

    private static Argument<string> SerialArgument() => new("SERIAL") { Description = "The serial number, hexadecimal." };

    private static Command Show()
    {
        var serial = SerialArgument();
        var (config, json) = (CommonOptions.Config(), CommonOptions.Json());
        var command = new Command("show", "Show a certificate.") { serial, config, json };
        command.SetAction(async (parsed, ct) =>
        {
            var settings = CommonOptions.Load(parsed.GetValue(config));
            await using var database = await CommandDatabase.OpenAsync(settings, ct);
            var certificate = await FindAsync(parsed.GetRequiredValue(serial), database, ct);
            CertificateOutput.Write(certificate, await ChecksAsync(certificate.Issuance, settings, database, ct), TimeProvider.System.GetUtcNow(), parsed.GetValue(json));
            return (int)ExitCode.Ok;
        });
        return command;
    }

    // They go with the order, some time after it ran out.
    private static async Task<IReadOnlyList<CheckedName>> ChecksAsync(Issuance issuance, CaServerSettings settings, Database database, CancellationToken ct)
    {
        if (issuance.Order is not { } order)
            return [];
        var urls = await AccountReference.UrlsAsync(settings, database, ct);
        return [.. (await new AuthorizationStore(database).FindForOrderAsync(order, ct)).Select(a => new CheckedName(a.Identifier.ToString(), urls.Checks(a.Id)))];
    }

    private static Command Export()
    {
        var serial = SerialArgument();
        var output = new Option<string?>("--out") { Description = "File to write, which must not exist yet. Default: standard output.", HelpName = "FILE" };
        var der = new Option<bool>("--der") { Description = "Write DER, not PEM." };
        var chain = new Option<bool>("--chain") { Description = "Also write the issuing CA's certificate." };
        var config = CommonOptions.Config();
        var command = new Command("export", "Write a certificate, PEM or DER.") { serial, output, der, chain, config };
        command.Validators.Add(result =>
        {
            if (result.Has(der) && result.Has(chain))
                result.AddError("--der has one certificate; leave --chain off");
        });
        command.SetAction(async (parsed, ct) =>
        {
            await using var database = await CommandDatabase.OpenAsync(CommonOptions.Load(parsed.GetValue(config)), ct);
            var issuance = (await FindAsync(parsed.GetRequiredValue(serial), database, ct)).Issuance;
            var octets = parsed.GetValue(der) ? issuance.Certificate! : System.Text.Encoding.ASCII.GetBytes(Pem(issuance.Certificate!));
            if (parsed.GetValue(chain) && await new IssuerStore(database).FindAsync(issuance.Issuer, ct) is { } issuer)
                octets = [.. octets, .. System.Text.Encoding.ASCII.GetBytes(Pem(issuer.Certificate))];
            await WriteAsync(parsed.GetValue(output), octets, ct);
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static string Pem(byte[] der) => PemEncoding.WriteString("CERTIFICATE", der) + "\n";

    private static async Task WriteAsync(string? file, byte[] octets, CancellationToken ct)
    {
        try
        {
            await using var stream = file is null ? Console.OpenStandardOutput() : new FileStream(file, FileMode.CreateNew, FileAccess.Write);
            await stream.WriteAsync(octets, ct);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OperatorFaultException("--out", $"{file} cannot be written ({e.Message.TrimEnd('.')}); name a file that does not exist yet in a directory that does", e);
        }
    }
}
