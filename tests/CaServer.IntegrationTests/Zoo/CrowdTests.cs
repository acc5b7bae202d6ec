using System.Globalization;
using CaServer.TestKit.Processes;

namespace CaServer.IntegrationTests.Zoo;

/// <summary>Many clients at once, and many orders at once. Every one of them succeeds.</summary>
public sealed class CrowdTests(Zoo zoo)
{
    [Fact]
    public async Task Fifty_certbot_processes_at_once_obtain_their_certificates()
    {
        var count = Count("CERTBOTS", 50);
        var crowd = new List<ZooClient>();
        try
        {
            while (crowd.Count < count)
                crowd.Add(await zoo.ClientAsync("certbot", Programs.Installed));
            await Task.WhenAll(crowd.Select(certbot =>
                certbot.ObtainsAsync("http-01, EC key", "conf/live/$NAME/cert.pem", "EC 256", "$NAME", "www.$NAME")));
        }
        finally
        {
            foreach (var certbot in crowd)
                await certbot.DisposeAsync();
        }
    }

    [Theory]
    [InlineData]
    [InlineData("--one-account")]
    public async Task Two_thousand_orders_succeed_with_32_in_flight(params string[] options)
    {
        await using var server = await CaServerProcess.StartAsync(cancellation: TestContext.Current.CancellationToken);
        var bench = ExternalProgram.Find("CaServer.Bench", Repository.OutputOf("bench/CaServer.Bench"));

        var result = await bench.RunAsync(
            ["load", "--directory", $"{server.Directory}", "--root", server.RootCertificateFile, "--issuing-root", server.RootCertificateFile,
                "--http-port", $"{server.Http01Port}", "--suffix", "crowd.localhost", "--warm-up", "0", "--concurrency", "32",
                "--orders", Count("ORDERS", 2000).ToString(CultureInfo.InvariantCulture), .. options],
            environment: null, atMost: TimeSpan.FromMinutes(10), TestContext.Current.CancellationToken);

        result.Succeeded(server.Log);
        TestContext.Current.TestOutputHelper?.WriteLine(result.Output);
    }

    private static int Count(string what, int usual) =>
        int.Parse(Environment.GetEnvironmentVariable($"CASERVERTEST_{what}") ?? $"{usual}", CultureInfo.InvariantCulture);
}
