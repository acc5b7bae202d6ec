using System.Security.Cryptography;
using CaServer.Domain;
using CaServer.Signing;
using CaServer.TestKit.Evidence;

namespace CaServer.Tests.Signing;

/// <summary>The core signs only what CAA permits, and believes a look-up for eight hours (BR §3.2.2.8).</summary>
public sealed class CaaGateTests
{
    private readonly SigningWorld _world = new("alpha", "beta");

    public CaaGateTests() => _world.Settings = _world.Settings with { Caa = CaaPolicy.Require, MaxCaaAge = TimeSpan.FromHours(8) };

    [Fact]
    public Task A_statement_without_CAA_is_refused() =>
        _world.IsRefusedAsync(Stating(s => s with { Caa = CaaState.Unchecked, CaaCheckedAt = null }), RefusalReason.CaaUnchecked);

    [Theory]
    [InlineData(CaaPolicy.Require)]
    [InlineData(CaaPolicy.Respect)]
    public Task A_statement_that_says_that_CAA_forbids_is_refused(CaaPolicy policy)
    {
        _world.Settings = _world.Settings with { Caa = policy };
        return _world.IsRefusedAsync(Stating(s => s with { Caa = CaaState.Forbidden }), RefusalReason.CaaForbids, "does not permit");
    }

    [Theory]
    [InlineData(CaaPolicy.Require, DnssecState.Insecure, true)]
    [InlineData(CaaPolicy.Require, DnssecState.Secure, false)]
    [InlineData(CaaPolicy.Require, DnssecState.Unchecked, false)]
    [InlineData(CaaPolicy.Require, null, false)]
    [InlineData(CaaPolicy.Respect, DnssecState.Unchecked, true)]
    public Task No_answer_passes_only_from_an_unsigned_zone_or_where_that_was_configured(CaaPolicy policy, DnssecState? dnssec, bool good)
    {
        _world.Settings = _world.Settings with { Caa = policy };
        var evidence = Stating(s => s with { Caa = CaaState.Unanswered, CaaDnssec = dnssec });
        return good ? _world.IsIssuedAsync(evidence) : _world.IsRefusedAsync(evidence, RefusalReason.CaaUnanswered);
    }

    [Theory]
    [InlineData(8 * 3600, true)]
    [InlineData(8 * 3600 + 1, false)]
    public Task A_look_up_is_good_for_eight_hours(int age, bool good)
    {
        var evidence = Stating(s => Old(s, age));
        return good ? _world.IsIssuedAsync(evidence) : _world.IsRefusedAsync(evidence, RefusalReason.CaaTooOld, "8 hours");
    }

    [Fact]
    public Task A_CAA_statement_of_the_same_perspective_renews_an_old_look_up() =>
        _world.IsIssuedAsync(Stating(s => Old(s, 86400)).CaaStatedBy("alpha"));

    [Fact]
    public Task A_CAA_statement_that_forbids_takes_the_permission_back() =>
        _world.IsRefusedAsync(_world.Evidence().StatedBy("alpha").CaaStatedBy("alpha", s => s with { Caa = CaaState.Forbidden }), RefusalReason.CaaForbids);

    [Fact]
    public Task A_CAA_statement_from_before_the_proof_changes_nothing() =>
        _world.IsIssuedAsync(_world.Evidence().StatedBy("alpha").CaaStatedBy(
            "alpha", s => s with { Caa = CaaState.Forbidden, CaaCheckedAt = SigningWorld.Now.AddHours(-2).ToUnixTimeSeconds() }));

    [Fact]
    public Task An_old_CAA_statement_renews_nothing() =>
        _world.IsRefusedAsync(
            Stating(s => Old(s, 86400)).CaaStatedBy("alpha", s => s with { CaaCheckedAt = SigningWorld.Now.AddHours(-9).ToUnixTimeSeconds() }), RefusalReason.CaaTooOld);

    [Fact]
    public Task A_CAA_statement_of_another_perspective_renews_nothing() =>
        _world.IsRefusedAsync(Stating(s => Old(s, 86400)).CaaStatedBy("beta"), RefusalReason.CaaTooOld);

    [Fact]
    public Task A_CAA_statement_for_another_method_renews_nothing() =>
        _world.IsRefusedAsync(Stating(s => Old(s, 86400)).CaaStatedBy("alpha", s => s with { Method = ValidationMethod.Dns01 }), RefusalReason.CaaTooOld);

    [Fact]
    public Task A_CAA_statement_for_another_account_is_refused() =>
        _world.IsRefusedAsync(_world.Evidence().StatedBy("alpha").CaaStatedBy("alpha", s => s with { AccountUrl = s.AccountUrl + "x" }), RefusalReason.StatementForAnotherAccount);

    [Fact]
    public Task A_CAA_statement_about_another_name_is_refused() =>
        _world.IsRefusedAsync(_world.Evidence().StatedBy("alpha").CaaStatedBy("alpha", s => s with { Wildcard = true }), RefusalReason.StatementForAnotherName);

    [Fact]
    public Task A_CAA_statement_from_the_future_is_refused() =>
        _world.IsRefusedAsync(
            Stating(s => Old(s, 86400)).CaaStatedBy("alpha", s => s with { CaaCheckedAt = SigningWorld.Now.AddMinutes(5).ToUnixTimeSeconds() }), RefusalReason.StatementFromTheFuture);

