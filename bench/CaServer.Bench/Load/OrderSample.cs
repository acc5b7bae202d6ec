using CaServer.Bench.Acme;

namespace CaServer.Bench.Load;

/// <summary>One order as a slot saw it: when it ended (Stopwatch ticks), how long each step took, and either the chain or the failure.</summary>
internal sealed class OrderSample
{
    private readonly double?[] _milliseconds = new double?[Enum.GetValues<OrderStep>().Length];

    public required PreparedRequest Request { get; init; }

    public long Ended { get; set; }

    public int Requests { get; set; }

    public int BadNonces { get; set; }

    public string? Chain { get; set; }

    public string? Failure { get; set; }

    /// <summary>Milliseconds; null for a step that this order did not need or reach.</summary>
    public double? this[OrderStep step]
    {
        get => _milliseconds[(int)step];
        set => _milliseconds[(int)step] = value;
    }
}
