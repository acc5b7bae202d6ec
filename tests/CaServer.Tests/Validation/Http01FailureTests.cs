using System.Net;
using System.Net.Sockets;
using System.Text;
using CaServer.Domain;
using CaServer.TestKit.Processes;
using CaServer.Validation;
using CaServer.Validation.Connections;
using Microsoft.Extensions.Time.Testing;

namespace CaServer.Tests.Validation;

public sealed class Http01FailureTests
{
    [Theory]
    [InlineData(404, FailureCause.NotFound)]
    [InlineData(410, FailureCause.NotFound)]
    [InlineData(401, FailureCause.AccessDenied)]
    [InlineData(403, FailureCause.AccessDenied)]
    [InlineData(500, FailureCause.ServerError)]
    [InlineData(502, FailureCause.ServerError)]
    [InlineData(418, FailureCause.OtherStatus)]
    [InlineData(300, FailureCause.RedirectStatus)]
    [InlineData(303, FailureCause.RedirectStatus)]
    [InlineData(304, FailureCause.RedirectStatus)]
    public async Task Only_success_counts_even_with_the_right_body(int status, FailureCause cause)
    {
        await using var rig = new CheckRig(x => status == 304 ? x.SendAsync("HTTP/1.1 304 S\r\n\r\n") : x.AnswerAsync(status, CheckRig.KeyAuthorization));

        var failed = await rig.FailsAsync(cause, ProblemType.Unauthorized);

        Assert.StartsWith($"{rig.Responder.Endpoint} answered {status} for http://{CheckRig.Name}:", failed.Problem.Detail, StringComparison.Ordinal);
        Assert.Equal(status, failed.Trace.Steps.OfType<CheckStep.Answered>().Single().Status);
    }

    [Theory]
    [InlineData("", FailureCause.Empty)]
    [InlineData(" \n", FailureCause.Empty)]
    [InlineData("nonsense", FailureCause.WrongContent)]
    [InlineData("x." + CheckRig.KeyAuthorization, FailureCause.WrongContent)]
    [InlineData(" " + CheckRig.KeyAuthorization, FailureCause.WrongContent)]
    [InlineData(CheckRig.KeyAuthorization + " x", FailureCause.WrongContent)]
    [InlineData(CheckRig.KeyAuthorization + "\0", FailureCause.WrongContent)]
    [InlineData("<!DOCTYPE html><html>It works!</html>", FailureCause.WebPage)]
    [InlineData("\uFEFF" + CheckRig.KeyAuthorization, FailureCause.ByteOrderMark)]
    [InlineData(CheckRig.Token, FailureCause.TokenOnly)]
    [InlineData(CheckRig.Token + ".AAAAul-wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ", FailureCause.OtherAccount)]
    [InlineData("AAAAxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA." + CheckRig.Thumbprint, FailureCause.OtherToken)]
    public async Task Another_body_is_unauthorized_and_is_recognised(string body, FailureCause cause)
    {
        await using var rig = new CheckRig(x => x.AnswerAsync(200, body));
        await rig.FailsAsync(cause, ProblemType.Unauthorized);
    }

    [Fact]
    public async Task What_came_is_shown_capped_and_printable()
    {
        await using var rig = new CheckRig(x => x.AnswerAsync(200, "\e[31m\"ha\"\\\r\n\tü" + new string('z', 500)));

        var detail = (await rig.FailsAsync(FailureCause.WrongContent, ProblemType.Unauthorized)).Problem.Detail;

        Assert.Contains("begins \"\\x1b[31m\\\"ha\\\"\\\\\\r\\n\\t\\xc3\\xbczzz", detail, StringComparison.Ordinal);
        Assert.Contains("zzz...\".", detail, StringComparison.Ordinal);
        Assert.All(detail, c => Assert.InRange(c, ' ', '~'));
        Assert.True(detail.Length < 700);
    }

    [Fact]
    public async Task A_huge_body_is_not_read_to_its_end()
    {
        var sent = 0L;
        await using var rig = new CheckRig(async x =>
        {
            await x.SendAsync("HTTP/1.1 200 OK\r\n\r\n");
            var block = new string('y', 64 * 1024);
            while (true)
            {
                await x.SendAsync(block);
                sent += block.Length;
            }
        });

        await rig.FailsAsync(FailureCause.TooLong, ProblemType.Unauthorized);
        await rig.Responder.DisposeAsync();
        // What the buffers of two sockets hold, and no more.
        Assert.True(sent < 64 * 1024 * 1024, $"{sent} bytes were sent");
    }

