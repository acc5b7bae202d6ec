using CaServer.Domain;
using CaServer.TestKit.Dns;
using CaServer.TestKit.Http;
using CaServer.Validation;

namespace CaServer.Tests.Validation;

public sealed class Http01Tests
{
    [Fact]
    public async Task A_name_that_answers_with_the_key_authorization_is_stated_under_the_perspectives_signature()
    {
        await using var rig = CheckRig.Good();
        var before = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();

        var valid = Assert.IsType<ValidationOutcome.Valid>(await rig.CheckAsync());

        Assert.True(SignedControlStatement.TryParse(valid.Statement.Compact, out var read));
        Assert.True(read.IsSignedBy(CheckRig.Key));
        Assert.InRange(read.Statement.CheckedAt, before, TimeProvider.System.GetUtcNow().ToUnixTimeSeconds());
        Assert.Equal(
            new ControlStatement
            {
                Perspective = "lab",
                IdentifierType = IdentifierType.Dns,
                Identifier = CheckRig.Name,
                Method = ValidationMethod.Http01,
                Section = "3.2.2.4.19",
                Thumbprint = CheckRig.Thumbprint,
                Token = CheckRig.Token,
                CheckedAt = read.Statement.CheckedAt,
                Address = rig.Responder.Endpoint.ToString(),
                Dnssec = DnssecState.Unchecked,
                Caa = CaaState.Absent,
                CaaCheckedAt = read.Statement.CaaCheckedAt,
                CaaWildcard = false,
                CaaDnssec = DnssecState.Unchecked,
            },
            read.Statement);
    }

    [Fact]
    public async Task The_request_asks_for_the_challenge_by_the_name_and_says_who_asks()
    {
        await using var rig = CheckRig.Good();
        await rig.ProvesAsync();

        var request = Assert.Single(rig.Responder.Requests);
        Assert.StartsWith($"GET {CheckRig.ChallengePath} HTTP/1.1\r\n", request.Head, StringComparison.Ordinal);
        Assert.Equal(CheckRig.Name, request.Host);
        Assert.StartsWith("CaServer/", request.Headers["User-Agent"].Single(), StringComparison.Ordinal);
        foreach (var header in (string[])["Cookie", "Authorization", "Accept-Encoding", "traceparent", "Referer"])
            Assert.Empty(request.Headers[header]);
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData(" \t\r\n\r\n")]
    public async Task Whitespace_after_the_key_authorization_is_ignored(string end)
    {
        await using var rig = new CheckRig(x => x.AnswerAsync(200, CheckRig.KeyAuthorization + end));
        await rig.ProvesAsync();
    }

    [Fact]
    public async Task A_chunked_answer_and_one_that_ends_with_the_connection_are_read()
    {
        const string Half = CheckRig.Token;
        const string Rest = "." + CheckRig.Thumbprint;
        await using var chunked = new CheckRig(x => x.SendAsync(
            $"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{Half.Length:x}\r\n{Half}\r\n{Rest.Length:x}\r\n{Rest}\r\n0\r\n\r\n"));
        await using var bare = new CheckRig(x => x.SendAsync($"HTTP/1.0 200 OK\r\n\r\n{CheckRig.KeyAuthorization}"));

        await chunked.ProvesAsync();
        await bare.ProvesAsync();
    }

    [Fact]
    public async Task IPv6_is_tried_first()
    {
        await using var rig = CheckRig.Good();
        await using var v6 = new Responder(x => x.AnswerAsync(200, CheckRig.KeyAuthorization), "::1", rig.Responder.Port);
        rig.Dns.With(CheckRig.Name, "127.0.0.1", "::1");

        Assert.Equal($"[::1]:{rig.Responder.Port}", (await rig.ProvesAsync()).Address);
        Assert.Equal(0, rig.Responder.Connections);
    }

