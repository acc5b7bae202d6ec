using System.Security.Cryptography;
using CaServer.Domain;
using CaServer.Signing;
using CaServer.TestKit.Acme;
using CaServer.TestKit.Evidence;

namespace CaServer.Tests.Signing;

/// <summary>RFC 8555 §7.3 and §7.3.5: each key of an account is vouched for by the one before it.</summary>
public sealed class KeyHistoryTests
{
    private readonly SigningWorld _world = new();
    private readonly EvidenceBuilder _evidence;
    private readonly TestAccountKey _first;
    private readonly TestAccountKey _next = TestAccountKey.Create();

    public KeyHistoryTests()
    {
        _evidence = _world.Evidence();
        _first = _evidence.Account;
    }

    [Theory]
    [InlineData("ES256")]
    [InlineData("ES384")]
    [InlineData("ES512")]
    [InlineData("RS256")]
    [InlineData("EdDSA")]
    public Task Every_account_key_algorithm_can_justify_a_certificate(string algorithm) =>
        _world.IsIssuedAsync(_evidence.WithAccountKey(TestAccountKey.Create(algorithm)));

    [Fact]
    public Task A_changed_key_speaks_for_the_account() =>
        _world.IsIssuedAsync(_evidence.ChangeKey(_next));

    [Fact]
    public Task Keys_may_change_kind_and_more_than_once() =>
        _world.IsIssuedAsync(_evidence.ChangeKey(TestAccountKey.Create("EdDSA")).ChangeKey(TestAccountKey.Create("RS256")).ChangeKey(_next));

    [Fact]
    public Task A_statement_made_for_an_earlier_key_still_counts() =>
        _world.IsIssuedAsync(_evidence.ChangeKey(_next).StatedBy("alpha", s => s with { Thumbprint = _first.Thumbprint }));

    [Fact]
    public Task An_empty_history_is_refused() => Broken(_evidence.Tampered(b => b with { KeyHistory = [] }));

    [Fact]
    public Task A_history_without_end_is_refused() =>
        Broken(_evidence.Tampered(b => b with { KeyHistory = [.. Enumerable.Repeat(b.KeyHistory[0], 65)] }));

    [Fact]
    public Task A_history_without_the_key_change_is_refused_as_the_request_is_then_signed_by_a_stranger() =>
        _world.IsRefusedAsync(_evidence.ChangeKey(_next).Tampered(b => b with { KeyHistory = [b.KeyHistory[0]] }), RefusalReason.FinalizeForged);

    [Fact]
    public Task A_history_without_newAccount_is_refused() =>
        Broken(_evidence.ChangeKey(_next).Tampered(b => b with { KeyHistory = [b.KeyHistory[1]] }));

    [Fact]
    public Task A_newAccount_request_for_another_server_is_refused()
    {
        var jws = _first.Jws($$"""{"alg":"ES256","jwk":{{_first.Jwk}},"nonce":"n","url":"https://other.example/acme/new-account"}""", "{}");
        return Broken(_evidence.WithNewAccount(jws));
    }

    [Fact]
    public Task A_newAccount_request_signed_by_another_key_is_refused()
    {
        var jws = _next.Jws($$"""{"alg":"ES256","jwk":{{_first.Jwk}},"nonce":"n","url":"{{_world.Urls.NewAccount}}"}""", "{}");
        return Broken(_evidence.WithNewAccount(jws));
    }

    [Fact]
    public Task A_newAccount_request_that_only_looks_up_makes_no_account() =>
        Broken(_evidence.WithNewAccount(_evidence.NewAccount(_first, """{"onlyReturnExisting":true}""")));

    [Fact]
    public Task A_newAccount_request_that_is_no_JWS_is_refused() => Broken(_evidence.WithNewAccount("{}"));

    [Fact]
    public Task A_weak_account_key_is_refused()
    {
        var weak = TestAccountKey.Rsa(1024);
        return Broken(_evidence.WithNewAccount(_evidence.NewAccount(weak)));
    }

    [Fact]
    public Task A_key_change_not_signed_by_the_old_key_is_refused() =>
        Broken(_evidence.ChangeKey(_next, old => _evidence.OuterKeyChange(_next, _evidence.InnerKeyChange(old, _next))));

    [Fact]
    public Task A_key_change_not_signed_by_the_new_key_is_refused()
    {
        var header = $$"""{"alg":"ES256","jwk":{{_next.Jwk}},"url":"{{_world.Urls.KeyChange}}"}""";
        return Broken(_evidence.ChangeKey(_next, old => _evidence.OuterKeyChange(old, _evidence.InnerKeyChange(old, TestAccountKey.Create(), header))));
    }

    [Fact]
    public Task A_key_change_of_another_account_is_refused() =>
        Broken(_evidence.ChangeKey(_next, old => _evidence.OuterKeyChange(old, _evidence.InnerKeyChange(old, _next), kid: _world.Urls.Account(new AccountId(8)))));

