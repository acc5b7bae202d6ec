using System.Net;
using CaServer.Domain;
using CaServer.TestKit.Dns;
using CaServer.TestKit.Http;
using CaServer.Validation;

namespace CaServer.Tests.Validation;

/// <summary>
/// Attempts to make the CA connect where only the CA can. 127.0.0.1 plays the attacker's own server; what listens on other
/// loopback addresses plays what must not be reached, and where nothing can listen the trace must show that nothing was tried.
/// </summary>
public sealed class HostileTargetTests
{
    public static TheoryData<string> Addresses =>
    [
        "169.254.169.254", "127.0.0.2", "0.0.0.0", "10.0.0.1", "192.168.0.1", "172.16.0.1", "100.64.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192",
        "224.0.0.1", "255.255.255.255", "198.18.0.1", "240.0.0.1",
        "::", "::1", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.2", "::ffff:169.254.169.254", "::7f00:2",
        "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:a9fe:a9fe::", "2002:7f00:2::", "2001:0:1::1", "fec0::1",
    ];

    public static TheoryData<string> Urls =>
    [
        "http://169.254.169.254/latest/meta-data/", "https://169.254.169.254/", "http://2852039166/", "http://0xa9fea9fe/", "http://0xa9.0xfe.0xa9.0xfe/",
        "http://0251.0376.0251.0376/", "http://169.254.43518/", "http://127.0.0.2/", "http://127.2/", "http://2130706434/", "http://017700000002/", "http://0x7f.0.0.2/",
        "http://0/", "http://0.0.0.0/", "http://localhost/", "http://LOCALHOST./", "http://a.localhost/", "http://[::]/", "http://[::1]/", "http://[::ffff:127.0.0.2]/",
        "http://[::ffff:7f00:2]/", "http://[::127.0.0.2]/", "http://[64:ff9b::169.254.169.254]/", "http://[2002:a9fe:a9fe::]/", "http://[fe80::1]/",
        "http://[fd00:ec2::254]/", "http://10.0.0.1/", "http://192.168.0.1/", "http://255.255.255.255/", "http://①②⑦.0.0.2/", "http://127。0。0。2/",
        "http://metadata.corp.example/", "http://mapped.corp.example/",
        "http://[fe80::1%25eth0]/", "http://[::1%25lo]/", "http://[fe80::1%251]/", "http://[2001:0:7f00:2::]/", "http://[64:ff9b:1::a9fe:a9fe]/",
        "http://user@127.0.0.2/", "http://user:password@169.254.169.254/", "http://www.corp.example@127.0.0.2/", "http://127.0.0.2\\@www.corp.example/",
        "http://127.0.0.2:22/", "http://www.corp.example:25/", "https://www.corp.example:6443/", "http://www.corp.example:0/", "http://www.corp.example:99999/",
        "ftp://127.0.0.2/", "file:///etc/passwd", "gopher://127.0.0.2:70/", "ldap://127.0.0.2/", "ws://127.0.0.2/", "data:text/plain,x", "javascript:1", "//127.0.0.2/", "unix:/run/x",
    ];

