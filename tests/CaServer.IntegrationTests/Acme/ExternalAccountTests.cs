using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CaServer.TestKit.Acme;

namespace CaServer.IntegrationTests.Acme;

/// <summary>RFC 8555 §7.3.4. The keys are made and revoked by the command line while the server runs.</summary>
public sealed class ExternalAccountTests(AcmeServer acme)
{
    private readonly EabCommandLine _eab = new(acme.Server.DataDirectory);

    [Fact]
    public async Task A_binding_with_each_MAC_is_verified_and_reflected()
    {
        var binding = await _eab.CreateAsync("--accounts", "3");
        foreach (var algorithm in new[] { "HS256", "HS384", "HS512" })
        {
            var (session, key) = (await acme.OpenAsync(), TestAccountKey.Create());
            var jws = binding.Jws(key, session.Url("newAccount"), algorithm);
            var answer = await PostAsync(session, key, jws);
            Assert.Equal((201, "valid"), (answer.Status, answer["status"]));
            Assert.Equal(jws, answer.Json.GetProperty("externalAccountBinding").GetRawText());
            var account = new TestAccount(session, key, answer.Location!);
            Assert.Equal(jws, (await account.GetAsync(account.Url)).Json.GetProperty("externalAccountBinding").GetRawText());
        }
        Assert.Equal("full", (await _eab.JsonAsync("show", binding.Kid)).GetProperty("state").GetString());
    }

    [Fact]
    public async Task Where_none_is_required_an_account_without_binding_has_none()
    {
        var account = await acme.NewAccountAsync();
        Assert.False((await account.GetAsync(account.Url)).Json.TryGetProperty("externalAccountBinding", out _));
    }

    [Fact]
    public async Task A_key_that_has_an_account_finds_it_whatever_the_binding_is()
    {
        var account = await acme.NewAccountAsync();
        var answer = await PostAsync(account.Session, account.Key, "{}");
        Assert.Equal((200, account.Url), (answer.Status, answer.Location));
        Assert.False(answer.Json.TryGetProperty("externalAccountBinding", out _));
    }

    [Fact]
    public async Task An_unknown_key_identifier_and_a_wrong_MAC_are_unauthorized()
    {
        var binding = await _eab.CreateAsync();
        var (session, key) = (await acme.OpenAsync(), TestAccountKey.Create());
        var url = session.Url("newAccount");
        await RefusedAsync(session, key, (binding with { Kid = "nobody" }).Jws(key, url), 403, "unauthorized", "'kid' is not known");
        await RefusedAsync(session, key, (binding with { MacKey = new byte[64] }).Jws(key, url), 403, "unauthorized", "MAC of the external account binding does not verify");
        await RefusedAsync(session, key, binding.Jws(binding.Header(url, "HS512"), key.Jwk, "HS256"), 403, "unauthorized", "does not verify");
        // None of it took the key's place.
        Assert.Equal(201, (await PostAsync(session, key, binding.Jws(key, url))).Status);
    }

    [Fact]
    public async Task A_binding_of_the_wrong_shape_is_malformed()
    {
        var binding = await _eab.CreateAsync();
        var (session, key) = (await acme.OpenAsync(), TestAccountKey.Create());
        var url = session.Url("newAccount");
        var head = $"\"kid\":\"{binding.Kid}\",\"url\":\"{url}\"";
        await Malformed(binding.Jws($$"""{"alg":"HS256",{{head}},"nonce":"{{await session.NonceAsync()}}"}""", key.Jwk), "'nonce'");
        await Malformed(binding.Jws($$"""{"alg":"ES256",{{head}}}""", key.Jwk), "HS256, HS384, HS512");
        await Malformed(binding.Jws($$"""{"alg":"none",{{head}}}""", key.Jwk), "HS256, HS384, HS512");
        await Malformed(binding.Jws(binding.Header(session.Url("newOrder")), key.Jwk), "same 'url'");
        await Malformed(binding.Jws(TestAccountKey.Create(), url), "must be the account's key");
        await Malformed(binding.Jws(binding.Header(url), "{}"), "'kty'");
        await Malformed("{}", "'protected'");
        await Malformed("null", "flattened");
        await Malformed("\"x\"", "flattened");

        Task Malformed(string jws, string words) => RefusedAsync(session, key, jws, 400, "malformed", words);
    }

    [Fact]
    public async Task A_binding_cannot_be_taken_over_by_another_account_key()
    {
        var binding = await _eab.CreateAsync("--accounts", "2");
        var (session, key, thief) = (await acme.OpenAsync(), TestAccountKey.Create(), TestAccountKey.Create());
        var jws = binding.Jws(key, session.Url("newAccount"));
        Assert.Equal(201, (await PostAsync(session, key, jws)).Status);
        await RefusedAsync(session, thief, jws, 400, "malformed", "must be the account's key");
    }

    [Fact]
    public async Task A_key_that_is_full_revoked_or_rotated_binds_no_more_accounts()
    {
        var binding = await _eab.CreateAsync();
        var (session, first, second) = (await acme.OpenAsync(), TestAccountKey.Create(), TestAccountKey.Create());
        var url = session.Url("newAccount");
        var rotated = TestBinding.Of(binding.Kid, (await _eab.JsonAsync("rotate", binding.Kid)).GetProperty("macKey").GetString()!);
        await RefusedAsync(session, first, binding.Jws(first, url), 403, "unauthorized", "does not verify");
        Assert.Equal(201, (await PostAsync(session, first, rotated.Jws(first, url))).Status);
        await RefusedAsync(session, second, rotated.Jws(second, url), 403, "unauthorized", "as many accounts as it may");
        await _eab.JsonAsync("revoke", binding.Kid);
        await RefusedAsync(session, second, rotated.Jws(second, url), 403, "unauthorized", "was revoked");
    }

