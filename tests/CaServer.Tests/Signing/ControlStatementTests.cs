using System.Security.Cryptography;
using CaServer.Domain;
using CaServer.Signing;
using CaServer.TestKit.Acme;
using CaServer.TestKit.Evidence;

namespace CaServer.Tests.Signing;

/// <summary>A statement counts only if a known perspective made it, for this account, about this name, in time and by a fit method.</summary>
public sealed class ControlStatementTests
{
    private readonly SigningWorld _world = new();

    [Fact]
    public Task Control_that_nobody_states_is_refused() =>
        _world.IsRefusedAsync(_world.Evidence().Unstated(), RefusalReason.QuorumNotMet, "0 of 1");

    [Fact]
    public Task A_statement_of_an_unknown_perspective_is_refused()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return _world.IsRefusedAsync(_world.Evidence().StatedBy("mallory", s => s, key), RefusalReason.PerspectiveUnknown, "mallory");
    }

    [Fact]
    public Task A_bad_statement_is_refused_even_if_the_others_are_enough()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return _world.IsRefusedAsync(_world.Evidence().StatedBy("alpha").StatedBy("mallory", s => s, key), RefusalReason.PerspectiveUnknown);
    }

    [Fact]
    public Task A_statement_signed_by_another_key_is_refused()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return _world.IsRefusedAsync(_world.Evidence().StatedBy("alpha", s => s, key), RefusalReason.StatementForged);
    }

    [Fact]
    public Task A_perspective_cannot_speak_for_another()
    {
        var world = new SigningWorld("alpha", "beta");
        return world.IsRefusedAsync(world.Evidence().StatedBy("beta", s => s, world.PerspectiveKey("alpha")), RefusalReason.StatementForged);
    }

    [Fact]
    public Task A_statement_changed_after_signing_is_refused()
    {
        var evidence = _world.Evidence();
        var parts = evidence.Build().Statements[0].Split('.');
        var json = System.Text.Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(parts[1]));
        parts[1] = System.Buffers.Text.Base64Url.EncodeToString(System.Text.Encoding.UTF8.GetBytes(json.Replace("192.0.2.1:80", "192.0.2.2:80", StringComparison.Ordinal)));
        return _world.IsRefusedAsync(_world.Evidence().Stated(string.Join('.', parts)), RefusalReason.StatementForged);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a.b.c")]
    [InlineData("no statement at all")]
    public Task A_statement_that_cannot_be_read_is_refused(string compact) =>
        _world.IsRefusedAsync(_world.Evidence().Stated(compact), RefusalReason.StatementMalformed);

    [Fact]
    public Task A_statement_made_for_another_account_is_refused()
    {
        var thumbprint = TestAccountKey.Create().Thumbprint;
        return _world.IsRefusedAsync(_world.Evidence().StatedBy("alpha", s => s with { Thumbprint = thumbprint }), RefusalReason.StatementForAnotherAccount);
    }

    [Fact]
    public Task A_statement_about_another_name_is_refused() =>
        _world.IsRefusedAsync(
            _world.Evidence().StatedBy("alpha").StatedBy("alpha", s => s with { Identifier = "mail.example.net" }), RefusalReason.StatementForAnotherName, "mail.example.net");

    [Fact]
    public Task A_statement_about_the_domain_above_does_not_prove_a_name_below() =>
        _world.IsRefusedAsync(_world.Evidence().StatedBy("alpha", s => s with { Identifier = "example.net" }), RefusalReason.StatementForAnotherName);

    [Fact]
    public Task A_statement_about_a_wildcard_is_about_no_name_at_all() =>
        _world.IsRefusedAsync(_world.Evidence().For("*.example.net").StatedBy("alpha", s => s with { Identifier = "*.example.net" }), RefusalReason.StatementForAnotherName);

    [Fact]
    public Task Every_name_needs_its_own_statement() =>
        _world.IsRefusedAsync(
            _world.Evidence().For("a.example.net", "b.example.net").StatedBy("alpha", s => s with { Identifier = "a.example.net" }), RefusalReason.QuorumNotMet, "b.example.net");

    [Fact]
    public Task A_wildcard_is_not_proved_by_http_01() =>
        _world.IsRefusedAsync(_world.Evidence().For("*.example.net"), RefusalReason.WildcardNotProved, "*.example.net");

    [Fact]
    public Task A_wildcard_beside_its_own_name_is_still_not_proved_by_http_01() =>
        _world.IsRefusedAsync(_world.Evidence().For("example.net", "*.example.net"), RefusalReason.WildcardNotProved);

    [Fact]
    public Task A_wildcard_and_its_own_name_are_proved_by_dns_01() =>
        _world.IsIssuedAsync(_world.Evidence().For("example.net", "*.example.net").StatedBy("alpha", ByDns));

    [Fact]
    public Task An_address_is_not_proved_by_dns_01() =>
        _world.IsRefusedAsync(_world.Evidence().For("192.0.2.7").StatedBy("alpha", ByDns), RefusalReason.MethodNotAllowed, "dns-01");

    [Fact]
    public Task A_statement_of_the_greatest_age_counts() =>
        _world.IsIssuedAsync(At(SigningWorld.Now.AddDays(-30)));

    [Fact]
    public Task A_statement_a_second_older_is_refused() =>
        _world.IsRefusedAsync(At(SigningWorld.Now.AddDays(-30).AddSeconds(-1)), RefusalReason.StatementTooOld);

    [Fact]
    public Task A_statement_within_the_clock_skew_counts() =>
        _world.IsIssuedAsync(At(SigningWorld.Now.AddSeconds(30)));

    [Fact]
    public Task A_statement_from_the_future_is_refused() =>
        _world.IsRefusedAsync(At(SigningWorld.Now.AddSeconds(31)), RefusalReason.StatementFromTheFuture, "31 seconds");

    [Theory]
    [InlineData(long.MaxValue, RefusalReason.StatementFromTheFuture)]
    [InlineData(long.MinValue, RefusalReason.StatementTooOld)]
    public Task A_time_beyond_the_calendar_is_refused_and_breaks_nothing(long checkedAt, RefusalReason reason) =>
        _world.IsRefusedAsync(_world.Evidence().StatedBy("alpha", s => s with { CheckedAt = checkedAt }), reason);

    [Fact]
    public Task A_section_that_is_not_the_methods_is_refused() =>
        _world.IsRefusedAsync(_world.Evidence().StatedBy("alpha", s => s with { Section = "3.2.2.4.7" }), RefusalReason.MethodNotAllowed);

    [Fact]
    public Task The_section_for_names_does_not_do_for_an_address() =>
        _world.IsRefusedAsync(_world.Evidence().For("192.0.2.7").StatedBy("alpha", s => s with { Section = "3.2.2.4.19" }), RefusalReason.MethodNotAllowed);

    [Fact]
    public Task An_address_is_proved_by_http_01() => _world.IsIssuedAsync(_world.Evidence().For("192.0.2.7"));

    [Fact]
    public Task A_method_that_the_profile_does_not_accept_is_refused()
    {
        _world.Settings = _world.Settings with { ProfileMethods = new Dictionary<string, IReadOnlyCollection<ValidationMethod>> { ["dv"] = [] } };
        return _world.IsRefusedAsync(_world.Evidence(), RefusalReason.MethodNotAllowed, "profile");
    }

    [Fact]
    public Task Unchecked_CAA_is_enough_for_a_private_CA() =>
        _world.IsIssuedAsync(_world.Evidence().StatedBy("alpha", s => s with { Caa = CaaState.Unchecked, CaaCheckedAt = null }));

    [Fact]
    public Task A_CAA_result_without_its_time_is_refused() =>
        _world.IsRefusedAsync(_world.Evidence().StatedBy("alpha", s => s with { CaaCheckedAt = null }), RefusalReason.CaaUnchecked);

    [Fact]
    public Task An_old_CAA_result_is_refused_though_the_check_is_fresh() =>
        _world.IsRefusedAsync(
            _world.Evidence().StatedBy("alpha", s => s with { CaaCheckedAt = SigningWorld.Now.AddHours(-7).AddSeconds(-1).ToUnixTimeSeconds() }), RefusalReason.CaaTooOld);

    [Fact]
    public Task A_CAA_result_from_the_future_is_refused() =>
        _world.IsRefusedAsync(
            _world.Evidence().StatedBy("alpha", s => s with { CaaCheckedAt = SigningWorld.Now.AddMinutes(5).ToUnixTimeSeconds() }), RefusalReason.StatementFromTheFuture);

    [Fact]
    public Task More_statements_than_any_order_needs_are_refused_unread() =>
        _world.IsRefusedAsync(_world.Evidence().Tampered(b => b with { Statements = [.. Enumerable.Repeat(b.Statements[0], 1601)] }), RefusalReason.EvidenceMalformed);

    public static TheoryData<ValidationMethod, string> MethodsAndNames()
    {
        var data = new TheoryData<ValidationMethod, string>();
        foreach (var method in Enum.GetValues<ValidationMethod>())
        {
            foreach (var name in (string[])["www.example.net", "*.example.net", "192.0.2.7"])
                data.Add(method, name);
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(MethodsAndNames))]
    public async Task The_core_accepts_for_a_name_exactly_the_methods_that_may_serve_it(ValidationMethod method, string name)
    {
        var identifier = System.Net.IPAddress.TryParse(name, out _) ? Identifier.Ip(name) : Identifier.Dns(name);
        var offered = MethodRule.Of(method).MayServe(identifier);
        var evidence = _world.Evidence();
        evidence.For(name).StatedBy("alpha", s => s with
        {
            Method = method,
            // What a lying perspective could claim: any section.
            Section = MethodRule.Of(method).Section(identifier.Type) ?? "3.2.2.4.7",
            AccountUrl = MethodRule.Of(method).BoundToAccountUrl ? evidence.AccountUrl : null,
            NamesBelow = true,
            ValueCreatedAt = MethodRule.Of(method).IsChallenge ? null : s.CheckedAt,
            Recipient = MethodRule.Of(method).IsEmail ? "postmaster@example.net" : null,
            Domain = MethodRule.Of(method).IsEmail ? "example.net" : null,
        });

        if (offered)
            await _world.IsIssuedAsync(evidence);
        else
            await _world.IsRefusedAsync(evidence, identifier.IsWildcard ? RefusalReason.WildcardNotProved : RefusalReason.MethodNotAllowed);
    }

    [Theory]
    [InlineData(ValidationMethod.DnsAccount01)]
    [InlineData(ValidationMethod.DnsPersist01)]
    public async Task A_method_that_is_bound_to_the_account_needs_its_URL_and_no_other(ValidationMethod method)
    {
        var url = _world.Evidence().AccountUrl;
        await _world.IsRefusedAsync(By(method, s => s with { AccountUrl = url + "x" }), RefusalReason.StatementForAnotherAccount, "another account's URL");
        await _world.IsRefusedAsync(By(method, s => s), RefusalReason.StatementForAnotherAccount, WireName.Of(method));
        await _world.IsIssuedAsync(By(method, s => s with { AccountUrl = url }));
    }

    [Fact]
    public async Task A_wildcard_is_proved_by_a_persistent_record_only_if_its_owner_said_so()
    {
        EvidenceBuilder Stating(bool? below) =>
            By(ValidationMethod.DnsPersist01, s => s with { AccountUrl = _world.Evidence().AccountUrl, NamesBelow = below }).For("*.example.net");

        await _world.IsRefusedAsync(Stating(false), RefusalReason.WildcardNotProved);
        await _world.IsRefusedAsync(Stating(null), RefusalReason.WildcardNotProved);
        await _world.IsIssuedAsync(Stating(true));
    }

    [Theory]
    [InlineData(10 * 86400, null, true)]
    [InlineData(10 * 86400 + 1, null, false)] // BR §3.2.2.4.22
    [InlineData(0, 0L, true)]
    [InlineData(0, -1L, false)] // draft-ietf-acme-dns-persist-02 §4.1 (5)
    public async Task A_persistent_record_is_relied_on_for_ten_days_and_no_longer_than_its_owner_set(int age, long? until, bool good)
    {
        _world.Settings = _world.Settings with { MaxStatementAge = TimeSpan.FromDays(30), MaxCaaAge = TimeSpan.FromDays(30) };
        var evidence = By(ValidationMethod.DnsPersist01, s => s with
        {
            AccountUrl = _world.Evidence().AccountUrl,
            CheckedAt = SigningWorld.Now.AddSeconds(-age).ToUnixTimeSeconds(),
            RelyUntil = until + SigningWorld.Now.ToUnixTimeSeconds(),
        });

        if (good)
            await _world.IsIssuedAsync(evidence);
        else
            await _world.IsRefusedAsync(evidence, RefusalReason.StatementTooOld);
    }

    private EvidenceBuilder By(ValidationMethod method, Func<ControlStatement, ControlStatement> change) =>
        _world.Evidence().StatedBy("alpha", s => change(s with { Method = method, Section = MethodRule.Of(method).DnsSection! }));

    private EvidenceBuilder At(DateTimeOffset time) => _world.Evidence().StatedBy("alpha", s => s with { CheckedAt = time.ToUnixTimeSeconds() });

    private static ControlStatement ByDns(ControlStatement statement) =>
        statement with { Method = ValidationMethod.Dns01, Section = "3.2.2.4.7", Address = null };
}