    [Fact]
    public async Task A_CAA_statement_that_nobody_known_signed_is_refused()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await _world.IsRefusedAsync(_world.Evidence().StatedBy("alpha").CaaStatedBy("alpha", key: key), RefusalReason.StatementForged);
        await _world.IsRefusedAsync(_world.Evidence().StatedBy("alpha").CaaStatedBy("mallory", key: key), RefusalReason.PerspectiveUnknown);
        await _world.IsRefusedAsync(_world.Evidence().StatedBy("alpha").CaaStated("no statement"), RefusalReason.StatementMalformed);
    }

    [Fact]
    public Task A_control_statement_is_no_CAA_statement()
    {
        var control = _world.Evidence().StatedBy("alpha").Build().Statements[0];
        return _world.IsRefusedAsync(_world.Evidence().StatedBy("alpha").CaaStated(control), RefusalReason.StatementMalformed);
    }

    [Fact]
    public async Task A_permission_for_the_name_is_none_for_its_wildcard_and_the_other_way_round()
    {
        EvidenceBuilder Permitting(string name, bool wildcard) => _world.Evidence().For(name).StatedBy("alpha", s => s with
        {
            Method = ValidationMethod.Dns01,
            Section = "3.2.2.4.7",
            Caa = CaaState.Permitted,
            CaaSet = "example.net",
            CaaWildcard = wildcard,
        });

        await _world.IsRefusedAsync(Permitting("*.example.net", false), RefusalReason.CaaUnchecked, "*.example.net");
        await _world.IsRefusedAsync(Permitting("www.example.net", true), RefusalReason.CaaUnchecked, "only for its wildcard");
        await _world.IsIssuedAsync(Permitting("www.example.net", false));
        await _world.IsIssuedAsync(Permitting("*.example.net", true));
    }

    [Fact]
    public async Task A_domain_that_proves_a_name_below_says_nothing_of_what_CAA_says_there()
    {
        _world.Settings = _world.Settings with { SubdomainAuthorizations = true };
        EvidenceBuilder ByDomain() => _world.Evidence().For("www.example.net").StatedBy("alpha", s => s with
        {
            Identifier = "example.net",
            NamesBelow = true,
            Method = ValidationMethod.Dns01,
            Section = "3.2.2.4.7",
        });
        static CaaStatement ByDns(CaaStatement statement) => statement with { Method = ValidationMethod.Dns01 };

        await _world.IsRefusedAsync(ByDomain(), RefusalReason.CaaUnchecked, "www.example.net");
        await _world.IsRefusedAsync(ByDomain().CaaStatedBy("alpha", s => ByDns(s) with { Caa = CaaState.Forbidden }), RefusalReason.CaaForbids);
        await _world.IsIssuedAsync(ByDomain().CaaStatedBy("alpha", ByDns));
    }

    [Fact]
    public Task CAA_is_about_no_addresses() =>
        _world.IsIssuedAsync(_world.Evidence().For("192.0.2.7").StatedBy("alpha", s => s with { Caa = CaaState.Unchecked, CaaCheckedAt = null }));

    [Fact]
    public Task A_CA_that_ignores_CAA_does_not_mind_an_old_look_up()
    {
        _world.Settings = _world.Settings with { Caa = CaaPolicy.Ignore };
        return _world.IsIssuedAsync(Stating(s => Old(s, 86400)));
    }

    [Fact]
    public void Under_webpki_CAA_must_be_required()
    {
        var world = SigningWorld.WebPki();
        world.Settings = world.Settings with { Caa = CaaPolicy.Respect };
        Assert.Contains("CAA must be required", Assert.Throws<ArgumentException>(() => world.Core).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_statement_from_before_CAA_was_looked_up_is_still_read()
    {
        const string old = """{"perspective":"alpha","identifierType":"dns","identifier":"a.example","method":"http-01","section":"3.2.2.4.19","thumbprint":"t","token":"t","checkedAt":1,"dnssec":"unchecked","caa":"unchecked"}""";
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var signed = $"{Base64("""{"alg":"ES256","kid":"alpha","typ":"control-statement+jws"}""")}.{Base64(old)}";
        var signature = key.SignData(System.Text.Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);

        Assert.True(SignedControlStatement.TryParse($"{signed}.{System.Buffers.Text.Base64Url.EncodeToString(signature)}", out var statement));
        Assert.True(statement.IsSignedBy(key));
        Assert.Equal((CaaState.Unchecked, (bool?)null), (statement.Statement.Caa, statement.Statement.CaaWildcard));
    }

    private EvidenceBuilder Stating(Func<ControlStatement, ControlStatement> change) => _world.Evidence().StatedBy("alpha", change);

    private static ControlStatement Old(ControlStatement statement, int age) =>
        statement with { CaaCheckedAt = SigningWorld.Now.AddSeconds(-age).ToUnixTimeSeconds() };

    private static string Base64(string text) => System.Buffers.Text.Base64Url.EncodeToString(System.Text.Encoding.UTF8.GetBytes(text));
}
