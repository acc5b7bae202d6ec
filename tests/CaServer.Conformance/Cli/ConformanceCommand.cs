using System.Buffers.Text;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using CaServer.Conformance.Cases;
using CaServer.Conformance.Reporting;
using CaServer.Conformance.Suite;

namespace CaServer.Conformance.Cli;

/// <summary>The command line.</summary>
internal static class ConformanceCommand
{
    private const int MaxParallel = 64;

    public static RootCommand Create()
    {
        var directory = new Argument<Uri?>("directory")
        {
            Description = "URL of the server's directory",
            Arity = ArgumentArity.ZeroOrOne,
            CustomParser = result => ParseUrl(result),
        };
        var root = new Option<FileInfo?>("--root") { Description = "PEM file with the root to trust for TLS; otherwise the system's" };
        var insecure = new Option<bool>("--insecure") { Description = "Do not check the server's TLS certificate" };
        var domains = new Option<string[]>("--domain") { Description = "Domain below which names are made up and ordered; may be given several times" };
        var http01 = Endpoint("--http01-listen", "Answer http-01 at this ADDRESS:PORT, where the server's checks must arrive");
        var tlsAlpn01 = Endpoint("--tls-alpn01-listen", "Answer tls-alpn-01 at this ADDRESS:PORT");
        var dns = new Option<Uri?>("--dns-management")
        {
            Description = "Management URL of a pebble-challtestsrv that the server asks for DNS",
            CustomParser = result => ParseUrl(result),
        };
        var nameAddress = Address("--name-address", "Address that made-up names are given, by --dns-management");
        var ip = Address("--ip", "Address to order a certificate for (RFC 8738), at which challenges are answered");
        var kid = new Option<string?>("--eab-kid") { Description = "Key identifier of an external account (RFC 8555 §7.3.4)" };
        var mac = new Option<string?>("--eab-key") { Description = "Its MAC key, base64url" };
        var only = new Option<string[]>("--only") { Description = "Only cases of this clause, such as 'RFC 8555 §7.3.5', '7.4' or 'RFC 9773'; may be given several times" };
        var except = new Option<string[]>("--except") { Description = "No cases of this clause; may be given several times" };
        var list = new Option<bool>("--list") { Description = "List the cases and run none" };
        var json = new Option<bool>("--json") { Description = "Report as JSON" };
        var parallel = new Option<int>("--parallel") { Description = $"How many cases run at once (1 to {MaxParallel})", DefaultValueFactory = _ => 8 };

        var poll = new Option<int>("--poll-wait") { Description = "Milliseconds before a resource that is being worked on is read first", DefaultValueFactory = _ => 50 };
        parallel.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > MaxParallel)
                result.AddError($"--parallel is 1 to {MaxParallel}.");
        });
        var command = new RootCommand("Runs against any ACME directory and says, clause by clause, what the server does.\nExit code: 0 every MUST holds, 1 a MUST fails, 2 a MUST could not be judged or nothing could be done.")
        {
            directory, root, insecure, domains, http01, tlsAlpn01, dns, nameAddress, ip, kid, mac, only, except, list, json, parallel, poll,
        };
        command.Validators.Add(result =>
        {
            if (!result.GetValue(list) && result.GetValue(directory) is null)
                result.AddError("Give the URL of a directory, or --list.");
            if (result.GetValue(kid) is null != result.GetValue(mac) is null)
                result.AddError("--eab-kid and --eab-key go together.");
            if (result.GetValue(mac) is { } text && !Base64Url.IsValid(text))
                result.AddError("--eab-key is not base64url.");
            if (result.GetValue(root) is { Exists: false } missing)
                result.AddError($"--root: there is no file {missing}.");
        });
        command.SetAction(async (parsed, ct) =>
        {
            var (within, without) = (parsed.GetValue(only) ?? [], parsed.GetValue(except) ?? []);
            bool IsWanted(ConformanceCase item) => (within.Length == 0 || within.Any(item.IsWithin)) && !without.Any(item.IsWithin);
            if (!Catalogue.Cases.Any(IsWanted))
                return await RefuseAsync("No case is left by --only and --except; --list shows what there is.");
            if (parsed.GetValue(list))
                return List(IsWanted, parsed.GetValue(json));
            var target = new Target
            {
                Directory = parsed.GetValue(directory)!,
                RootFile = parsed.GetValue(root)?.FullName,
                Insecure = parsed.GetValue(insecure),
                Domains = parsed.GetValue(domains) ?? [],
                Address = parsed.GetValue(ip),
                Http01Listen = parsed.GetValue(http01),
                TlsAlpn01Listen = parsed.GetValue(tlsAlpn01),
                DnsManagement = parsed.GetValue(dns),
                NameAddress = parsed.GetValue(nameAddress),
                FirstPoll = TimeSpan.FromMilliseconds(Math.Clamp(parsed.GetValue(poll), 1, 10_000)),
                ExternalKey = parsed.GetValue(kid) is { } id ? new ExternalKey(id, Base64Url.DecodeFromChars(parsed.GetValue(mac))) : null,
            };
            try
            {
                return await RunAsync(target, [.. Catalogue.Cases.Where(IsWanted)], parsed.GetValue(parallel), parsed.GetValue(json), ct);
            }
            catch (Exception e) when (e is Undecidable or SocketException or IOException or UnauthorizedAccessException or CryptographicException)
            {
                return await RefuseAsync(e.Message);
            }
        });
        return command;
    }

    private static async Task<int> RunAsync(Target target, IReadOnlyList<ConformanceCase> cases, int parallel, bool json, CancellationToken ct)
    {
        using var server = await ServerUnderTest.OpenAsync(target, ct);
        var report = new SuiteReport(target.Directory, await new SuiteRun(server, parallel).RunAsync(cases, ct));
        if (json)
            await Console.Out.WriteLineAsync(JsonReport.Of(report));
        else
            TextReport.Write(Console.Out, report);
        return report.ExitCode;
    }

    private static int List(Func<ConformanceCase, bool> wanted, bool json)
    {
        if (json)
            Console.Out.WriteLine(JsonReport.OfList(Catalogue.Sections, wanted));
        else
            TextReport.WriteList(Console.Out, Catalogue.Cases.Where(wanted));
        return SuiteReport.Conforms;
    }

    private static async Task<int> RefuseAsync(string why)
    {
        await Console.Error.WriteLineAsync(why);
        return SuiteReport.IsUndecided;
    }

    private static Option<IPEndPoint?> Endpoint(string name, string description) => new(name)
    {
        Description = description,
        CustomParser = result =>
        {
            if (IPEndPoint.TryParse(result.Tokens[0].Value, out var endpoint) && endpoint.Port != 0)
                return endpoint;
            result.AddError($"{name} wants ADDRESS:PORT, such as 127.0.0.1:5002.");
            return null;
        },
    };

    private static Option<IPAddress?> Address(string name, string description) => new(name)
    {
        Description = description,
        CustomParser = result =>
        {
            if (IPAddress.TryParse(result.Tokens[0].Value, out var address))
                return address;
            result.AddError($"{name} wants an IP address.");
            return null;
        },
    };

    private static Uri? ParseUrl(ArgumentResult result)
    {
        if (Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var url) && url.Scheme is "https" or "http")
            return url;
        result.AddError($"'{result.Tokens[0].Value}' is no http or https URL.");
        return null;
    }
}
