using CaServer.Validation;

namespace CaServer.Tests.Validation;

public sealed class CheckTraceTests
{
    private static readonly CheckTrace s_trace = new()
    {
        Perspective = "local",
        StartedAt = DateTimeOffset.UnixEpoch,
        Milliseconds = 7,
        Place = "TXT _acme-challenge.a.example",
        Expected = "value",
        Steps = [.. Enumerable.Range(0, 20).Select(i => new CheckStep.Connected($"192.0.2.{i}:80", "it was refused") { At = i })],
    };

    [Fact]
    public void A_trace_reads_back_as_it_was() => Assert.Equivalent(s_trace, CheckTrace.Decode(s_trace.Encode(16 * 1024)), strict: true);

    [Fact]
    public void What_is_too_long_loses_steps_in_its_middle_and_says_how_many()
    {
        var bytes = s_trace.Encode(800);
        Assert.InRange(bytes.Length, 600, 800);
        var steps = CheckTrace.Decode(bytes).Steps;
        var left = Assert.Single(steps.OfType<CheckStep.Omitted>());
        Assert.Equal(20, steps.Count - 1 + left.Count);
        Assert.Equal(s_trace.Steps[0], steps[0]);
        Assert.Equal(s_trace.Steps[^1], steps[^1]);
    }

    [Fact]
    public void Where_no_step_fits_the_frame_is_left()
    {
        var only = Assert.IsType<CheckStep.Omitted>(Assert.Single(CheckTrace.Decode(s_trace.Encode(250)).Steps));
        Assert.Equal(20, only.Count);
    }
}
