using CaServer.Domain;
using CaServer.Storage;
using CaServer.TestKit.Storage;

namespace CaServer.Tests.Storage;

/// <summary>Answers follow their certificates: begun with the issuance, due with the revocation, never taken back.</summary>
public sealed class OcspStoreTests
{
    private static readonly DateTimeOffset s_now = StorageSamples.Now;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task An_issued_certificate_is_due_at_once_and_again_when_its_answer_is_old(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var store = new OcspStore(test.Database);
        var (_, serial) = await IssueAsync(test.Database);
        var responder = await store.AddResponderAsync("issuing", [1], s_now.AddDays(30), Ct);
        var due = Assert.Single(await store.DueAsync(s_now, 10, Ct));
        Assert.Equal((serial, null), (due.Serial, due.Revocation));
        Assert.Null(await store.FindAsync(serial, Ct));
        Assert.Empty(await store.ChangesAsync(0, 10, Ct));

        Assert.Single(await store.StoreAsync([Signed(due, responder)], Ct));
        var served = Assert.Single(await store.ChangesAsync(0, 10, Ct));
        Assert.Equivalent(served, await store.FindAsync(serial, Ct));
        Assert.Equal((responder, null), (served.Responder, served.RevokedAt));
        Assert.Empty(await store.ChangesAsync(served.Change, 10, Ct));
        Assert.Empty(await store.DueAsync(s_now, 10, Ct));
        Assert.Single(await store.DueAsync(s_now.AddDays(2), 10, Ct));

        await store.DeleteAsync([due.Issuance], Ct);
        Assert.Null(await store.FindAsync(serial, Ct));
    }

    [Theory, EachDatabase]
    public async Task A_good_answer_that_was_signed_meanwhile_is_not_stored_over_a_revocation(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        var (store, revocations) = (new OcspStore(test.Database), new RevocationStore(test.Database));
        var (id, serial) = await IssueAsync(test.Database);
        var responder = await store.AddResponderAsync("issuing", [1], s_now.AddDays(30), Ct);
        var good = Assert.Single(await store.DueAsync(s_now, 10, Ct));
        await store.StoreAsync([Signed(good, responder)], Ct);

        var revocation = new NewRevocation { Issuance = id, Shard = 0, Reason = RevocationReason.Superseded, RevokedAt = s_now, CrlEntry = [7], Evidence = [8] };
        Assert.True(await revocations.AddAsync(revocation, StorageSamples.Leaf("revoked"), Ct));
        // The signatures that are there say good: nothing is handed out until there are others.
        Assert.Null(await store.FindAsync(serial, Ct));
        Assert.Empty(await store.StoreAsync([Signed(good, responder)], Ct));

        var due = Assert.Single(await store.DueAsync(DateTimeOffset.UnixEpoch, 10, Ct));
        Assert.Equal(new Revocation(RevocationReason.Superseded, s_now), due.Revocation);
        Assert.Single(await store.StoreAsync([Signed(due, responder)], Ct));
        Assert.Equal(RevocationReason.Superseded, (await store.FindAsync(serial, Ct))!.Reason);
        Assert.Equal(new KnownCertificate(id, due.Revocation), await store.FindCertificateAsync(due.Issuer, serial, Ct));
        Assert.Null(await store.FindCertificateAsync(due.Issuer, SerialNumber.Generate(), Ct));
    }

    [Theory, EachDatabase]
    public async Task A_responders_own_certificate_has_no_answer(DatabaseKind kind)
    {
        await using var test = await TestDatabase.OpenAsync(kind);
        await IssueAsync(test.Database, profile: "ocsp-responder");
        Assert.Empty(await new OcspStore(test.Database).DueAsync(s_now, 10, Ct));
    }

    private static async Task<(IssuanceId Id, SerialNumber Serial)> IssueAsync(Database database, string? profile = null)
    {
        await new StorageSamples(database).IssuerAsync();
        var issuances = new IssuanceStore(database);
        var issuance = StorageSamples.NewIssuance(null);
        issuance = issuance with { Profile = profile ?? issuance.Profile };
        var id = (await issuances.RecordAsync(issuance, Ct))!.Value;
        Assert.True(await issuances.CompleteAsync(id, [1], StorageSamples.Leaf("issued"), Ct));
        return (id, issuance.Serial);
    }

    private static SignedAnswer Signed(DueAnswer due, long responder) => new()
    {
        About = due,
        Responder = responder,
        ThisUpdate = s_now,
        NextUpdate = s_now.AddDays(4),
        Sha1Signature = new byte[64],
        Sha256Signature = new byte[64],
        Due = s_now.AddDays(1.7),
    };
}
