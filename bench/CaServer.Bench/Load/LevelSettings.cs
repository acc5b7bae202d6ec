namespace CaServer.Bench.Load;

/// <summary>How one level runs: so many slots, each with an account of its own unless all share one, busy for the warm-up and then the window.</summary>
internal sealed record LevelSettings
{
    public required int Concurrency { get; init; }

    public required TimeSpan WarmUp { get; init; }

    public required TimeSpan Window { get; init; }

    /// <summary>End the window after so many orders, if the time is not up before; null for time only.</summary>
    public int? Orders { get; init; }

    /// <summary>Load that only brings the server up to speed; its figures are not reported.</summary>
    public bool IsRunIn { get; init; }

    /// <summary>All slots order from one account.</summary>
    public bool OneAccount { get; init; }

    /// <summary>A new TLS connection for every order, as separate clients would have, instead of one kept per slot.</summary>
    public bool ConnectionPerOrder { get; init; }

    /// <summary>Poll the order once after finalize even if the answer was valid already, as certbot does.</summary>
    public bool PollOrder { get; init; }
}
