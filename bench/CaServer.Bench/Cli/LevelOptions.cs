using System.CommandLine;
using System.Globalization;
using CaServer.Bench.Acme;
using CaServer.Bench.Load;

namespace CaServer.Bench.Cli;

/// <summary>The options that both commands share: how long, how many, which names.</summary>
internal sealed class LevelOptions
{
    private const double UsualSeconds = 10;
    private const double SecondsForOrders = 300;

    private readonly Option<double?> _seconds = new("--seconds") { Description = $"Length of the measured window of a level (default {UsualSeconds}; with --orders, {SecondsForOrders} at most)" };
    private readonly Option<double> _warmUp = new("--warm-up") { Description = "Seconds of the same load before the window", DefaultValueFactory = _ => 3 };
    private readonly Option<int?> _orders = new("--orders") { Description = "End the window after so many orders instead of after a time" };
    private readonly Option<int> _prepare = new("--prepare") { Description = "Keys and CSRs made in advance, per second of a level; a faster server ends the window early", DefaultValueFactory = _ => 800 };
    private readonly Option<bool> _connectionPerOrder = new("--connection-per-order") { Description = "A new TLS connection for every order instead of one kept per slot" };
    private readonly Option<bool> _oneAccount = new("--one-account") { Description = "All slots order from one account" };
    private readonly Option<bool> _pollOrder = new("--poll-order") { Description = "Poll the order once after finalize even if the answer was valid already, as certbot does" };
    private readonly Option<string> _suffix = new("--suffix") { Description = "Names are wN.LABEL.SUFFIX", DefaultValueFactory = _ => "bench.test" };
    private readonly Option<FileInfo?> _json = new("--json") { Description = "Also write the report to this file" };

    public LevelOptions(Command command)
    {
        foreach (var option in (Option[])[_seconds, _warmUp, _orders, _prepare, _connectionPerOrder, _oneAccount, _pollOrder, _suffix, _json])
            command.Options.Add(option);
    }

    public LevelSettings Settings(ParseResult parsed, int concurrency) => new()
    {
        Concurrency = concurrency,
        WarmUp = TimeSpan.FromSeconds(parsed.GetValue(_warmUp)),
        Window = TimeSpan.FromSeconds(parsed.GetValue(_seconds) ?? (parsed.GetValue(_orders) is null ? UsualSeconds : SecondsForOrders)),
        Orders = parsed.GetValue(_orders),
        OneAccount = parsed.GetValue(_oneAccount),
        ConnectionPerOrder = ConnectionPerOrder(parsed),
        PollOrder = PollOrder(parsed),
    };

    public static LevelSettings RunIn(int concurrency, TimeSpan time) =>
        new() { Concurrency = concurrency, WarmUp = TimeSpan.Zero, Window = time, IsRunIn = true };

    public bool ConnectionPerOrder(ParseResult parsed) => parsed.GetValue(_connectionPerOrder);

    public bool PollOrder(ParseResult parsed) => parsed.GetValue(_pollOrder);

    public string Suffix(ParseResult parsed) => parsed.GetValue(_suffix)!;

    public string? JsonFile(ParseResult parsed) => parsed.GetValue(_json)?.FullName;

    /// <summary>The requests of one level; the label tells its names from those of the other levels and of earlier runs.</summary>
    public PreparedRequests Prepare(ParseResult parsed, LevelSettings level, string label)
    {
        var perSecond = parsed.GetValue(_prepare);
        // Orders in flight at the edges of the window are not counted, but need a request.
        var count = level.Orders is { } orders
            ? (int)Math.Ceiling(level.WarmUp.TotalSeconds * perSecond) + orders + 2 * level.Concurrency
            : (int)Math.Ceiling((level.WarmUp + level.Window).TotalSeconds * perSecond);
        var run = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds().ToString("x", CultureInfo.InvariantCulture);
        return PreparedRequests.Create(count, $"{label}-{run}", Suffix(parsed));
    }
}
