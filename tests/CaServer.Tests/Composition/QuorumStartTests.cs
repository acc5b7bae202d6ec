using System.Security.Cryptography;
using CaServer.Composition;
using CaServer.Configuration;
using CaServer.TestKit.Processes;
using CaServer.Validation;
using Serilog;
using Serilog.Core;
using Serilog.Events;

namespace CaServer.Tests.Composition;

/// <summary>A start after which nothing could be proved stops in one line that says what to do.</summary>
public sealed class QuorumStartTests : IDisposable
{
    private static readonly DateTimeOffset s_four = new(2026, 7, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset s_five = new(2026, 12, 15, 0, 0, 0, TimeSpan.Zero);

    private static readonly (string Name, string Region, string Location)[] s_places =
    [
        ("frankfurt", "ripencc", "50.11,8.68"), ("new-york", "arin", "40.71,-74.01"), ("tokyo", "apnic", "35.68,139.69"),
        ("sao-paulo", "lacnic", "-23.55,-46.63"), ("cape-town", "afrinic", "-33.92,18.42"), ("paris", "ripencc", "48.86,2.35"),
    ];

    private readonly ScratchDirectory _scratch = new();
    private readonly Warnings _warnings = new();

    [Fact]
    public void A_perspective_whose_key_is_not_known_stops_the_start()
    {
        var fault = Assert.Throws<OperatorFaultException>(() => Require(Private("north", "south"), s_five, "local", "north"));
        Assert.StartsWith("Validation:Remotes:south: has no public key here: ", fault.Message, StringComparison.Ordinal);
        Assert.Contains("caserver serve --roles validator --perspective south", fault.Message, StringComparison.Ordinal);
        Assert.EndsWith(_scratch.File("perspectives"), fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Under_private_any_number_of_perspectives_will_do()
    {
        Require(Private(), s_five, "local");
        Require(Private("north"), s_five, "local", "north");
        Assert.Empty(_warnings.Lines);
    }

    [Fact]
    public void Under_webpki_too_few_perspectives_elsewhere_stop_the_start() => Assert.Equal(
        "Validation:Remotes: are too few for webpki: only 4 remote perspectives are configured and BR §3.2.2.9 wants 5 since 2026-12-15",
        Assert.Throws<OperatorFaultException>(() => Require(WebPki(s_places[..4]), s_five)).Message);

    [Fact]
    public void Under_webpki_two_perspectives_in_one_place_are_one() => Assert.Equal(
        "Validation:Remotes: are too few for webpki: only 4 remote perspectives 500 km apart are configured and BR §3.2.2.9 wants 5 since 2026-12-15",
        Assert.Throws<OperatorFaultException>(() => Require(WebPki([.. s_places[..4], s_places[5]]), s_five)).Message);

    [Fact]
    public void Under_webpki_perspectives_in_one_region_stop_the_start() => Assert.Contains(
        "1 registry region",
        Assert.Throws<OperatorFaultException>(() => Require(WebPki([.. s_places.Select(p => p with { Region = "arin" })]), s_five)).Message, StringComparison.Ordinal);

    [Fact]
    public void Under_webpki_the_resolvers_must_validate_DNSSEC()
    {
        var fault = Assert.Throws<OperatorFaultException>(() => Require(WebPki(s_places, dnssec: false), s_five));
        Assert.StartsWith("Validation:Dnssec: must be true under webpki, ", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Enough_perspectives_start()
    {
        Require(WebPki(s_places), s_five);
        Require(WebPki(s_places[..5]), s_five);
        Require(WebPki(s_places[..4]), s_four);
        Assert.Empty(_warnings.Lines);
    }

    [Fact]
    public void Perspectives_that_will_soon_be_too_few_are_warned_of()
    {
        Require(WebPki(s_places[..4]), s_five.AddDays(-60).AddSeconds(-1));
        Assert.Empty(_warnings.Lines);
        Require(WebPki(s_places[..4]), s_five.AddDays(-60));
        Assert.Equal(
            "Validation:Remotes will be too few within 60 days, and then nothing can be issued: only 4 remote perspectives are configured and BR §3.2.2.9 wants 5 since 2026-12-15",
            Assert.Single(_warnings.Lines));
    }

    public void Dispose() => _scratch.Dispose();

    private CaServerSettings Private(params string[] remotes) => Load($$"""
        {
            "Data": { "Directory": "{{_scratch.Path}}" },
            "Database": { "Provider": "Postgres", "ConnectionString": "Host=db.example" },
            "Validation": { "Remotes": { {{string.Join(", ", remotes.Select(r => $"\"{r}\": {{ }}"))}} } }
        }
        """);

    private CaServerSettings WebPki((string Name, string Region, string Location)[] places, bool dnssec = true)
    {
        File.WriteAllText(_scratch.File("list.dat"), "// ===BEGIN ICANN DOMAINS===\ncom\n// ===END ICANN DOMAINS===\n");
        return Load($$"""
            {
                "Data": { "Directory": "{{_scratch.Path}}" },
                "Database": { "Provider": "Postgres", "ConnectionString": "Host=db.example" },
                "Policy": { "Preset": "webpki", "PublicSuffixList": "{{_scratch.File("list.dat")}}" },
                "Validation": {
                    "Resolvers": [ "127.0.0.1:53" ], "Dnssec": {{(dnssec ? "true" : "false")}},
                    "Remotes": { {{string.Join(", ", places.Select(p => $$"""
                        "{{p.Name}}": { "Region": "{{p.Region}}", "Location": "{{p.Location}}" }
                        """))}} }
                }
            }
            """);
    }

    private CaServerSettings Load(string json)
    {
        File.WriteAllText(_scratch.File("caserver.json"), json);
        return CaServerSettings.Load(_scratch.File("caserver.json"), new Dictionary<string, string>());
    }

    private void Require(CaServerSettings settings, DateTimeOffset now, params string[] known)
    {
        Directory.CreateDirectory(settings.Data.Perspectives);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        foreach (var name in known.Length > 0 ? known : [.. s_places.Select(p => p.Name)])
            File.WriteAllText(Path.Combine(settings.Data.Perspectives, name + ".pub.pem"), PerspectiveKey.PublicPem(key));
        using var keys = Perspectives.Open(settings.Data, settings.Validation.Perspective, [], Roles.Acme);
        using var log = new LoggerConfiguration().WriteTo.Sink(_warnings).CreateLogger();
        CaServer.Composition.Quorum.RequireEnough(settings, now, log);
        CaServer.Composition.Quorum.RequireKeys(settings, keys);
    }

    private sealed class Warnings : ILogEventSink
    {
        internal List<string> Lines { get; } = [];

        public void Emit(LogEvent logEvent) => Lines.Add(logEvent.RenderMessage(System.Globalization.CultureInfo.InvariantCulture));
    }
}
