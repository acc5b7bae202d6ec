using System.Net;
using CaServer.Domain;
using CaServer.TestKit.Dns;
using CaServer.TestKit.Processes;
using CaServer.Validation;
using CaServer.Validation.Dns;

namespace CaServer.Tests.Validation;

public sealed class NameResolutionTests
{
    public static TheoryData<string> Replies => ["nxdomain", "no-records", "servfail", "refused", "silence", "garbage", "other-name"];

    [Theory]
    [MemberData(nameof(Replies))]
    public async Task Each_failure_of_a_name_server_is_told_apart(string kind)
    {
        var (reply, cause) = kind switch
        {
            "nxdomain" => (DnsReply.UnknownName, FailureCause.NameUnknown),
            "no-records" => (DnsReply.Addresses(), FailureCause.NoAddress),
            "servfail" => (DnsReply.ServerFailure, FailureCause.DnsError),
            "refused" => (DnsReply.Refused, FailureCause.DnsError),
            "silence" => (DnsReply.Silence, FailureCause.DnsTimeout),
            "garbage" => (DnsReply.Garbage, FailureCause.DnsGarbled),
            _ => (DnsReply.OfAnotherName("127.0.0.1"), FailureCause.DnsGarbled),
        };
        await using var rig = CheckRig.Good();
        rig.Settings = rig.Settings with { DnsTimeout = TimeSpan.FromMilliseconds(100) };
        rig.Dns.With(CheckRig.Name, reply);

        var failed = await rig.FailsAsync(cause, ProblemType.Dns);

        Assert.StartsWith($"{CheckRig.Name} could not be looked up: ", failed.Problem.Detail, StringComparison.Ordinal);
        Assert.Equal(rig.Dns.Endpoint.ToString(), failed.Trace.Steps.OfType<CheckStep.Resolved>().Single().Through);
        Assert.Equal(0, rig.Responder.Connections);
    }

    // DnsClient shows a name in an answer with U-labels, one in a question as it is.
    [Fact]
    public async Task A_name_with_an_A_label_is_looked_up()
    {
        await using var rig = CheckRig.Good();
        rig.Dns.With("xn--bcher-kva.corp.example", "127.0.0.1");
        await rig.ProvesAsync("xn--bcher-kva.corp.example");
    }

    [Fact]
    public async Task The_time_of_the_check_bounds_the_look_up()
    {
        await using var rig = CheckRig.Good();
        rig.Settings = rig.Settings with { DnsTimeout = TimeSpan.FromMinutes(1), Timeout = TimeSpan.FromMilliseconds(200) };
        rig.Dns.With(CheckRig.Name, DnsReply.Silence);
        await rig.FailsAsync(FailureCause.DnsTimeout, ProblemType.Dns);
    }