    [Fact]
    public async Task Of_accounts_that_want_the_last_place_at_once_one_gets_it()
    {
        var binding = await _eab.CreateAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            var (session, key) = (await acme.OpenAsync(), TestAccountKey.Create());
            return await PostAsync(session, key, binding.Jws(key, session.Url("newAccount")));
        }));
        Assert.Single(answers, a => a.Status == 201);
        Assert.Equal(7, answers.Count(a => a.ProblemType == "unauthorized"));
    }

    [Fact]
    public async Task A_bound_account_orders_only_the_domains_of_its_key()
    {
        var account = await BoundAsync(await _eab.CreateAsync("--domain", "team.localhost", "--domain", "127.0.0.1"));
        Assert.Equal(201, (await account.OrderAsync("team.localhost", "www.team.localhost")).Status);
        foreach (var name in new[] { "localhost", "other.localhost", "steam.localhost" })
        {
            var answer = await account.OrderAsync("team.localhost", name);
            Assert.Equal((400, "rejectedIdentifier"), (answer.Status, answer.ProblemType));
            Assert.Contains($"'{name}' is not among the domains", answer["detail"], StringComparison.Ordinal);
        }
        var several = await account.OrderAsync("a.localhost", "b.localhost");
        Assert.Equal("rejectedIdentifier", several.ProblemType);
        Assert.Equal(2, several.Json.GetProperty("subproblems").GetArrayLength());
    }

    [Fact]
    public async Task A_bound_account_orders_only_the_profiles_of_its_key()
    {
        var account = await BoundAsync(await _eab.CreateAsync("--profile", "shortlived"));
        var refused = await OrderAsync(account, """, "profile":"dv" """);
        Assert.Equal((400, "invalidProfile"), (refused.Status, refused.ProblemType));
        Assert.Contains("shortlived", refused["detail"], StringComparison.Ordinal);
        Assert.Equal((201, "shortlived"), await ProfileAsync(""", "profile":"shortlived" """));
        Assert.Equal((201, "shortlived"), await ProfileAsync(""));

        async Task<(int, string?)> ProfileAsync(string member)
        {
            var order = await OrderAsync(account, member);
            return (order.Status, order["profile"]);
        }
    }

    [Fact]
    public async Task After_its_key_is_revoked_an_account_orders_nothing_more_but_still_revokes()
    {
        var binding = await _eab.CreateAsync();
        var account = await BoundAsync(binding);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var order = await account.OrderAsync("bound.localhost");
        await acme.ProveAsync(account, order);
        await account.PostAsync(order["finalize"]!, $$"""{"csr":"{{TestCsr.For(key, "bound.localhost")}}"}""");
        var done = await account.PollAsync(order.Location!, TimeSpan.FromSeconds(15), TestContext.Current.CancellationToken);
        using var certificate = X509Certificate2.CreateFromPem((await account.GetAsync(done["certificate"]!)).Text);

        await _eab.JsonAsync("revoke", binding.Kid);

        var refused = await account.OrderAsync("bound.localhost");
        Assert.Equal((403, "unauthorized"), (refused.Status, refused.ProblemType));
        Assert.Contains("was revoked", refused["detail"], StringComparison.Ordinal);
        Assert.Equal(200, (await account.GetAsync(account.Url)).Status);
        var revoked = await account.PostAsync(account.Session.Url("revokeCert"), $$"""{"certificate":"{{Base64Url.EncodeToString(certificate.RawData)}}"}""");
        Assert.Equal(200, revoked.Status);
    }

    [Fact]
    public async Task The_log_names_the_key_that_bound_an_account_and_never_its_MAC_key()
    {
        var binding = await _eab.CreateAsync();
        await BoundAsync(binding);
        // The line is written before the answer is, but comes on another stream.
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(10));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!acme.Server.Log.Contains($"is bound to the external account key {binding.Kid}", StringComparison.Ordinal))
            await timer.WaitForNextTickAsync(deadline.Token);
        Assert.DoesNotContain(Base64Url.EncodeToString(binding.MacKey), acme.Server.Log, StringComparison.Ordinal);
    }

    private async Task<TestAccount> BoundAsync(TestBinding binding)
    {
        var (session, key) = (await acme.OpenAsync(), TestAccountKey.Create());
        var answer = await PostAsync(session, key, binding.Jws(key, session.Url("newAccount")));
        Assert.True(answer.Status == 201, answer.ToString());
        return new TestAccount(session, key, answer.Location!);
    }

    private static async Task RefusedAsync(AcmeSession session, TestAccountKey key, string jws, int status, string type, string words)
    {
        var answer = await PostAsync(session, key, jws);
        Assert.Equal((status, type), (answer.Status, answer.ProblemType));
        Assert.Contains(words, answer["detail"], StringComparison.Ordinal);
    }

    private static Task<AcmeAnswer> PostAsync(AcmeSession session, TestAccountKey key, string jws) =>
        session.PostWithKeyAsync(key, session.Url("newAccount"), $$"""{"termsOfServiceAgreed":true,"externalAccountBinding":{{jws}}}""");

    private static Task<AcmeAnswer> OrderAsync(TestAccount account, string members) =>
        account.PostAsync(account.Session.Url("newOrder"), $$"""{"identifiers":[{"type":"dns","value":"p.localhost"}]{{members}}}""");
}