    [Fact]
    public Task A_key_change_whose_new_key_names_another_account_is_refused()
    {
        var payload = $$"""{"account":"{{_world.Urls.Account(new AccountId(8))}}","oldKey":{{_first.Jwk}}}""";
        return Broken(_evidence.ChangeKey(_next, old => _evidence.OuterKeyChange(old, _evidence.InnerKeyChange(old, _next, payload: payload))));
    }

    [Fact]
    public Task A_key_change_that_replaces_another_key_is_refused()
    {
        var payload = $$"""{"account":"{{_evidence.AccountUrl}}","oldKey":{{TestAccountKey.Create().Jwk}}}""";
        return Broken(_evidence.ChangeKey(_next, old => _evidence.OuterKeyChange(old, _evidence.InnerKeyChange(old, _next, payload: payload))));
    }

    [Fact]
    public Task A_key_change_that_names_no_old_key_is_refused()
    {
        var payload = $$"""{"account":"{{_evidence.AccountUrl}}"}""";
        return Broken(_evidence.ChangeKey(_next, old => _evidence.OuterKeyChange(old, _evidence.InnerKeyChange(old, _next, payload: payload))));
    }

    [Fact]
    public Task A_key_change_for_another_URL_is_refused() =>
        Broken(_evidence.ChangeKey(_next, old => _evidence.OuterKeyChange(old, _evidence.InnerKeyChange(old, _next), url: _world.Urls.NewOrder)));

    [Fact]
    public Task A_key_change_made_for_another_server_is_refused()
    {
        const string elsewhere = "https://other.example/acme/key-change";
        var header = $$"""{"alg":"ES256","jwk":{{_next.Jwk}},"url":"{{elsewhere}}"}""";
        return Broken(_evidence.ChangeKey(_next, old => _evidence.OuterKeyChange(old, _evidence.InnerKeyChange(old, _next, header), url: elsewhere)));
    }

    [Fact]
    public Task A_key_change_whose_parts_have_different_URLs_is_refused()
    {
        var header = $$"""{"alg":"ES256","jwk":{{_next.Jwk}},"url":"{{_world.Urls.NewOrder}}"}""";
        return Broken(_evidence.ChangeKey(_next, old => _evidence.OuterKeyChange(old, _evidence.InnerKeyChange(old, _next, header))));
    }

    [Fact]
    public Task A_key_change_whose_inner_part_has_a_nonce_is_refused()
    {
        var header = $$"""{"alg":"ES256","jwk":{{_next.Jwk}},"nonce":"n","url":"{{_world.Urls.KeyChange}}"}""";
        return Broken(_evidence.ChangeKey(_next, old => _evidence.OuterKeyChange(old, _evidence.InnerKeyChange(old, _next, header))));
    }

    [Fact]
    public Task A_key_change_whose_inner_part_names_an_account_instead_of_a_key_is_refused()
    {
        var header = $$"""{"alg":"ES256","kid":"{{_evidence.AccountUrl}}","url":"{{_world.Urls.KeyChange}}"}""";
        return Broken(_evidence.ChangeKey(_next, old => _evidence.OuterKeyChange(old, _evidence.InnerKeyChange(old, _next, header))));
    }

    [Fact]
    public Task Key_changes_in_the_wrong_order_are_refused()
    {
        var evidence = _evidence.ChangeKey(_next).ChangeKey(TestAccountKey.Create());
        return Broken(evidence.Tampered(b => b with { KeyHistory = [b.KeyHistory[0], b.KeyHistory[2], b.KeyHistory[1]] }));
    }

    [Fact]
    public async Task The_verdict_about_one_account_is_not_used_for_another()
    {
        var core = _world.Core;
        var bundle = _evidence.ChangeKey(_next).Build();
        Assert.IsType<IssuanceResult.Issued>(await core.IssueAsync(bundle, SigningWorld.Now, TestContext.Current.CancellationToken));

        // The same history, which the core now remembers as good, under the name of another account.
        var other = bundle with { Account = 8, AccountUrl = _world.Urls.Account(new AccountId(8)) };
        var refused = Assert.IsType<IssuanceResult.Refused>(await core.IssueAsync(other, SigningWorld.Now, TestContext.Current.CancellationToken));
        Assert.Equal(RefusalReason.KeyHistoryBroken, refused.Reason);
    }

    [Fact]
    public Task The_CSR_may_not_have_the_account_key() =>
        _world.IsRefusedAsync(_evidence.WithCsrKey(_first.Ecdsa!), RefusalReason.CsrHasAccountKey);

    [Fact]
    public Task The_CSR_may_not_have_an_earlier_account_key() =>
        _world.IsRefusedAsync(_evidence.ChangeKey(_next).WithCsrKey(_first.Ecdsa!), RefusalReason.CsrHasAccountKey);

    [Fact]
    public Task The_CSR_may_not_have_an_RSA_account_key()
    {
        var rsa = RSA.Create(2048);
        return _world.IsRefusedAsync(_evidence.WithAccountKey(TestAccountKey.Rsa(rsa)).WithCsrKey(rsa), RefusalReason.CsrHasAccountKey);
    }

    private Task Broken(EvidenceBuilder evidence) => _world.IsRefusedAsync(evidence, RefusalReason.KeyHistoryBroken);
}