    [Theory]
    [MemberData(nameof(Addresses))]
    public async Task A_name_that_points_there_is_not_followed(string address)
    {
        await using var rig = Rig(x => x.AnswerAsync(200, CheckRig.KeyAuthorization));
        await using var canary = new Responder(x => x.AnswerAsync(200, CheckRig.KeyAuthorization), "127.0.0.2", rig.Responder.Port);
        rig.Dns.With(CheckRig.Name, address);

        var failed = await rig.FailsAsync(FailureCause.AddressRefused, ProblemType.Connection);

        Assert.Equal(0, canary.Connections);
        Assert.Empty(failed.Trace.Steps.OfType<CheckStep.Connected>());
        Assert.Contains("this CA does not connect there", failed.Problem.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Urls))]
    public async Task A_redirect_there_is_not_followed(string url)
    {
        await using var rig = Rig(x => x.SendAsync(System.Text.Encoding.UTF8.GetBytes($"HTTP/1.1 302 R\r\nLocation: {url}\r\nContent-Length: 0\r\n\r\n")));
        await using var canary = new Responder(x => x.AnswerAsync(200, CheckRig.KeyAuthorization), "127.0.0.2", rig.Responder.Port);
        rig.Dns.With("metadata.corp.example", "169.254.169.254").With("mapped.corp.example", "::ffff:127.0.0.2");
        rig.Dns.With("localhost", "127.0.0.2").With("a.localhost", "127.0.0.2");

        var failed = Assert.IsType<ValidationOutcome.Failed>(await rig.CheckAsync());

        Assert.Contains(failed.Cause, (FailureCause[])
            [
                FailureCause.AddressRefused, FailureCause.RedirectTarget, FailureCause.NameUnknown, FailureCause.RedirectScheme, FailureCause.RedirectPort,
                FailureCause.RedirectCredentials,
            ]);
        Assert.Equal(0, canary.Connections);
        var connected = Assert.Single(failed.Trace.Steps.OfType<CheckStep.Connected>());
        Assert.Equal(rig.Responder.Endpoint.ToString(), connected.Address);
    }

    [Fact]
    public async Task A_cookie_that_a_server_sets_is_not_sent_back()
    {
        await using var rig = new CheckRig(x => x.Path == "/again"
            ? x.AnswerAsync(200, CheckRig.KeyAuthorization)
            : x.SendAsync("HTTP/1.1 302 R\r\nLocation: /again\r\nSet-Cookie: a=b; Path=/\r\nContent-Length: 0\r\n\r\n"));

        await rig.ProvesAsync();
        Assert.Equal(2, rig.Responder.Requests.Count);
        Assert.All(rig.Responder.Requests, r => Assert.Empty(r.Headers["Cookie"]));
    }

    [Fact]
    public async Task A_redirect_from_elsewhere_to_localhost_is_not_followed_under_the_private_preset()
    {
        // Here the attacker's server is at 127.0.0.2, and the CA's own loopback services, which localhost leads to, at 127.0.0.1.
        await using var rig = Rig(x => x.AnswerAsync(200, CheckRig.KeyAuthorization));
        await using var attacker = new Responder(x => x.RedirectAsync($"http://demo.localhost:{x.LocalEndPoint.Port}/"), "127.0.0.2", rig.Responder.Port);
        rig.Settings = rig.Settings with { Preset = PolicyPreset.Private, AllowedNetworks = [IPNetwork.Parse("127.0.0.2/32")] };
        rig.Dns.With(CheckRig.Name, "127.0.0.2");

        await rig.FailsAsync(FailureCause.AddressRefused, ProblemType.Connection);
        Assert.Equal((1, 0), (attacker.Connections, rig.Responder.Connections));
    }

    [Fact]
    public async Task A_name_server_that_changes_its_answer_between_two_requests_gains_nothing()
    {
        var asked = 0;
        await using var rig = Rig(x => x.RedirectAsync("/again"));
        await using var canary = new Responder(x => x.AnswerAsync(200, CheckRig.KeyAuthorization), "127.0.0.2", rig.Responder.Port);
        rig.Dns.With(CheckRig.Name, ipv6 => ipv6 ? DnsReply.Addresses() : DnsReply.Addresses(asked++ == 0 ? "127.0.0.1" : "127.0.0.2"));

        await rig.FailsAsync(FailureCause.AddressRefused, ProblemType.Connection);
        Assert.Equal((1, 0, 2), (rig.Responder.Connections, canary.Connections, asked));
    }

    [Fact]
    public async Task Among_several_addresses_only_the_permitted_are_tried()
    {
        await using var rig = Rig(x => x.AnswerAsync(200, CheckRig.KeyAuthorization));
        await using var canary = new Responder(x => x.AnswerAsync(200, CheckRig.KeyAuthorization), "127.0.0.2", rig.Responder.Port);
        rig.Dns.With(CheckRig.Name, "127.0.0.2", "::1", "169.254.169.254", "127.0.0.1");

        Assert.Equal(rig.Responder.Endpoint.ToString(), (await rig.ProvesAsync()).Address);
        Assert.Equal(0, canary.Connections);
    }

    private static CheckRig Rig(Func<HttpExchange, Task> answer)
    {
        var rig = new CheckRig(answer);
        rig.Settings = rig.Settings with { Preset = PolicyPreset.WebPki, AllowedNetworks = [IPNetwork.Parse("127.0.0.1/32")] };
        return rig;
    }
}
