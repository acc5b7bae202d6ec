using System.CommandLine;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using CaServer.Bench.Acme;
using CaServer.Bench.Load;
using CaServer.Bench.Reporting;
using CaServer.Bench.Responders;
using CaServer.Bench.Servers;

namespace CaServer.Bench.Cli;

/// <summary><c>load</c>: drives a server that is running already.</summary>
internal static class LoadCommand
{
    public static Command Create()
    {
        var directory = new Option<Uri>("--directory") { Description = "The ACME directory URL", Required = true };
        var root = new Option<FileInfo>("--root") { Description = "PEM file with the root that the server's TLS certificate chains to", Required = true };
        var issuingRoot = new Option<FileInfo?>("--issuing-root") { Description = "PEM file with the root that issued chains must end in; without it only the signatures inside the chain are checked" };
        var httpListen = new Option<string>("--http-listen") { Description = "Address of the http-01 responder", DefaultValueFactory = _ => "127.0.0.1" };
        var httpPort = new Option<int>("--http-port") { Description = "Port of the http-01 responder", DefaultValueFactory = _ => 80 };
        var dns = new Option<string?>("--dns-listen") { Description = "ADDRESS:PORT for a DNS server that answers every benchmark name with the responder's address" };
        var concurrency = new Option<int>("--concurrency") { Description = "Orders in flight, each with an account of its own", DefaultValueFactory = _ => 8 };
        var pid = new Option<int?>("--pid") { Description = "Process id of the server, to read its CPU time and memory from /proc" };
        var command = new Command("load", "Drive one running ACME server") { directory, root, issuingRoot, httpListen, httpPort, dns, concurrency, pid };
        var options = new LevelOptions(command);

        command.SetAction(async (parsed, ct) =>
        {
            var settings = options.Settings(parsed, parsed.GetValue(concurrency));
            var address = IPAddress.Parse(parsed.GetValue(httpListen)!);
            await using var responder = new Http01Responder(new IPEndPoint(address, parsed.GetValue(httpPort)));
            await using var names = parsed.GetValue(dns) is { } listen
                ? new DnsResponder(IPEndPoint.Parse(listen), options.Suffix(parsed), address)
                : null;
            var requests = options.Prepare(parsed, settings, "load");

            var roots = new X509Certificate2Collection();
            if (parsed.GetValue(issuingRoot) is { } file)
                roots.ImportFromPemFile(file.FullName);
            var target = new LoadTarget(
                parsed.GetValue(directory)!, ServerTrust.FromFile(parsed.GetValue(root)!.FullName), roots,
                parsed.GetValue(pid) is { } id ? () => ProcessUsage.Read(id) : null);
            using var check = new IssuedCheck(roots);
            var level = await new LevelRun(target, settings, requests, responder).RunAsync(check, ct);

            var report = new BenchReport(TimeProvider.System.GetUtcNow(), Machine.Describe(Directory.GetCurrentDirectory()), Pinned: false, settings.ConnectionPerOrder,
                [new ServerReport { Server = "load", Description = target.Directory.ToString(), Levels = [level] }]);
            return await Finish.WriteAsync(report, options.JsonFile(parsed), ct);
        });
        return command;
    }
}
