using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CaServer.Composition;
using CaServer.Configuration;
using CaServer.Domain;
using CaServer.Hsm;
using CaServer.Pki.X509;
using CaServer.Signing;
using CaServer.Status;
using CaServer.Storage;
using CaServer.TestKit.Processes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace CaServer.IntegrationTests.Host;

/// <summary>What has an end is renewed in time without a restart, and what cannot be renewed is served on.</summary>
public sealed class RenewalTests : IAsyncLifetime
{
    private readonly ScratchDirectory _scratch = new();
    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());
    private Foundation _foundation = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_TLS_certificate_is_replaced_after_two_thirds_of_its_life()
    {
        var first = _foundation.TlsCertificate!.Leaf.SerialNumber;
        using var worker = new ServerCertificateWorker(
            _foundation.TlsCertificate, _foundation.TlsIssuer, null, _clock, NullLogger<ServerCertificateWorker>.Instance);
        await worker.StartAsync(Cancellation);
        _clock.Advance(TimeSpan.FromDays(21));
        await PassUntilAsync(TimeSpan.FromMinutes(1), () => _foundation.TlsCertificate.Leaf.SerialNumber != first);
        Assert.False(ServerCertificateIssuer.IsDue(_foundation.TlsCertificate.Leaf, _clock.GetUtcNow()));
        await worker.StopAsync(Cancellation);
    }

    [Fact]
    public async Task A_TLS_certificate_for_another_host_is_not_used_again()
    {
        var first = _foundation.TlsCertificate!.Leaf.SerialNumber;
        Assert.Equal(first, (await Issuer("https://localhost:8443").CurrentAsync(Cancellation)).Leaf.SerialNumber);
        var other = await Issuer("https://ca.example").CurrentAsync(Cancellation);
        Assert.NotEqual(first, other.Leaf.SerialNumber);
        Assert.True(other.Leaf.MatchesHostname("ca.example"));
    }

    [Fact]
    public async Task The_files_of_the_operator_are_read_again_when_they_change()
    {
        var files = new TlsFiles(_scratch.File("own.pem"), _scratch.File("own.key"));
        WriteOwn(files, "one.example");
        var certificate = new ServerCertificate(TlsFile.Read(files).Leaf, []);
        using var worker = new ServerCertificateWorker(certificate, null, files, _clock, NullLogger<ServerCertificateWorker>.Instance);
        await worker.StartAsync(Cancellation);
        WriteOwn(files, "two.example");
        await PassUntilAsync(TimeSpan.FromMinutes(1), () => certificate.Leaf.Subject == "CN=two.example");
        await worker.StopAsync(Cancellation);
    }

    [Fact]
    public async Task A_CRL_is_replaced_after_six_hours_by_one_with_a_higher_number()
    {
        var crls = new CrlStore(_foundation.Database);
        var first = await crls.FindAsync("issuing", 0, Cancellation);
        Assert.Empty(await _foundation.CrlPublisher!.PublishDueAsync(Cancellation));
        _clock.Advance(TimeSpan.FromHours(6));
        Assert.Single(await _foundation.CrlPublisher.PublishDueAsync(Cancellation));
        var second = await crls.FindAsync("issuing", 0, Cancellation);
        Assert.True(second!.Number > first!.Number);
        Assert.Equal(TimeSpan.FromDays(7), second.NextUpdate - second.ThisUpdate);
    }

    [Fact]
    public async Task A_CRL_made_for_a_revocation_is_the_last_one_with_what_came_since_and_drops_what_ended_when_it_is_old()
    {
        var (crls, files, publisher) = (new CrlStore(_foundation.Database), _foundation.StatusFiles, _foundation.CrlPublisher!);
        var first = _foundation.TlsCertificate!.Leaf;
        await RevokeServerCertificateAsync();
        await files.RefreshAsync(await publisher.PublishDueAsync(Cancellation), Cancellation);
        Assert.True(Served(files).RemoveEntry(first.SerialNumberBytes.Span));

        _clock.Advance(TimeSpan.FromMinutes(1));
        var second = await Issuer("https://second.example").CurrentAsync(Cancellation);
        await RevokeAsync(second.Leaf);
        await files.RefreshAsync(await publisher.PublishDueAsync(Cancellation), Cancellation);
        var both = Served(files);
        Assert.True(both.RemoveEntry(first.SerialNumberBytes.Span));
        Assert.True(both.RemoveEntry(second.Leaf.SerialNumberBytes.Span));
        // What is served without having been read again is what was stored.
        Assert.Equal((await crls.FindAsync("issuing", 0, Cancellation))!.Der.ToArray(), files.Find("/crl/issuing/0.crl")!.Bytes.ToArray());

        // Another process that publishes, and one that has just started, read everything.
        _clock.Advance(TimeSpan.FromMinutes(1));
        var third = await Issuer("https://third.example").CurrentAsync(Cancellation);
        await RevokeAsync(third.Leaf);
        var other = new CrlPublisher(_foundation.IssuingCa!, crls, _foundation.Settings.StatusUrls, _foundation.Settings.Status, _clock);
        Assert.Single(await other.PublishDueAsync(Cancellation));
        _clock.Advance(TimeSpan.FromMinutes(1));
        var fourth = await Issuer("https://fourth.example").CurrentAsync(Cancellation);
        await RevokeAsync(fourth.Leaf);
        await files.RefreshAsync(await publisher.PublishDueAsync(Cancellation), Cancellation);
        var all = Served(files);
        Assert.All([first, second.Leaf, third.Leaf, fourth.Leaf], c => Assert.True(all.RemoveEntry(c.SerialNumberBytes.Span)));

        // Listed once more after its end, then no longer (RFC 5280 §3.3).
        _clock.Advance(fourth.Leaf.NotAfter - _clock.GetUtcNow().UtcDateTime + TimeSpan.FromHours(7));
        Assert.Single(await publisher.PublishDueAsync(Cancellation));
        _clock.Advance(TimeSpan.FromHours(7));
        await files.RefreshAsync(await publisher.PublishDueAsync(Cancellation), Cancellation);
        Assert.False(Served(files).RemoveEntry(fourth.Leaf.SerialNumberBytes.Span));

        static CertificateRevocationListBuilder Served(StatusFiles files) => CertificateRevocationListBuilder.Load(files.Find("/crl/issuing/0.crl")!.Bytes.ToArray(), out _);
    }

    [Fact]
    public async Task With_deltas_every_list_that_is_valid_still_is_brought_up_to_date_by_the_present_delta()
    {
        var settings = _foundation.Settings.Status with { DeltaCrls = true };
        var (crls, files) = (new CrlStore(_foundation.Database), _foundation.StatusFiles);
        Assert.Null(files.Find("/crl/issuing/0-delta.crl"));
        var publisher = new CrlPublisher(_foundation.IssuingCa!, crls, _foundation.Settings.StatusUrls, settings, _clock);
        _clock.Advance(TimeSpan.FromHours(6));
        Assert.Single(await publisher.PublishDueAsync(Cancellation));
        var first = await crls.FindAsync("issuing", 0, Cancellation);
        Assert.Contains(Convert.ToHexString("/crl/issuing/0-delta.crl"u8), Convert.ToHexString(first!.Der.Span), StringComparison.Ordinal);

        _clock.Advance(TimeSpan.FromMinutes(1));
        await RevokeServerCertificateAsync();
        Assert.Single(await publisher.PublishDueAsync(Cancellation));
        await files.RefreshAsync([], Cancellation);
        var second = CertificateRevocationListBuilder.Load(files.Find("/crl/issuing/0.crl")!.Bytes.ToArray(), out var number);
        var delta = CertificateRevocationListBuilder.Load(files.Find("/crl/issuing/0-delta.crl")!.Bytes.ToArray(), out var deltaNumber);
        Assert.Equal(number, deltaNumber);
        var serial = _foundation.TlsCertificate!.Leaf.SerialNumberBytes.ToArray();
        Assert.True(second.RemoveEntry(serial));
        Assert.True(delta.RemoveEntry(serial));
        await AssertDeltaIsToAsync(crls, first.Number);

        // Seven days and six hours later nobody holds a list any more that lacks the revocation.
        for (var hours = 0; hours <= 7 * 24 + 12; hours += 6)
        {
            _clock.Advance(TimeSpan.FromHours(6));
            Assert.Single(await publisher.PublishDueAsync(Cancellation));
        }
        await files.RefreshAsync([], Cancellation);
        delta = CertificateRevocationListBuilder.Load(files.Find("/crl/issuing/0-delta.crl")!.Bytes.ToArray(), out _);
        Assert.False(delta.RemoveEntry(serial));

        _clock.Advance(TimeSpan.FromHours(6));
        Assert.Single(await _foundation.CrlPublisher!.PublishDueAsync(Cancellation));
        await files.RefreshAsync([], Cancellation);
        Assert.Null(files.Find("/crl/issuing/0-delta.crl"));
    }

    [Fact]
    public async Task The_last_CRL_is_served_on_while_the_token_is_down()
    {
        var files = _foundation.StatusFiles;
        var before = files.Find("/crl/issuing/0.crl");
        Assert.NotNull(before);
        using var certificate = IssuerCertificate.Parse(files.Find("/ca/issuing.der")!.Bytes);
        var key = new BrokenKey(certificate.PublicKey.Der);
        var issuer = new IssuingCa("issuing", certificate, new SigningKey(key, HashAlgorithmName.SHA256));
        var publisher = new CrlPublisher(issuer, new CrlStore(_foundation.Database), _foundation.Settings.StatusUrls, _foundation.Settings.Status, _clock);
        _clock.Advance(TimeSpan.FromHours(7));
        using var worker = new StatusWorker(files, publisher, new CrlRequests(), TimeSpan.FromDays(7), _clock, NullLogger<StatusWorker>.Instance);
        await worker.StartAsync(Cancellation);
        await PassUntilAsync(TimeSpan.FromMinutes(1), () => key.Tries >= 2);
        await worker.StopAsync(Cancellation);
        Assert.Same(before, files.Find("/crl/issuing/0.crl"));
    }

    [Fact]
    public async Task A_revocation_is_published_soon_also_after_idle_hours_and_while_the_token_fails()
    {
        using var certificate = IssuerCertificate.Parse(_foundation.StatusFiles.Find("/ca/issuing.der")!.Bytes);
        var key = new BrokenKey(certificate.PublicKey.Der);
        var issuer = new IssuingCa("issuing", certificate, new SigningKey(key, HashAlgorithmName.SHA256));
        var publisher = new CrlPublisher(issuer, new CrlStore(_foundation.Database), _foundation.Settings.StatusUrls, _foundation.Settings.Status, _clock);
        var requests = new CrlRequests();
        using var worker = new StatusWorker(_foundation.StatusFiles, publisher, requests, TimeSpan.FromDays(7), _clock, NullLogger<StatusWorker>.Instance);
        await worker.StartAsync(Cancellation);
        var steps = 0;
        await PassUntilAsync(TimeSpan.FromMinutes(1), () => ++steps > 100);
        Assert.Equal(0, key.Tries);

        await RevokeServerCertificateAsync();
        requests.Ask();
        await PassUntilAsync(TimeSpan.FromSeconds(0.1), () => key.Tries == 1);
        await PassUntilAsync(TimeSpan.FromMinutes(1), () => key.Tries >= 3);
        await worker.StopAsync(Cancellation);
    }

    [Fact]
    public async Task The_OCSP_responder_gets_a_new_certificate_after_two_thirds_of_its_life_and_no_answer_outlives_it()
    {
        var responder = _foundation.OcspResponder!;
        var store = new OcspStore(_foundation.Database);
        var first = responder.Active;
        Assert.False(await responder.RenewIfDueAsync(Cancellation));
        _clock.Advance(TimeSpan.FromDays(21));
        Assert.True(await responder.RenewIfDueAsync(Cancellation));
        Assert.NotEqual(first.Id, responder.Active.Id);
        Assert.True(responder.Active.Responder.NotAfter > first.Responder.NotAfter);

        var presigner = new OcspPresigner(responder, store, TimeSpan.FromDays(7), _clock);
        await presigner.SignDueAsync(Cancellation);
        var answers = await store.ChangesAsync(0, 100, Cancellation);
        Assert.NotEmpty(answers);
        Assert.All(answers, a => Assert.True(a.NextUpdate <= responder.Active.Responder.NotAfter.ToUnixTimeMilliseconds()));
        Assert.All(answers, a => Assert.Equal(responder.Active.Id, a.Responder));
    }

    public async ValueTask InitializeAsync()
    {
        var settings = CaServerSettings.Load(null, new Dictionary<string, string>
        {
            ["CASERVER_Data__Directory"] = _scratch.File("data"),
            // SoftHSM2 has one token directory for each process, which other tests have.
            ["CASERVER_Hsm__Module"] = HsmSettings.SoftwareModule,
        });
        _foundation = await Foundation.OpenAsync(settings, Roles.All, _clock, Serilog.Core.Logger.None, Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await _foundation.DisposeAsync();
        _scratch.Dispose();
    }

    // deltaCRLIndicator { INTEGER }, four octets of seconds.
    private static async Task AssertDeltaIsToAsync(CrlStore crls, long number)
    {
        var delta = await crls.FindDeltaAsync("issuing", 0, Cancellation);
        Assert.Contains($"0603551D1B0101FF04060204{number:X8}", Convert.ToHexString(delta!.Der.Span), StringComparison.Ordinal);
    }

    private Task RevokeServerCertificateAsync() => RevokeAsync(_foundation.TlsCertificate!.Leaf);

    private async Task RevokeAsync(X509Certificate2 certificate)
    {
        Assert.True(SerialNumber.TryParse(certificate.SerialNumber, out var serial));
        var issuance = await new IssuanceStore(_foundation.Database).FindBySerialAsync(serial, Cancellation);
        var revoke = new RevokeCertificate(
            new RevocationStore(_foundation.Database), new OcspRequests(), new CrlRequests(), _clock, NullLogger<RevokeCertificate>.Instance);
        Assert.True(await revoke.RunAsync(issuance!, RevocationReason.Superseded, "operator", [], Cancellation));
    }

    private ServerCertificateIssuer Issuer(string publicUrl) => new(
        _foundation.Settings with { Server = _foundation.Settings.Server with { PublicUrl = new Uri(publicUrl) } },
        _foundation.IssuingCa!,
        new IssuanceStore(_foundation.Database),
        _clock);

    private static void WriteOwn(TlsFiles files, string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
        File.WriteAllText(files.Certificate, certificate.ExportCertificatePem());
        File.WriteAllText(files.Key, key.ExportPkcs8PrivateKeyPem());
    }

    // The worker begins to wait when it gets a thread, so one step of the clock could come too early for it.
    private async Task PassUntilAsync(TimeSpan step, Func<bool> condition)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        deadline.CancelAfter(TimeSpan.FromSeconds(20));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!condition())
        {
            _clock.Advance(step);
            await timer.WaitForNextTickAsync(deadline.Token);
        }
    }

    /// <summary>The key of a token that does not answer.</summary>
    private sealed class BrokenKey(ReadOnlyMemory<byte> publicKey) : X509SignatureGenerator
    {
        public int Tries { get; private set; }

        public override byte[] GetSignatureAlgorithmIdentifier(HashAlgorithmName hashAlgorithm)
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            return CreateForECDsa(key).GetSignatureAlgorithmIdentifier(hashAlgorithm);
        }

        public override byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm)
        {
            Tries++;
            throw new HsmException(HsmFault.Unavailable, "The token does not answer.");
        }

        protected override PublicKey BuildPublicKey() => PublicKey.CreateFromSubjectPublicKeyInfo(publicKey.Span, out _);
    }
}