    [Fact]
    public async Task A_slow_drip_ends_with_the_time_of_the_check()
    {
        await using var rig = new CheckRig(async x =>
        {
            await x.SendAsync("HTTP/1.1 200 OK\r\n\r\n");
            using var drip = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
            while (await drip.WaitForNextTickAsync(x.End))
                await x.SendAsync("a");
        });
        rig.Settings = rig.Settings with { Timeout = TimeSpan.FromMilliseconds(300) };

        var failed = await rig.FailsAsync(FailureCause.AnswerTimeout, ProblemType.Connection);
        Assert.Contains("begins \"a", failed.Problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_stays_silent_ends_with_the_time_of_the_check()
    {
        var asked = new TaskCompletionSource();
        await using var rig = new CheckRig(x =>
        {
            asked.SetResult();
            return Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, x.End);
        });
        var clock = new FakeTimeProvider();
        using var perspective = new Perspective(rig.Settings, CheckRig.Key, clock);

        var check = perspective.CheckAsync(CheckRig.Request(Identifier.Dns(CheckRig.Name)), TestContext.Current.CancellationToken);
        await asked.Task;
        clock.Advance(rig.Settings.Timeout);

        var failed = Assert.IsType<ValidationOutcome.Failed>(await check);
        Assert.Equal((FailureCause.AnswerTimeout, ProblemType.Connection), (failed.Cause, failed.Problem.Type));
        Assert.Equal(rig.Settings.Timeout.TotalMilliseconds, failed.Trace.Milliseconds);
    }

    [Fact]
    public async Task A_closed_port_is_a_refused_connection()
    {
        await using var rig = CheckRig.Good();
        rig.Settings = rig.Settings with { Http01Port = LoopbackPorts.Next() };

        var failed = await rig.FailsAsync(FailureCause.ConnectionRefused, ProblemType.Connection);
        Assert.Equal(
            $"No connection to {CheckRig.Name}: 127.0.0.1:{rig.Settings.Http01Port} refused the connection. "
            + $"Start the server that answers the challenge on port {rig.Settings.Http01Port}, or point {CheckRig.Name} to where it runs.",
            failed.Problem.Detail);
    }

    [Fact]
    public async Task A_server_that_never_accepts_is_a_connection_that_times_out()
    {
        // A listener whose queue is full: the kernel drops what comes, as a firewall does.
        using var full = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        full.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        full.Listen(0);
        var queued = new List<Socket>();
        try
        {
            for (var connected = true; connected && queued.Count < 64;)
            {
                var filler = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                queued.Add(filler);
                using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
                connected = await filler.ConnectAsync(full.LocalEndPoint!, limit.Token).AsTask().ContinueWith(t => t.IsCompletedSuccessfully, TaskScheduler.Default);
            }
            await using var rig = CheckRig.Good();
            rig.Settings = rig.Settings with { Http01Port = ((IPEndPoint)full.LocalEndPoint!).Port, ConnectTimeout = TimeSpan.FromMilliseconds(200) };

            await rig.FailsAsync(FailureCause.ConnectTimeout, ProblemType.Connection);
        }
        finally
        {
            queued.ForEach(s => s.Dispose());
        }
    }

    [Fact]
    public async Task A_reset_is_a_lost_connection()
    {
        await using var rig = new CheckRig(x =>
        {
            x.Reset();
            return Task.CompletedTask;
        });
        await rig.FailsAsync(FailureCause.ConnectionLost, ProblemType.Connection);
        Assert.Equal(1, rig.Responder.Connections);
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nhalf")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Le")]
    public async Task An_answer_cut_short_is_a_lost_connection(string sent)
    {
        await using var rig = new CheckRig(x => x.SendAsync(sent));
        await rig.FailsAsync(FailureCause.ConnectionLost, ProblemType.Connection);
        Assert.Equal(1, rig.Responder.Connections);
    }

    [Theory]
    [InlineData("SSH-2.0-OpenSSH_9.2p1\r\n")]
    [InlineData("220 mail.example ESMTP\r\n")]
    [InlineData("HTTP/1.1 abc\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")]
    public async Task What_is_not_HTTP_is_shown(string sent)
    {
        await using var rig = new CheckRig(x => x.SendAsync(sent));

        var failed = await rig.FailsAsync(FailureCause.NotHttp, ProblemType.Connection);
        if (sent.StartsWith("SSH", StringComparison.Ordinal))
            Assert.Contains("begins \"SSH-2.0-OpenSSH_9.2p1\\r\\n\"", failed.Problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_speaks_TLS_is_told_apart()
    {
        await using var rig = new CheckRig(x => x.SendAsync((byte[])[0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 0x46]));

        var failed = await rig.FailsAsync(FailureCause.NotHttp, ProblemType.Connection);
        Assert.Contains("TLS alert", failed.Problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Endless_headers_are_cut_off()
    {
        await using var rig = new CheckRig(async x =>
        {
            await x.SendAsync("HTTP/1.1 200 OK\r\n");
            for (var i = 0; ; i++)
                await x.SendAsync($"X-{i}: {new string('h', 1000)}\r\n");
        });
        await rig.FailsAsync(FailureCause.NotHttp, ProblemType.Connection);
    }

    [Theory]
    [InlineData(SocketError.NetworkUnreachable)]
    [InlineData(SocketError.HostUnreachable)]
    public void An_address_without_a_route_is_unreachable(SocketError error)
    {
        var failure = ConnectionFailures.OfConnecting("a.example", [(new IPEndPoint(IPAddress.Parse("192.0.2.1"), 80), error)]);
        Assert.Equal((FailureCause.Unreachable, ProblemType.Connection), (failure.Cause, failure.Type));
    }

    [Fact]
    public async Task UTF16_is_recognised()
    {
        await using var rig = new CheckRig(x => x.AnswerAsync(200, [0xff, 0xfe, .. Encoding.Unicode.GetBytes(CheckRig.KeyAuthorization)]));
        await rig.FailsAsync(FailureCause.ByteOrderMark, ProblemType.Unauthorized);
    }
}
