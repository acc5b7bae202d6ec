using CaServer.Hsm;
using CaServer.TestKit.Hsm;
using Microsoft.Extensions.Time.Testing;

namespace CaServer.Tests.Hsm;

public sealed class TokenRecoveryTests
{
    private static readonly TimeSpan s_longerThanAnyBackOff = TimeSpan.FromMinutes(1);

    [Fact]
    public void A_key_signs_again_after_somebody_else_logged_out() => SignsAgainAfter(ForeignUser.Logout);

    [Fact]
    public void A_key_signs_again_after_somebody_else_closed_all_sessions() => SignsAgainAfter(ForeignUser.CloseAllSessions);

    [Fact]
    public void A_key_is_generated_and_found_after_somebody_else_logged_out()
    {
        var test = TestToken.Create();
        using var token = test.Open();
        ForeignUser.Logout(test);
        using var key = token.Generate("issuer", CaKeyKind.P256);
        ForeignUser.Logout(test);
        using var found = token.Find("issuer");

        Assert.NotNull(found);
        SignatureAssert.Signs(found);
    }

    [Fact]
    public void A_token_whose_files_are_gone_is_down_and_comes_back_with_them_after_the_back_off()
    {
        var test = TestToken.Create();
        var clock = new FakeTimeProvider();
        using var token = test.Open(clock: clock);
        using var key = token.Generate("issuer", CaKeyKind.P256);
        var incidents = new List<TokenIncidentKind>();
        token.Incident += incident => incidents.Add(incident.Kind);

        using (test.TakeFilesAway())
        {
            Assert.Throws<HsmException>(() => SignatureAssert.Signs(key));
            Assert.False(token.IsAvailable);
            Assert.NotNull(token.Fault);
            Assert.Throws<HsmException>(token.Check);
        }

        // The files are back, but nobody looks before the back-off has passed.
        Assert.Throws<HsmException>(() => SignatureAssert.Signs(key));
        Assert.Equal([TokenIncidentKind.Lost, TokenIncidentKind.Down], incidents);

        clock.Advance(s_longerThanAnyBackOff);
        SignatureAssert.Signs(key);
        Assert.True(token.IsAvailable);
        Assert.Null(token.Fault);
        Assert.Equal([TokenIncidentKind.Lost, TokenIncidentKind.Down, TokenIncidentKind.Recovered], incidents);
    }

    [Fact]
    public void A_pin_that_was_refused_is_never_tried_again()
    {
        var test = TestToken.Create();
        var clock = new FakeTimeProvider();
        using var token = test.Open(clock: clock);
        using var key = token.Generate("issuer", CaKeyKind.P256);
        ForeignUser.RunTool(test, "--change-pin", "--new-pin", "another-pin");
        ForeignUser.Logout(test);

        Assert.Equal(HsmFault.PinIncorrect, Assert.Throws<HsmException>(() => SignatureAssert.Signs(key)).Fault);

        // Even when it would be right again: only a new start tries.
        ForeignUser.RunTool(test.WithPin("another-pin"), "--change-pin", "--new-pin", test.Pin);
        clock.Advance(s_longerThanAnyBackOff);
        Assert.Equal(HsmFault.PinIncorrect, Assert.Throws<HsmException>(() => SignatureAssert.Signs(key)).Fault);
        Assert.Contains("issuer", ForeignUser.RunTool(test, "--list-objects"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_that_was_replaced_by_another_of_the_same_label_does_not_sign()
    {
        var test = TestToken.Create();
        var clock = new FakeTimeProvider();
        using var token = test.Open(clock: clock);
        using var key = token.Generate("issuer", CaKeyKind.P256);
        ForeignUser.RunTool(test, "--delete-object", "--type", "privkey", "--label", "issuer");
        ForeignUser.RunTool(test, "--delete-object", "--type", "pubkey", "--label", "issuer");
        ForeignUser.RunTool(test, "--keypairgen", "--key-type", "EC:prime256v1", "--id", "01", "--label", "issuer", "--usage-sign", "--sensitive");

        Assert.Equal(HsmFault.KeyMissing, Assert.Throws<HsmException>(() => SignatureAssert.Signs(key)).Fault);
    }

    [Fact]
    public void The_recovery_of_one_token_does_not_disturb_another_of_the_same_module()
    {
        var first = TestToken.Create();
        var second = TestToken.Create();
        using var root = first.Open();
        using var issuing = second.Open();
        using var rootKey = root.Generate("root", CaKeyKind.P256);
        using var issuingKey = issuing.Generate("issuing", CaKeyKind.P256);
        var disturbed = false;
        issuing.Incident += _ => disturbed = true;

        ForeignUser.Logout(first);
        SignatureAssert.Signs(rootKey);
        SignatureAssert.Signs(issuingKey);
        root.Dispose();
        SignatureAssert.Signs(issuingKey);

        Assert.False(disturbed);
    }

    [Fact]
    public async Task Every_signature_is_made_while_the_token_is_logged_out_again_and_again()
    {
        var test = TestToken.Create();
        using var token = test.Open(sessions: 3);
        using var key = token.Generate("issuer", CaKeyKind.P256);

        var signers = Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 100; i++)
                SignatureAssert.Signs(key);
        })).ToList();
        var done = Task.WhenAll(signers);
        while (!done.IsCompleted)
        {
            // Somebody must be logged in for a logout to succeed.
            token.Check();
            try
            {
                ForeignUser.Logout(test);
            }
            catch (Exception e) when (e.GetType().Name == "Pkcs11Exception")
            {
                // Another test's recovery came between.
            }
            await Task.WhenAny(done, Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken));
        }

        await done;
        Assert.True(token.IsAvailable);
    }

    private static void SignsAgainAfter(Action<TestToken> loss)
    {
        var test = TestToken.Create();
        using var token = test.Open();
        using var ec = token.Generate("ec", CaKeyKind.P256);
        using var rsa = token.Generate("rsa", CaKeyKind.Rsa2048);

        loss(test);

        SignatureAssert.Signs(ec);
        SignatureAssert.Signs(rsa);
        token.Check();
        Assert.True(token.IsAvailable);
    }
}
