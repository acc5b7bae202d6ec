using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CaServer.TestKit.Acme;

namespace CaServer.IntegrationTests.Acme;

/// <summary>RFC 8555 §7.4, §7.5.</summary>
public sealed class OrderTests(AcmeServer acme)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_order_goes_from_pending_to_a_certificate_that_chains_to_the_root()
    {
        var account = await acme.NewAccountAsync();
        var order = await account.OrderAsync("A.example.localhost", "b.example.localhost", "a.example.localhost");
        Assert.Equal((201, "pending"), (order.Status, order["status"]));
        Assert.Equal(2, order.Json.GetProperty("identifiers").GetArrayLength());
        Assert.Equal("a.example.localhost", order.Json.GetProperty("identifiers")[0].GetProperty("value").GetString());

        await acme.ProveAsync(account, order);
        Assert.Equal("ready", (await account.GetAsync(order.Location!))["status"]);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var finalized = await FinalizeAsync(account, order, TestCsr.For(key, "b.example.localhost", "a.example.localhost"));
        Assert.Equal(200, finalized.Status);
        var done = await account.PollAsync(order.Location!, TimeSpan.FromSeconds(15), Cancellation);
        Assert.Equal("valid", done["status"]);

        var download = await account.GetAsync(done["certificate"]!);
        Assert.Equal((200, "application/pem-certificate-chain"), (download.Status, download.ContentType));
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(download.Text);
        Assert.Equal(2, chain.Count);
        using var check = new X509Chain();
        check.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        check.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        check.ChainPolicy.CustomTrustStore.ImportFromPemFile(acme.Server.RootCertificateFile);
        check.ChainPolicy.ExtraStore.Add(chain[1]);
        Assert.True(check.Build(chain[0]));
        Assert.True(chain[0].MatchesHostname("a.example.localhost"));
        Assert.True(chain[0].MatchesHostname("b.example.localhost"));
        Assert.Equal(key.ExportSubjectPublicKeyInfo(), chain[0].PublicKey.ExportSubjectPublicKeyInfo());
        // RFC 8555 §9.1: no text besides the certificates.
        Assert.StartsWith("-----BEGIN CERTIFICATE-----\n", download.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{}""", "malformed")]
    [InlineData("""{"identifiers":[]}""", "malformed")]
    [InlineData("""{"identifiers":{}}""", "malformed")]
    [InlineData("""{"identifiers":[{"type":"dns"}]}""", "malformed")]
    [InlineData("""{"identifiers":[{"type":"email","value":"a@b"}]}""", "unsupportedIdentifier")]
    [InlineData("""{"identifiers":[{"type":"dns","value":"under_score.localhost"}]}""", "malformed")]
    [InlineData("""{"identifiers":[{"type":"dns","value":"dot.localhost."}]}""", "malformed")]
    [InlineData("""{"identifiers":[{"type":"dns","value":"bücher.localhost"}]}""", "malformed")]
    [InlineData("""{"identifiers":[{"type":"dns","value":"xn--abc-.localhost"}]}""", "malformed")]
    [InlineData("""{"identifiers":[{"type":"dns","value":"xn--n3h.localhost"}]}""", "rejectedIdentifier")]
    [InlineData("""{"identifiers":[{"type":"dns","value":"10.0.0.1"}]}""", "malformed")]
    [InlineData("""{"identifiers":[{"type":"dns","value":"a.*.localhost"}]}""", "malformed")]
    [InlineData("""{"identifiers":[{"type":"ip","value":"::ffff:1.2.3.4"}]}""", "malformed")]
    [InlineData("""{"identifiers":[{"type":"ip","value":"2001:DB8::1"}]}""", "malformed")]
    [InlineData("""{"identifiers":[{"type":"dns","value":"a.localhost"}],"profile":"nope"}""", "invalidProfile")]
    [InlineData("""{"identifiers":[{"type":"dns","value":"a.localhost"}],"notAfter":"2030-01-01T00:00:00Z"}""", "malformed")]
    [InlineData("""{"identifiers":[{"type":"dns","value":"a.localhost"}],"notBefore":"yesterday"}""", "malformed")]
    [InlineData("""{"identifiers":[{"type":"dns","value":"a.localhost"}],"notBefore":"2030-01-01T00:00:00Z"}""", "malformed")]
    public async Task An_order_that_cannot_be_met_is_refused(string payload, string type)
    {
        var account = await acme.NewAccountAsync();
        var answer = await account.PostAsync(account.Session.Url("newOrder"), payload);
        Assert.Equal((400, type), (answer.Status, answer.ProblemType));
    }

    [Fact]
    public async Task A_name_that_is_not_ASCII_is_refused_with_the_one_to_send_and_one_that_mixes_scripts_is_told_to_the_operator()
    {
        var account = await acme.NewAccountAsync();
        var answer = await account.OrderAsync("bücher.localhost");
        Assert.Contains("send xn--bcher-kva.localhost,", answer["detail"], StringComparison.Ordinal);
        Assert.Equal(201, (await account.OrderAsync("xn--bcher-kva.localhost")).Status);
        // pаypаl with two Cyrillic letters.
        Assert.Equal(201, (await account.OrderAsync("xn--pypl-53dc.localhost")).Status);
        await UntilLoggedAsync("xn--pypl-53dc mixes the scripts [\"Cyrl\", \"Latn\"]");
        Assert.DoesNotContain("xn--bcher-kva mixes", acme.Server.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_bad_identifier_is_named_in_a_subproblem()
    {
        var account = await acme.NewAccountAsync();
        // dns-01 would need a record whose name is longer than a name may be.
        var longWildcard = $"*.{string.Join('.', Enumerable.Repeat(new string('w', 58), 4))}.example";
        var answer = await account.OrderAsync("good.localhost", "bad_one.localhost", longWildcard);
        Assert.Equal((400, "compound"), (answer.Status, answer.ProblemType));
        var subproblems = answer.Json.GetProperty("subproblems");
        Assert.Equal(2, subproblems.GetArrayLength());
        Assert.Equal(longWildcard, subproblems[1].GetProperty("identifier").GetProperty("value").GetString());
    }

    [Fact]
    public async Task A_wrong_answer_to_the_challenge_makes_the_order_invalid_and_says_what_was_seen()
    {
        var account = await acme.NewAccountAsync();
        var order = await account.OrderAsync("wrong.localhost");
        var url = order.Json.GetProperty("authorizations")[0].GetString()!;
        var challenge = (await account.GetAsync(url)).Json.GetProperty("challenges").EnumerateArray().Single(c => c.GetProperty("type").GetString() == "http-01");
        acme.Responder.Answer(challenge.GetProperty("token").GetString()!, "something else");
        await account.PostAsync(challenge.GetProperty("url").GetString()!, "{}");
        var done = await account.PollAsync(url, TimeSpan.FromSeconds(15), Cancellation);
        Assert.Equal("invalid", done["status"]);
        var error = Assert.Single(done.Json.GetProperty("challenges").EnumerateArray()).GetProperty("error");
        Assert.EndsWith(":unauthorized", error.GetProperty("type").GetString(), StringComparison.Ordinal);
        Assert.Contains("something else", error.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal("invalid", (await account.GetAsync(order.Location!))["status"]);
    }

    [Fact]
    public async Task What_is_being_checked_says_when_to_ask_again_and_a_challenge_links_up_to_its_authorization()
    {
        var account = await acme.NewAccountAsync();
        var order = await account.OrderAsync("slow.localhost");
        var url = order.Json.GetProperty("authorizations")[0].GetString()!;
        var authorization = await account.GetAsync(url);
        Assert.Null(authorization.Header("Retry-After"));
        var challenge = authorization.Json.GetProperty("challenges").EnumerateArray().Single(c => c.GetProperty("type").GetString() == "http-01");
        var token = challenge.GetProperty("token").GetString()!;
        acme.Responder.Hold(token);
        var answered = await account.PostAsync(challenge.GetProperty("url").GetString()!, "{}");
        Assert.Equal("processing", answered["status"]);
        foreach (var answer in new[] { answered, await account.GetAsync(challenge.GetProperty("url").GetString()!), await account.GetAsync(url) })
        {
            Assert.Matches("^[1-9][0-9]*$", answer.Header("Retry-After"));
            Assert.True(answer.HasLink("index"));
        }
        Assert.Equal(url, answered.Link("up"));
        acme.Responder.Answer(token, token + "." + account.Key.Thumbprint);
        var done = await account.PollAsync(url, TimeSpan.FromSeconds(15), Cancellation);
        Assert.Equal(("valid", null), (done["status"], done.Header("Retry-After")));
    }

    [Fact]
    public async Task Finalize_before_the_order_is_ready_is_orderNotReady()
    {
        var account = await acme.NewAccountAsync();
        var order = await account.OrderAsync("early.localhost");
        var answer = await FinalizeAsync(account, order, TestCsr.For("early.localhost"));
        Assert.Equal((403, "orderNotReady"), (answer.Status, answer.ProblemType));
    }

    [Fact]
    public async Task A_bad_CSR_is_badCSR_and_leaves_the_order_ready()
    {
        var account = await acme.NewAccountAsync();
        var order = await account.OrderAsync("csr.localhost");
        await acme.ProveAsync(account, order);
        using var smallKey = RSA.Create(1024);
        (string Csr, string Detail)[] bad =
        [
            (TestCsr.For("csr.localhost", "more.localhost"), "The CSR's names are not exactly those of the order: it has more.localhost, not ordered."),
            (TestCsr.For("other.localhost"), "The CSR's names are not exactly those of the order: it lacks csr.localhost and has other.localhost, not ordered."),
            (
                TestCsr.For(["csr.localhost", .. Enumerable.Range(0, 500).Select(i => $"n{i}.localhost")]),
                "The CSR's names are not exactly those of the order: it has n0.localhost, n1.localhost, n2.localhost and 497 more, not ordered."),
            (TestCsr.For(account.Key.Ecdsa!, "csr.localhost"), "The CSR has the account's key; a certificate needs a key of its own."),
            (TestCsr.For(smallKey, "csr.localhost"), "The RSA key has 1024 bits; use 2048 to 4096 bits, a multiple of 8."),
            ("AAAA", "The CSR is not a DER certification request (RFC 2986)."),
        ];
        foreach (var (csr, detail) in bad)
        {
            var answer = await FinalizeAsync(account, order, csr);
            Assert.Equal((400, "badCSR", detail), (answer.Status, answer.ProblemType, answer["detail"]));
        }
        Assert.Equal("ready", (await account.GetAsync(order.Location!))["status"]);
        await FinalizeAsync(account, order, TestCsr.For("csr.localhost"));
        Assert.Equal("valid", (await account.PollAsync(order.Location!, TimeSpan.FromSeconds(15), Cancellation))["status"]);
    }

    [Fact]
    public async Task Two_finalizes_at_once_give_one_certificate()
    {
        var account = await acme.NewAccountAsync();
        var order = await account.OrderAsync("twice.localhost");
        await acme.ProveAsync(account, order);
        var nonces = new[] { await account.Session.NonceAsync(), await account.Session.NonceAsync() };
        var url = order["finalize"]!;
        var answers = await Task.WhenAll(nonces.Select(nonce => account.Session.SendAsync(
            HttpMethod.Post,
            url,
            account.Key.Jws(AcmeSession.Header(account.Key, url, nonce, account.Url), $$"""{"csr":"{{TestCsr.For("twice.localhost")}}"}"""))));
        Assert.Equal([200, 403], answers.Select(a => a.Status).Order());
        Assert.Equal("orderNotReady", answers.Single(a => a.Status == 403).ProblemType);
    }

    [Fact]
    public async Task A_name_proved_lately_need_not_be_proved_again()
    {
        var account = await acme.NewAccountAsync();
        await acme.ProveAsync(account, await account.OrderAsync("again.localhost"));
        var second = await account.OrderAsync("again.localhost");
        Assert.Equal("ready", second["status"]);
    }

    [Fact]
    public async Task A_deactivated_authorization_is_not_used_again()
    {
        var account = await acme.NewAccountAsync();
        var order = await account.OrderAsync("given-up.localhost");
        await acme.ProveAsync(account, order);
        var url = order.Json.GetProperty("authorizations")[0].GetString()!;
        Assert.Equal("deactivated", (await account.PostAsync(url, """{"status":"deactivated"}"""))["status"]);
        Assert.Equal("pending", (await account.OrderAsync("given-up.localhost"))["status"]);
    }

    // The line may arrive after the answer.
    private async Task UntilLoggedAsync(string words)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        deadline.CancelAfter(TimeSpan.FromSeconds(15));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!acme.Server.Log.Split('\n').Any(line => line.Contains(" WARNING ", StringComparison.Ordinal) && line.Contains(words, StringComparison.Ordinal)))
            await timer.WaitForNextTickAsync(deadline.Token);
    }

    private static Task<AcmeAnswer> FinalizeAsync(TestAccount account, AcmeAnswer order, string csr) =>
        account.PostAsync(order["finalize"]!, $$"""{"csr":"{{csr}}"}""");
}
