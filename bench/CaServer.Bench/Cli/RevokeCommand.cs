using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Text;
using CaServer.Bench.Acme;
using CaServer.Bench.Load;
using CaServer.Bench.Responders;

namespace CaServer.Bench.Cli;

/// <summary><c>revoke</c>: orders certificates of a server that is running already, revokes one after the other, and times until OCSP and CRL say so.</summary>
internal static class RevokeCommand
{
    public static Command Create()
    {
        var directory = Parsed.Option("--directory", "The ACME directory URL, https", text => Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme == "https" ? url : null);
        var root = new Option<FileInfo>("--root") { Description = "PEM file with the root that the server's TLS certificate chains to", Required = true };
        var httpPort = new Option<int>("--http-port") { Description = "Port of the http-01 responder", DefaultValueFactory = _ => 80 };
        var dns = Parsed.Option("--dns-listen", "ADDRESS:PORT for a DNS server that answers every benchmark name with 127.0.0.1", text => IPEndPoint.TryParse(text, out var e) ? e : null);
        var count = new Option<int>("--count") { Description = "How many certificates", DefaultValueFactory = _ => 10 };
        var command = new Command("revoke", "Time revocations: the request itself, and until OCSP and CRL have it") { directory, root, httpPort, dns, count };
        command.SetAction(async (parsed, ct) =>
        {
            await using var responder = new Http01Responder(new IPEndPoint(IPAddress.Loopback, parsed.GetValue(httpPort)));
            await using var names = new DnsResponder(parsed.GetValue(dns)!, "bench.test", IPAddress.Loopback);
            using var http = ServerTrust.FromFile(parsed.GetValue(root)!.FullName).CreateClient(connections: 1);
            using var plain = new HttpClient();
            var acme = await AcmeDirectory.FetchAsync(http, parsed.GetValue(directory)!, ct);
            using var account = new AccountSigner();
            var client = new AcmeClient(http, acme, new NoncePool(capacity: 4));
            account.Kid = (await client.PostAsync(account, acme.NewAccount, Encoding.ASCII.GetBytes("""{"termsOfServiceAgreed":true}"""), ct)).Location
                ?? throw new AcmeFailure("newAccount answered without a Location");
            var label = "revoke-" + TimeProvider.System.GetUtcNow().ToUnixTimeSeconds().ToString("x", CultureInfo.InvariantCulture);
            var requests = PreparedRequests.Create(parsed.GetValue(count), label, "bench.test");
            var revocation = new RevocationRun(client, account, acme.RevokeCert, plain);
            var samples = new List<RevocationSample>();
            for (var i = 0; i < requests.Count; i++)
            {
                var order = new OrderSample { Request = requests[i] };
                await new OrderRun(client, account, responder, order, pollOrder: false).RunAsync(ct);
                samples.Add(await revocation.RunAsync(order.Chain!, ct));
            }
            Console.WriteLine("| ms | least | median | most |");
            Console.WriteLine("|---|---|---|---|");
            Write("revokeCert", samples.Select(s => s.Answer));
            Write("until OCSP says revoked", samples.Select(s => s.Ocsp));
            Write("until the CRL lists it", samples.Select(s => s.Crl));
            return 0;
        });
        return command;
    }

    private static void Write(string what, IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {what} | {sorted[0]:0.0} | {sorted[sorted.Count / 2]:0.0} | {sorted[^1]:0.0} |"));
    }
}
