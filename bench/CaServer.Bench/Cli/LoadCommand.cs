using System.CommandLine;
using System.Net;
using System.Net.Sockets;
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
        var directory = Parsed.Option("--directory", "The ACME directory URL, https", text => Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme == "https" ? url : null);
        var root = new Option<FileInfo>("--root") { Description = "PEM file with the root that the server's TLS certificate chains to", Required = true };
        var issuingRoot = new Option<FileInfo?>("--issuing-root") { Description = "PEM file with the root that issued chains must end in; without it only the signatures inside the chain are checked" };
        var httpListen = Parsed.Option("--http-listen", "Address of the http-01 responder", text => IPAddress.TryParse(text, out var a) ? a : null, IPAddress.Loopback);
        var httpPort = new Option<int>("--http-port") { Description = "Port of the http-01 responder", DefaultValueFactory = _ => 80 };
        var dns = Parsed.Option("--dns-listen", "ADDRESS:PORT for a DNS server that answers every benchmark name with the responder's address", text => IPEndPoint.TryParse(text, out var e) ? e : null, null);
        var concurrency = new Option<int>("--concurrency") { Description = "Orders in flight", DefaultValueFactory = _ => 8 };
        var pid = new Option<int?>("--pid") { Description = "Process id of the server, to read its CPU time and memory from /proc" };
        var command = new Command("load", "Drive one running ACME server") { directory, root, issuingRoot, httpListen, httpPort, dns, concurrency, pid };
        var options = new LevelOptions(command);

        command.SetAction(async (parsed, ct) =>
        {
            var settings = options.Settings(parsed, parsed.GetValue(concurrency));
            var address = parsed.GetValue(httpListen)!;
            await using var responder = Listen("the http-01 responder", new IPEndPoint(address, parsed.GetValue(httpPort)), at => new Http01Responder(at));
            await using var names = parsed.GetValue(dns) is { } listen
                ? Listen("the DNS server", listen, at => new DnsResponder(at, options.Suffix(parsed), address))
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

            var report = new BenchReport(TimeProvider.System.GetUtcNow(), Machine.Describe(Directory.GetCurrentDirectory()), Pinned: false, settings.ConnectionPerOrder, settings.PollOrder,
                [new ServerReport { Server = "load", Description = target.Directory.ToString(), Levels = [level] }]);
            return await Finish.WriteAsync(report, options.JsonFile(parsed), ct);
        });
        return command;
    }

    private static T Listen<T>(string what, IPEndPoint endPoint, Func<IPEndPoint, T> listen)
    {
        try
        {
            return listen(endPoint);
        }
        catch (SocketException e)
        {
            throw new AcmeFailure($"{what} cannot listen on {endPoint}: {e.Message}");
        }
    }
}
