using System.Security.Cryptography;
using CaServer.Composition;
using CaServer.Configuration;
using CaServer.TestKit.Processes;
using CaServer.Validation;

namespace CaServer.Tests.Composition;

/// <summary>A start after which nothing could be proved or served stops, with a line for each fault that says what to do.</summary>
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

    [Fact]
    public void A_perspective_whose_key_is_not_known_stops_the_start()
    {
        var fault = Assert.Throws<OperatorFaultException>(() => RequireKeys(Private("north", "south"), "local", "north"));
        Assert.StartsWith("Validation:Remotes:south: has no public key here: ", fault.Message, StringComparison.Ordinal);
        Assert.Contains("caserver serve --roles validator --perspective south", fault.Message, StringComparison.Ordinal);
        Assert.EndsWith(_scratch.File("perspectives"), fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Under_private_any_number_of_perspectives_will_do()
    {
        Assert.Null(WarningOf(Private(), s_five));
        Assert.Null(WarningOf(Private("north"), s_five));
        RequireKeys(Private("north"), "local", "north");
    }

    [Fact]
    public void Under_webpki_too_few_perspectives_elsewhere_stop_the_start() => Assert.Equal(
        "Validation:Remotes are too few for webpki: only 4 remote perspectives are configured and BR §3.2.2.9 wants 5 since 2026-12-15",
        FaultOf(WebPki(s_places[..4]), s_five));

    [Fact]
    public void Under_webpki_two_perspectives_in_one_place_are_one() => Assert.Equal(
        "Validation:Remotes are too few for webpki: only 4 remote perspectives 500 km apart are configured and BR §3.2.2.9 wants 5 since 2026-12-15",
        FaultOf(WebPki([.. s_places[..4], s_places[5]]), s_five));

    [Fact]
    public void Under_webpki_perspectives_in_one_region_stop_the_start() => Assert.Contains(
        "1 registry region",
        FaultOf(WebPki([.. s_places.Select(p => p with { Region = "arin" })]), s_five), StringComparison.Ordinal);

    [Fact]
    public void Under_webpki_the_resolvers_must_validate_DNSSEC() => Assert.StartsWith(
        "Validation:Dnssec must be true under webpki, ", FaultOf(WebPki(s_places, dnssec: false), s_five), StringComparison.Ordinal);

    [Fact]
    public void Every_fault_is_told_at_once()
    {
        var faults = Assert.Throws<ConfigurationException>(() => StartFaults.RequireNone(WebPki(s_places[..4]), Roles.All, s_five)).Faults;
        Assert.Equal(["Validation:Remotes", "Server:TlsCertificateFile"], faults.Select(f => f.Key));
    }

    [Theory]
    [InlineData(Roles.All, true)]
    [InlineData(Roles.Validator, true)]
    [InlineData(Roles.Signer | Roles.Status, true)]
    [InlineData(Roles.Acme, false)]
    [InlineData(Roles.Status, false)]
    [InlineData(Roles.Acme | Roles.Status, false)]
    internal void Only_processes_that_judge_what_perspectives_state_need_them(Roles roles, bool isRefused)
    {
        Assert.Equal(isRefused, CaServer.Composition.Quorum.FaultOf(WebPki(s_places[..4]), roles, s_five) is not null);
        Assert.Equal(isRefused, CaServer.Composition.Quorum.WarningOf(WebPki(s_places[..4]), roles, s_five.AddDays(-60)) is not null);
    }

    [Fact]
    public void A_perspective_of_its_own_needs_no_others() =>
        StartFaults.RequireNone(WebPki(s_places[..4]).WithPerspective("tokyo"), Roles.Validator, s_five);

    [Fact]
    public void A_front_end_without_a_signer_beside_it_needs_a_TLS_certificate()
    {
        StartFaults.RequireNone(Private(), Roles.All, s_five);
        StartFaults.RequireNone(Private(), Roles.Validator | Roles.Signer | Roles.Status, s_five);
        var fault = Assert.Single(Assert.Throws<ConfigurationException>(() => StartFaults.RequireNone(Private(), Roles.Acme, s_five)).Faults);
        Assert.StartsWith("Server:TlsCertificateFile must be set where the role acme runs without the role signer, ", fault.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Enough_perspectives_start()
    {
        Assert.Null(WarningOf(WebPki(s_places), s_five));
        Assert.Null(WarningOf(WebPki(s_places[..5]), s_five));
        Assert.Null(WarningOf(WebPki(s_places[..4]), s_four));
    }

    [Fact]
    public void Perspectives_that_will_soon_be_too_few_are_warned_of()
    {
        Assert.Null(WarningOf(WebPki(s_places[..4]), s_five.AddDays(-60).AddSeconds(-1)));
        Assert.Equal(
            "Validation:Remotes will be too few within 60 days, and then nothing can be issued: only 4 remote perspectives are configured and BR §3.2.2.9 wants 5 since 2026-12-15",
            WarningOf(WebPki(s_places[..4]), s_five.AddDays(-60)));
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

    private static string FaultOf(CaServerSettings settings, DateTimeOffset now) =>
        Assert.Single(Assert.Throws<ConfigurationException>(() => StartFaults.RequireNone(settings, Roles.Validator, now)).Faults).ToString();

    // Of a process that starts.
    private static string? WarningOf(CaServerSettings settings, DateTimeOffset now)
    {
        StartFaults.RequireNone(settings, Roles.Validator, now);
        return CaServer.Composition.Quorum.WarningOf(settings, Roles.Validator, now);
    }

    private static void RequireKeys(CaServerSettings settings, params string[] known)
    {
        Directory.CreateDirectory(settings.Data.Perspectives);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        foreach (var name in known)
            File.WriteAllText(Path.Combine(settings.Data.Perspectives, name + ".pub.pem"), PerspectiveKey.PublicPem(key));
        using var keys = Perspectives.Open(settings.Data, settings.Validation.Perspective, [], Roles.Acme);
        CaServer.Composition.Quorum.RequireKeys(settings, keys);
    }
}
