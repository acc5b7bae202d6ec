using CaServer.Domain;
using CaServer.Validation;

namespace CaServer.Tests.Validation;

public sealed class PerspectiveTests
{
    [Fact]
    public async Task No_more_checks_run_at_once_than_are_allowed()
    {
        var (running, most) = (0, 0);
        var full = new TaskCompletionSource();
        var open = new TaskCompletionSource();
        await using var rig = new CheckRig(async x =>
        {
            var now = Interlocked.Increment(ref running);
            InterlockedMax(ref most, now);
            if (now == 3)
                full.TrySetResult();
            await open.Task;
            Interlocked.Decrement(ref running);
            await x.AnswerAsync(200, CheckRig.KeyAuthorization);
        });
        using var perspective = new Perspective(rig.Settings with { MaxConcurrentChecks = 3 }, CheckRig.Key, TimeProvider.System);

        var checks = Enumerable.Range(0, 12).Select(_ => CheckAsync(perspective)).ToArray();
        await full.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        open.SetResult();

        Assert.All(await Task.WhenAll(checks), o => CheckRig.Statement(o));
        Assert.Equal(3, most);
    }

    [Fact]
    public async Task Each_check_has_a_connection_of_its_own()
    {
        await using var rig = new CheckRig(x => x.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {CheckRig.KeyAuthorization.Length}\r\n\r\n{CheckRig.KeyAuthorization}"));
        using var perspective = new Perspective(rig.Settings, CheckRig.Key, TimeProvider.System);

        for (var i = 0; i < 3; i++)
            CheckRig.Statement(await CheckAsync(perspective));
        Assert.Equal(3, rig.Responder.Connections);
    }

    [Fact]
    public async Task Cancellation_by_the_caller_is_thrown_and_is_no_finding()
    {
        var reached = new TaskCompletionSource();
        await using var rig = new CheckRig(x =>
        {
            reached.SetResult();
            return Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, x.End);
        });
        using var perspective = new Perspective(rig.Settings, CheckRig.Key, TimeProvider.System);
        using var cancel = new CancellationTokenSource();

        var check = perspective.CheckAsync(CheckRig.Request(Identifier.Dns(CheckRig.Name)), cancel.Token);
        await reached.Task;
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => check);
    }

    [Theory]
    [InlineData("*.corp.example", CheckRig.Token, CheckRig.Thumbprint)]
    [InlineData(CheckRig.Name, "../../../../admin?x=aaaaaaaaaa", CheckRig.Thumbprint)]
    [InlineData(CheckRig.Name, "short", CheckRig.Thumbprint)]
    [InlineData(CheckRig.Name, "evaGxfADs6pSRb2LAv9IZf17 \r\nHost:x", CheckRig.Thumbprint)]
    [InlineData(CheckRig.Name, CheckRig.Token, "short")]
    [InlineData(CheckRig.Name, CheckRig.Token, "LPJNul-wow4m6DsqxbninhsWHlwfp0JecwQzYpOLm.Q")]
    public async Task A_request_that_proves_nothing_is_not_begun(string name, string token, string thumbprint)
    {
        await using var rig = CheckRig.Good();
        rig.Dns.With("corp.example", "127.0.0.1");
        using var perspective = new Perspective(rig.Settings, CheckRig.Key, TimeProvider.System);
        var request = new ValidationRequest { Identifier = Identifier.Dns(name), Method = ValidationMethod.Http01, Token = token, Thumbprint = thumbprint };

        var failed = Assert.IsType<ValidationOutcome.Failed>(await perspective.CheckAsync(request, TestContext.Current.CancellationToken));

        Assert.Equal((FailureCause.BadRequest, ProblemType.Malformed), (failed.Cause, failed.Problem.Type));
        Assert.Equal(0, rig.Responder.Connections);
    }

    [Fact]
    public void Settings_that_cannot_work_are_refused_with_every_fault()
    {
        var settings = new PerspectiveSettings { Name = "a b", Http01Port = 0, Timeout = TimeSpan.Zero, MaxConcurrentChecks = 0 };
        var e = Assert.Throws<ArgumentException>(() => new Perspective(settings, CheckRig.Key, TimeProvider.System));
        foreach (var word in (string[])["'a b'", "http-01 port 0", "timeouts", "At least one check"])
            Assert.Contains(word, e.Message, StringComparison.Ordinal);
    }

    private static Task<ValidationOutcome> CheckAsync(Perspective perspective) =>
        perspective.CheckAsync(CheckRig.Request(Identifier.Dns(CheckRig.Name)), TestContext.Current.CancellationToken);

    private static void InterlockedMax(ref int target, int value)
    {
        int seen;
        while (value > (seen = Volatile.Read(ref target)) && Interlocked.CompareExchange(ref target, value, seen) != seen)
        {
        }
    }
}