    [Fact]
    public async Task One_family_is_enough_when_the_other_fails()
    {
        await using var rig = CheckRig.Good();
        rig.Dns.With(CheckRig.Name, ipv6 => ipv6 ? DnsReply.ServerFailure : DnsReply.Addresses("127.0.0.1"));

        var outcome = await rig.CheckAsync();

        CheckRig.Statement(outcome);
        Assert.Contains("SERVFAIL", outcome.Trace.Steps.OfType<CheckStep.Resolved>().Single().Fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_name_server_that_fails_is_followed_by_the_next(bool silent)
    {
        await using var first = new ScriptedDnsServer().With(CheckRig.Name, silent ? DnsReply.Silence : DnsReply.ServerFailure);
        await using var rig = CheckRig.Good();
        rig.Settings = rig.Settings with { Resolvers = [first.Endpoint, rig.Dns.Endpoint], DnsTimeout = TimeSpan.FromMilliseconds(100) };

        await rig.ProvesAsync();
        Assert.NotEmpty(first.Questions);
    }

    [Fact]
    public async Task A_name_server_that_says_no_such_name_has_answered()
    {
        await using var first = new ScriptedDnsServer();
        await using var rig = CheckRig.Good();
        rig.Settings = rig.Settings with { Resolvers = [first.Endpoint, rig.Dns.Endpoint] };

        await rig.FailsAsync(FailureCause.NameUnknown, ProblemType.Dns);
        Assert.Empty(rig.Dns.Questions);
    }

    [Fact]
    public async Task A_real_name_server_is_asked_for_both_families_and_aliases_are_followed()
    {
        await using var server = await DnsTestServer.StartAsync(TestContext.Current.CancellationToken);
        await server.SetAddressesAsync("real.corp.example", "127.0.0.1");
        await server.SetIPv6AddressesAsync("real.corp.example", "::1");
        await server.SetAliasAsync("alias.corp.example", "real.corp.example");
        await server.FailAsync("broken.corp.example");
        await using var rig = CheckRig.Good();
        rig.Settings = rig.Settings with { Resolvers = [server.Endpoint] };

        var outcome = await rig.CheckAsync("real.corp.example");
        CheckRig.Statement(outcome);
        Assert.Equal(["::1", "127.0.0.1"], outcome.Trace.Steps.OfType<CheckStep.Resolved>().Single().Addresses);
        await rig.ProvesAsync("alias.corp.example");
        await rig.FailsAsync(FailureCause.DnsError, ProblemType.Dns, "broken.corp.example");
    }

    [Fact]
    public void Addresses_of_both_families_take_turns()
    {
        var found = Resolution.Found("a.example", "", ((string[])["10.0.0.1", "fc00::1", "10.0.0.2", "fc00::2", "fc00::3", "fc00::1"]).Select(IPAddress.Parse));
        Assert.Equal(["fc00::1", "10.0.0.1", "fc00::2", "10.0.0.2", "fc00::3"], found.Addresses.Select(a => a.ToString()));
    }

    [Fact]
    public async Task Without_configured_resolvers_the_hosts_file_comes_first_and_is_read_again_when_it_changes()
    {
        using var scratch = new ScratchDirectory();
        var (hosts, resolv) = (scratch.File("hosts"), scratch.File("resolv.conf"));
        File.WriteAllText(hosts, "# comment\n127.0.0.9\tWWW.corp.example www # more\n::9 www.corp.example\nnonsense\n");
        var resolver = new NameResolver(new PerspectiveSettings { Name = "lab" }, hosts, resolv);

        Assert.Equal(["::9", "127.0.0.9"], (await ResolveAsync(resolver)).Addresses.Select(a => a.ToString()));

        File.WriteAllText(hosts, "127.0.0.10 www.corp.example\n");
        File.SetLastWriteTimeUtc(hosts, File.GetLastWriteTimeUtc(hosts).AddSeconds(1));
        var changed = await ResolveAsync(resolver);
        Assert.Equal((hosts, "127.0.0.10"), (changed.Through, changed.Addresses.Single().ToString()));
    }

    [Theory]
    [InlineData(PolicyPreset.WebPki, false)]
    [InlineData(PolicyPreset.Private, true)]
    public async Task The_hosts_file_is_not_read_under_webpki_nor_beside_a_configured_resolver(PolicyPreset preset, bool configured)
    {
        using var scratch = new ScratchDirectory();
        var hosts = scratch.File("hosts");
        File.WriteAllText(hosts, "127.0.0.9 www.corp.example\n");
        await using var server = new ScriptedDnsServer();
        var settings = new PerspectiveSettings { Name = "lab", Preset = preset, Resolvers = configured ? [server.Endpoint] : [] };

        var resolution = await ResolveAsync(new NameResolver(settings, hosts, scratch.File("resolv.conf")));

        Assert.Equal(configured ? FailureCause.NameUnknown : FailureCause.NoResolver, resolution.Cause);
    }

    [Fact]
    public void The_systems_name_servers_are_read_without_their_search_lists() =>
        Assert.Equal(
            ["192.0.2.1:53", "[2001:db8::1]:53", "192.0.2.2:53"],
            SystemFiles.ParseResolvConf(
                ["# x", "search corp.example", "nameserver 192.0.2.1", "nameserver\t2001:db8::1 ", "nameserver x", "options ndots:5", "nameserver 192.0.2.2", "nameserver 192.0.2.3"])
                .Select(e => e.ToString()));

    private static Task<Resolution> ResolveAsync(NameResolver resolver) => resolver.ResolveAsync(CheckRig.Name, TestContext.Current.CancellationToken);
}
