using System.CommandLine;
using System.Globalization;
using CaServer.Bench.Acme;
using CaServer.Bench.Load;

namespace CaServer.Bench.Cli;

/// <summary>The options that both commands share: how long, how many, which names.</summary>
internal sealed class LevelOptions
{
    private readonly Option<double> _seconds = new("--seconds") { Description = "Length of the measured window of a level", DefaultValueFactory = _ => 10 };
    private readonly Option<double> _warmUp = new("--warm-up") { Description = "Seconds of the same load before the window", DefaultValueFactory = _ => 3 };
    private readonly Option<int?> _orders = new("--orders") { Description = "End the window after so many orders, if the time is not up before" };
    private readonly Option<int> _prepare = new("--prepare") { Description = "Keys and CSRs made in advance, per second of a level; a faster server ends the window early", DefaultValueFactory = _ => 800 };
    private readonly Option<bool> _connectionPerOrder = new("--connection-per-order") { Description = "A new TLS connection for every order instead of one kept per slot" };
    private readonly Option<string> _suffix = new("--suffix") { Description = "Names are wN.LABEL.SUFFIX", DefaultValueFactory = _ => "bench.test" };
    private readonly Option<FileInfo?> _json = new("--json") { Description = "Also write the report to this file" };

    public LevelOptions(Command command)
    {
        foreach (var option in (Option[])[_seconds, _warmUp, _orders, _prepare, _connectionPerOrder, _suffix, _json])
            command.Options.Add(option);
    }

    public LevelSettings Settings(ParseResult parsed, int concurrency) => new()
    {
        Concurrency = concurrency,
        WarmUp = TimeSpan.FromSeconds(parsed.GetValue(_warmUp)),
        Window = TimeSpan.FromSeconds(parsed.GetValue(_seconds)),
        Orders = parsed.GetValue(_orders),
        ConnectionPerOrder = ConnectionPerOrder(parsed),
    };

    public static LevelSettings RunIn(int concurrency, TimeSpan time) =>
        new() { Concurrency = concurrency, WarmUp = TimeSpan.Zero, Window = time, IsRunIn = true };

    public bool ConnectionPerOrder(ParseResult parsed) => parsed.GetValue(_connectionPerOrder);

    public string Suffix(ParseResult parsed) => parsed.GetValue(_suffix)!;

    public string? JsonFile(ParseResult parsed) => parsed.GetValue(_json)?.FullName;

    /// <summary>The requests of one level; the label tells its names from those of the other levels and of earlier runs.</summary>
    public PreparedRequests Prepare(ParseResult parsed, LevelSettings level, string label)
    {
        var count = (int)Math.Ceiling((level.WarmUp + level.Window).TotalSeconds * parsed.GetValue(_prepare));
        var run = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds().ToString("x", CultureInfo.InvariantCulture);
        return PreparedRequests.Create(count, $"{label}-{run}", Suffix(parsed));
    }
}