    [Fact]
    public async Task Where_IPv6_refuses_the_connection_IPv4_is_tried()
    {
        await using var rig = CheckRig.Good();
        rig.Dns.With(CheckRig.Name, "127.0.0.1", "::1");

        var outcome = await rig.CheckAsync();

        Assert.Equal(rig.Responder.Endpoint.ToString(), CheckRig.Statement(outcome).Address);
        Assert.Equal(
            [($"[::1]:{rig.Responder.Port}", "refused the connection"), (rig.Responder.Endpoint.ToString(), null)],
            outcome.Trace.Steps.OfType<CheckStep.Connected>().Select(c => (c.Address, c.Fault)));
    }

    [Fact]
    public async Task Where_IPv6_answers_wrongly_IPv4_is_not_tried()
    {
        await using var rig = CheckRig.Good();
        await using var v6 = new Responder(x => x.AnswerAsync(404, ""), "::1", rig.Responder.Port);
        rig.Dns.With(CheckRig.Name, "127.0.0.1", "::1");

        await rig.FailsAsync(FailureCause.NotFound, ProblemType.Unauthorized);
        Assert.Equal(0, rig.Responder.Connections);
    }

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("::1", "[::1]")]
    public async Task An_address_is_proved_by_itself_without_the_DNS(string address, string host)
    {
        await using var rig = CheckRig.Good();
        await using var v6 = new Responder(x => x.AnswerAsync(200, CheckRig.KeyAuthorization), "::1", rig.Responder.Port);

        var statement = CheckRig.Statement(await rig.CheckAsync(Identifier.Ip(address)));

        Assert.Equal(("3.2.2.5.6", IdentifierType.Ip, address), (statement.Section, statement.IdentifierType, statement.Identifier));
        // RFC 8738 §4: the Host header is the address.
        Assert.Equal(host, rig.Responder.Requests.Concat(v6.Requests).Single().Host);
        Assert.Empty(rig.Dns.Questions);
    }

    [Fact]
    public async Task A_name_below_localhost_is_loopback_without_the_DNS_under_the_private_preset()
    {
        await using var rig = CheckRig.Good();
        rig.Settings = rig.Settings with { AllowedNetworks = [] };

        Assert.Equal(rig.Responder.Endpoint.ToString(), (await rig.ProvesAsync("demo.localhost")).Address);
        Assert.Empty(rig.Dns.Questions);
    }

    [Fact]
    public async Task A_name_below_localhost_is_not_loopback_under_the_webpki_preset()
    {
        await using var rig = CheckRig.Good();
        rig.Settings = rig.Settings with { AllowedNetworks = [], Preset = PolicyPreset.WebPki };
        rig.Dns.With("demo.localhost", "127.0.0.1");

        await rig.FailsAsync(FailureCause.AddressRefused, ProblemType.Connection, "demo.localhost");
        Assert.Equal(0, rig.Responder.Connections);
    }

    [Fact]
    public async Task An_answer_too_large_for_UDP_comes_over_TCP()
    {
        await using var rig = CheckRig.Good();
        rig.Dns.With(CheckRig.Name, DnsReply.OnlyOverTcp("127.0.0.1"));

        await rig.ProvesAsync();
    }

    [Fact]
    public async Task The_trace_tells_the_steps_in_order_and_can_be_kept()
    {
        await using var rig = CheckRig.Good();
        var trace = (await rig.CheckAsync()).Trace;

        Assert.Collection(
            trace.Steps,
            s => Assert.Equal((CheckRig.Name, rig.Dns.Endpoint.ToString()), Assert.IsType<CheckStep.Resolved>(s) is var r ? (r.Name, r.Through) : default),
            s => Assert.IsType<CheckStep.Connected>(s),
            s => Assert.Equal(CheckRig.KeyAuthorization, Assert.IsType<CheckStep.Answered>(s).Body),
            s => Assert.Equal((CheckRig.Name, CaaState.Absent), Assert.IsType<CheckStep.CaaLookedUp>(s) is var c ? (c.Name, c.Result) : default));
        var kept = CheckTrace.Decode(trace.Encode());
        Assert.Equal(trace.Encode(), kept.Encode());
        Assert.Equal(trace.Steps.Select(s => s.GetType()), kept.Steps.Select(s => s.GetType()));
    }
}
