using System.Net;
using System.Net.Sockets;
using System.Text;
using CaServer.Bench.Responders;

namespace CaServer.Tests.Bench;

public sealed class RespondersTests
{
    private static readonly byte[] s_aInternet = [0, 1, 0, 1];
    private static readonly byte[] s_caaInternet = [1, 1, 0, 1];

    [Fact]
    public async Task A_published_token_gets_its_key_authorization_until_it_is_withdrawn()
    {
        await using var responder = new Http01Responder(new IPEndPoint(IPAddress.Loopback, 0));
        responder.Publish("tok-1", "thumb");
        Assert.EndsWith("\r\n\r\ntok-1.thumb", await AskAsync(responder.EndPoint, "/.well-known/acme-challenge/tok-1"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 404", await AskAsync(responder.EndPoint, "/.well-known/acme-challenge/tok-2"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 404", await AskAsync(responder.EndPoint, "/"), StringComparison.Ordinal);
        responder.Withdraw("tok-1");
        Assert.StartsWith("HTTP/1.1 404", await AskAsync(responder.EndPoint, "/.well-known/acme-challenge/tok-1"), StringComparison.Ordinal);
        Assert.Equal(1, responder.Served);
    }

    [Fact]
    public async Task A_slow_answer_waits_for_its_time_and_is_counted_meanwhile_and_one_that_hangs_for_its_asker()
    {
        await using var responder = new Http01Responder(new IPEndPoint(IPAddress.Loopback, 0));
        var (gate, never) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource());
        responder.Publish("tok-1", "thumb", new SlowAnswer(gate.Task, TimeSpan.FromMilliseconds(1)));
        responder.Publish("tok-2", "thumb", new SlowAnswer(never.Task, TimeSpan.Zero));
        using (var hung = new TcpClient())
        {
            await hung.ConnectAsync(responder.EndPoint, TestContext.Current.CancellationToken);
            await hung.GetStream().WriteAsync("GET /.well-known/acme-challenge/tok-2 HTTP/1.1\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
            var answer = AskAsync(responder.EndPoint, "/.well-known/acme-challenge/tok-1");
            await UntilAsync(() => responder.Waiting == 2);
            Assert.False(answer.IsCompleted);

            gate.SetResult();

            Assert.EndsWith("\r\n\r\ntok-1.thumb", await answer, StringComparison.Ordinal);
        }
        await UntilAsync(() => responder.Waiting == 0);
    }

    [Theory]
    [InlineData("w0.bench.test", 1)]
    [InlineData("W0.Bench.TEST", 1)]
    [InlineData("w0.other.test", 0)]
    [InlineData("xbench.test", 0)]
    public async Task Names_below_the_suffix_have_one_address(string name, int answers)
    {
        await using var dns = new DnsResponder(new IPEndPoint(IPAddress.Loopback, 0), "bench.test", IPAddress.Parse("127.80.1.2"));
        var answer = dns.Answer(Query(name, s_aInternet))!;
        Assert.Equal(answers, answer[7]);
        Assert.Equal(0, answer[3] & 0x0F);
        if (answers == 1)
            Assert.Equal([127, 80, 1, 2], answer[^4..]);
    }

    [Fact]
    public async Task There_is_nothing_but_addresses()
    {
        await using var dns = new DnsResponder(new IPEndPoint(IPAddress.Loopback, 0), "bench.test", IPAddress.Loopback);
        var answer = dns.Answer(Query("w0.bench.test", s_caaInternet))!;
        Assert.Equal((0, 0), (answer[7], answer[3] & 0x0F));
    }

    [Fact]
    public async Task What_is_no_query_is_not_answered()
    {
        await using var dns = new DnsResponder(new IPEndPoint(IPAddress.Loopback, 0), "bench.test", IPAddress.Loopback);
        var query = Query("w0.bench.test", s_aInternet);
        for (var length = 0; length < query.Length; length++)
            Assert.Null(dns.Answer(query.AsSpan(0, length)));
        query[2] |= 0x80;
        Assert.Null(dns.Answer(query));
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private static byte[] Query(string name, byte[] typeAndClass) =>
    [
        0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0,
        .. name.Split('.').SelectMany(label => Encoding.ASCII.GetBytes(label).Prepend((byte)label.Length)), 0,
        .. typeAndClass,
    ];

    private static async Task<string> AskAsync(IPEndPoint endPoint, string path)
    {
        var ct = TestContext.Current.CancellationToken;
        using var client = new TcpClient();
        await client.ConnectAsync(endPoint, ct);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: w0.bench.test\r\n\r\n"), ct);
        using var reader = new StreamReader(stream, Encoding.ASCII);
        return await reader.ReadToEndAsync(ct);
    }
}
