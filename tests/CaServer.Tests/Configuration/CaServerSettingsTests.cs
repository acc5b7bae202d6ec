using System.Net;
using CaServer.Configuration;
using CaServer.Domain;
using CaServer.TestKit.Processes;

namespace CaServer.Tests.Configuration;

public sealed class CaServerSettingsTests
{
    [Fact]
    public void The_file_that_we_ship_says_what_the_defaults_say()
    {
        var shipped = Bind(ConfigurationFile.Read(Path.Combine(Repository.Root, "config", "caserver.json"), [])!);
        Assert.Equal(OptionsTable.Of(new CaServerOptions()), OptionsTable.Of(shipped));
    }

    [Fact]
    public void A_variable_wins_over_the_file()
    {
        using var file = new TemporaryFile("""{ "Server": { "PublicUrl": "https://file.example", "StatusUrl": "http://file.example" } }""");
        var settings = CaServerSettings.Load(file.Path, new Dictionary<string, string> { ["CASERVER_Server__PublicUrl"] = "https://variable.example" });
        Assert.Equal("https://variable.example/", settings.Server.PublicUrl.AbsoluteUri);
        Assert.Equal("http://file.example/", settings.Server.StatusUrl.AbsoluteUri);
    }

    [Fact]
    public void Variables_are_read_in_any_case() => Assert.Equal(
        8081,
        CaServerSettings.Load(null, new Dictionary<string, string> { ["CASERVER_VALIDATION__HTTP01PORT"] = "8081" }).Validation.Http01Port);

    [Fact]
    public void A_list_of_variables_replaces_the_whole_list_of_the_file()
    {
        using var file = new TemporaryFile("""{ "Validation": { "Resolvers": [ "192.0.2.1", "192.0.2.2:54" ] } }""");
        Assert.Equal(
            [IPEndPoint.Parse("192.0.2.1:53"), IPEndPoint.Parse("192.0.2.2:54")],
            CaServerSettings.Load(file.Path, new Dictionary<string, string>()).Validation.Resolvers);
        Assert.Equal(
            [IPEndPoint.Parse("[2001:db8::1]:53")],
            CaServerSettings.Load(file.Path, new Dictionary<string, string> { ["CASERVER_Validation__Resolvers__0"] = "2001:db8::1" }).Validation.Resolvers);
    }

    [Fact]
    public void A_null_in_the_file_leaves_the_default()
    {
        using var file = new TemporaryFile("""{ "Hsm": { "Token": null } }""");
        Assert.Equal("caserver-issuing", CaServerSettings.Load(file.Path, new Dictionary<string, string>()).Hsm.Token);
    }

    [Fact]
    public void A_limit_is_as_in_the_preset_but_for_what_is_set()
    {
        using var file = new TemporaryFile("""{ "Limits": { "OrdersPerAccount": { "Count": 100, "Burst": 10 }, "FailedValidations": { "Count": 0 }, "PendingAuthorizations": { "Count": 0 } } }""");
        var limits = CaServerSettings.Load(file.Path, new Dictionary<string, string> { ["CASERVER_Limits__CertificatesPerNames__Period"] = "1d" }).Limits.Defaults;
        Assert.Equal(new RateLimit(100, TimeSpan.FromHours(3), 10), limits.Rates[LimitKind.OrdersPerAccount]);
        Assert.Equal(new RateLimit(1000, TimeSpan.FromDays(1), 1000), limits.Rates[LimitKind.CertificatesPerNames]);
        Assert.False(limits.Rates.ContainsKey(LimitKind.FailedValidations));
        Assert.Null(limits.MaxPending);
        var off = CaServerSettings.Load(null, new Dictionary<string, string> { ["CASERVER_Limits__Enabled"] = "false" }).Limits.Defaults;
        Assert.Empty(off.Rates);
        Assert.Null(off.MaxPending);
    }

    [Theory]
    [InlineData("private", LimitKind.OrdersPerAccount, 20_000)]
    [InlineData("webpki", LimitKind.OrdersPerAccount, 300)]
    [InlineData("webpki", LimitKind.CertificatesPerDomain, 50)]
    [InlineData("webpki", LimitKind.CertificatesPerNames, 5)]
    [InlineData("webpki", LimitKind.FailedValidations, 5)]
    [InlineData("webpki", LimitKind.AccountsPerAddress, 10)]
    [InlineData("webpki", LimitKind.AccountsPerNetwork, 500)]
    public void The_presets_limits_are_those_of_the_documentation(string preset, LimitKind limit, int count)
    {
        var rate = LimitPresets.Of(WireName.Parse<PolicyPreset>(preset)).Rates[limit];
        Assert.Equal(count, rate.Count);
        var row = File.ReadLines(Path.Combine(Repository.Root, "docs", "limits.md")).Single(l => l.StartsWith($"| `{WireName.Of(limit)}`", StringComparison.Ordinal));
        Assert.Equal($"{count} in {RateLimited.Words(rate.Period)}", row.Split('|')[preset == "private" ? 4 : 5].Trim());
    }

    [Fact]
    public void Comments_and_trailing_commas_are_allowed()
    {
        using var file = new TemporaryFile("""{ /* why */ "Hsm": { "Token": "mine", }, } // end""");
        Assert.Equal("mine", CaServerSettings.Load(file.Path, new Dictionary<string, string>()).Hsm.Token);
    }

    [Theory]
    [InlineData("90d", 90 * 86400)]
    [InlineData("1d12h", 36 * 3600)]
    [InlineData("45s", 45)]
    [InlineData("0s", 0)]
    public void A_length_of_time_reads_back_as_it_was_written(string text, int seconds)
    {
        Assert.True(Duration.TryParse(text, out var value));
        Assert.Equal(seconds, value.TotalSeconds);
        Assert.Equal(text, Duration.Format(value));
    }

    [Theory]
    [InlineData("")]
    [InlineData("90")]
    [InlineData("d")]
    [InlineData("-1d")]
    [InlineData("1h1d")]
    [InlineData("1.5h")]
    [InlineData("9999999d")]
    public void What_is_no_length_of_time_is_refused(string text) => Assert.False(Duration.TryParse(text, out _));

    private static CaServerOptions Bind(SettingNode root)
    {
        var faults = new List<ConfigurationFault>();
        var options = new CaServerOptions();
        new OptionsBinder(faults).Bind(options, root, "");
        Assert.Empty(faults);
        return options;
    }
}
