using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using CaServer.Domain;
using CaServer.Pki.X509;
using CaServer.Signing;
using CaServer.TestKit.Evidence;

namespace CaServer.Tests.Signing;

/// <summary>prepare → lint → record → sign → verify → store, and what is left when a step fails.</summary>
public sealed class SigningCoreTests
{
    private readonly SigningWorld _world = new();

    [Fact]
    public async Task Good_evidence_gives_a_certificate_that_the_platform_accepts()
    {
        var evidence = _world.Evidence().For("www.example.net", "192.0.2.7");
        var issued = await _world.IsIssuedAsync(evidence);

        Assert.Empty(Certificates.ChainStatus(issued.Certificate, _world.Ceremony.IssuingCertificate, _world.Ceremony.RootCertificate, SigningWorld.Now));
        Assert.Equal(["www.example.net", "192.0.2.7"], Certificates.NamesOf(issued.Certificate));
        using var certificate = X509CertificateLoader.LoadCertificate(issued.Certificate);
        Assert.Equal(((ECDsa)evidence.CsrKey).ExportSubjectPublicKeyInfo(), certificate.PublicKey.ExportSubjectPublicKeyInfo());
        Assert.Equal(issued.Serial.ToString(), certificate.SerialNumber, ignoreCase: true);
        Assert.Equal(SigningWorld.Now.AddHours(-1).UtcDateTime, certificate.NotBefore.ToUniversalTime());
        Assert.Equal(SigningWorld.Now.AddHours(-1).AddDays(90).AddSeconds(-1).UtcDateTime, certificate.NotAfter.ToUniversalTime());
    }

    [Fact]
    public async Task The_record_is_durable_before_anything_is_signed()
    {
        var signedAtRecord = -1;
        _world.Journal.OnRecorded = _ => signedAtRecord = _world.IssuingKey.SignedData.Count;
        await _world.IsIssuedAsync(_world.Evidence());
        Assert.Equal(0, signedAtRecord);
        Assert.Single(_world.IssuingKey.SignedData);
    }

    [Fact]
    public async Task What_is_signed_is_byte_for_byte_what_was_recorded_and_linted()
    {
        var issued = await _world.IsIssuedAsync(_world.Evidence());
        var record = Assert.Single(_world.Journal.Records);
        Assert.Equal(record.Tbs, _world.IssuingKey.SignedData[0]);
        Assert.Equal(record.Tbs, SignedObject.Split(issued.Certificate).ToBeSigned.ToArray());
        Assert.Equal(issued.Certificate, _world.Journal.Stored[0].Certificate);
    }

    [Fact]
    public async Task Whoever_keeps_the_record_cannot_change_what_is_signed()
    {
        byte[]? recorded = null;
        _world.Journal.OnRecorded = r =>
        {
            recorded = [.. r.Tbs];
            r.Tbs.AsSpan().Clear();
        };
        var issued = await _world.IsIssuedAsync(_world.Evidence());
        Assert.Equal(recorded, SignedObject.Split(issued.Certificate).ToBeSigned.ToArray());
    }

    [Fact]
    public async Task The_record_says_what_is_signed_and_why()
    {
        var bundle = _world.Evidence().Build();
        var issued = Assert.IsType<IssuanceResult.Issued>(await _world.Core.IssueAsync(bundle, SigningWorld.Now, TestContext.Current.CancellationToken));
        var record = Assert.Single(_world.Journal.Records);
        Assert.Equal(EvidenceBuilder.OrderRow, record.Order);
        Assert.Equal(EvidenceBuilder.AccountRow, record.Account);
        Assert.Equal(issued.Serial, record.Serial);
        Assert.Equal("issuing", record.Issuer);
        Assert.Equal("dv", record.Profile);
        Assert.Equal(bundle.Encode(), record.Evidence);
        Assert.Equal([Identifier.Dns("www.example.net")], record.Names);
    }

    [Fact]
    public async Task Each_issuance_has_its_own_serial_number()
    {
        var bundle = _world.Evidence().Build();
        var core = _world.Core;
        for (var i = 0; i < 5; i++)
            await core.IssueAsync(bundle, SigningWorld.Now, TestContext.Current.CancellationToken);
        Assert.Equal(5, _world.Journal.Records.Select(r => r.Serial).Distinct().Count());
    }

    [Fact]
    public async Task If_the_record_cannot_be_written_nothing_is_signed()
    {
        _world.Journal.RecordFault = new IOException("disk full");
        await Assert.ThrowsAsync<IOException>(() => _world.IsIssuedAsync(_world.Evidence()));
        Assert.Empty(_world.IssuingKey.SignedData);
        Assert.Empty(_world.Journal.Abandoned);
    }

    [Fact]
    public async Task If_the_certificate_cannot_be_stored_its_record_remains()
    {
        _world.Journal.StoreFault = new IOException("disk full");
        await Assert.ThrowsAsync<IOException>(() => _world.IsIssuedAsync(_world.Evidence()));
        Assert.Single(_world.IssuingKey.SignedData);
        Assert.Equal(_world.IssuingKey.SignedData[0], Assert.Single(_world.Journal.Records).Tbs);
        // It may have been stored after all; only the journal can know, so nothing is declared abandoned.
        Assert.Empty(_world.Journal.Abandoned);
    }

    [Fact]
    public async Task A_bad_signature_is_refused_before_it_is_stored()
    {
        _world.IssuingKey.Fault = signature =>
        {
            signature[^1] ^= 1;
            return signature;
        };
        var result = await _world.Core.IssueAsync(_world.Evidence().Build(), SigningWorld.Now, TestContext.Current.CancellationToken);
        var refused = Assert.IsType<IssuanceResult.Refused>(result);
        Assert.Equal(RefusalReason.SignatureWrong, refused.Reason);
        Assert.Equal(ProblemType.ServerInternal, refused.ToProblem().Type);
        Assert.Null(refused.LogLeaf);
        Assert.Empty(_world.Journal.Stored);
        AssertAbandoned(RefusalReason.SignatureWrong);
    }

    [Fact]
    public async Task A_good_signature_over_something_else_is_refused()
    {
        var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        _world.IssuingKey.Fault = _ => other.SignData("something else"u8.ToArray(), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        var result = await _world.Core.IssueAsync(_world.Evidence().Build(), SigningWorld.Now, TestContext.Current.CancellationToken);
        Assert.Equal(RefusalReason.SignatureWrong, Assert.IsType<IssuanceResult.Refused>(result).Reason);
    }

    [Fact]
    public async Task A_token_that_fails_leaves_an_abandoned_record_and_its_own_exception()
    {
        _world.IssuingKey.Fault = _ => throw new CryptographicException("token gone");
        await Assert.ThrowsAsync<CryptographicException>(() => _world.IsIssuedAsync(_world.Evidence()));
        Assert.Empty(_world.Journal.Stored);
        AssertAbandoned(null);
    }

    [Fact]
    public void A_prepared_certificate_is_signed_once()
    {
        var prepared = Prepare();
        prepared.Sign();
        Assert.Throws<InvalidOperationException>(prepared.Sign);
        Assert.Single(_world.IssuingKey.SignedData);
    }

    [Fact]
    public void A_prepared_certificate_whose_signing_failed_is_not_signed_again()
    {
        var prepared = Prepare();
        _world.IssuingKey.Fault = _ => throw new CryptographicException("token gone");
        Assert.Throws<CryptographicException>(prepared.Sign);
        _world.IssuingKey.Fault = null;
        Assert.Throws<InvalidOperationException>(prepared.Sign);
    }

    [Fact]
    public async Task A_cancelled_request_records_nothing()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _world.Core.IssueAsync(_world.Evidence().Build(), SigningWorld.Now, cancelled.Token));
        Assert.Empty(_world.Journal.Records);
    }

    [Fact]
    public async Task Once_recorded_the_work_is_finished_though_the_server_stops()
    {
        using var stopping = new CancellationTokenSource();
        _world.Journal.OnRecorded = _ => stopping.Cancel();
        Assert.IsType<IssuanceResult.Issued>(await _world.Core.IssueAsync(_world.Evidence().Build(), SigningWorld.Now, stopping.Token));
        Assert.Single(_world.Journal.Stored);
    }

    [Fact]
    public async Task A_certificate_that_would_outlive_its_issuer_is_refused()
    {
        var result = await _world.Core.IssueAsync(EvidenceAt(_world.Issuer.Certificate.NotAfter.AddDays(-80)), _world.Issuer.Certificate.NotAfter.AddDays(-80), TestContext.Current.CancellationToken);
        var refused = Assert.IsType<IssuanceResult.Refused>(result);
        Assert.Equal(RefusalReason.OutsideIssuerValidity, refused.Reason);
        Assert.Contains("renew the issuing CA", refused.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_may_end_in_the_second_in_which_its_issuer_ends()
    {
        var issuer = _world.Issuer.Certificate;
        var now = issuer.NotAfter.AddSeconds(1).AddDays(-90).AddHours(1);
        var issued = Assert.IsType<IssuanceResult.Issued>(await _world.Core.IssueAsync(EvidenceAt(now), now, TestContext.Current.CancellationToken));
        Assert.Equal(issuer.NotAfter, Assert.Single(_world.Journal.Records).NotAfter);
        var result = await _world.Core.IssueAsync(EvidenceAt(now.AddSeconds(1)), now.AddSeconds(1), TestContext.Current.CancellationToken);
        Assert.Equal(RefusalReason.OutsideIssuerValidity, Assert.IsType<IssuanceResult.Refused>(result).Reason);
    }

    [Fact]
    public async Task A_clock_before_the_issuers_time_is_refused()
    {
        var now = _world.Issuer.Certificate.NotBefore.AddSeconds(-1);
        var result = await _world.Core.IssueAsync(EvidenceAt(now), now, TestContext.Current.CancellationToken);
        Assert.Equal(RefusalReason.OutsideIssuerValidity, Assert.IsType<IssuanceResult.Refused>(result).Reason);
    }

    [Fact]
    public async Task A_certificate_never_begins_before_its_issuer()
    {
        var now = _world.Issuer.Certificate.NotBefore.AddMinutes(1);
        Assert.IsType<IssuanceResult.Issued>(await _world.Core.IssueAsync(EvidenceAt(now), now, TestContext.Current.CancellationToken));
        Assert.Equal(_world.Issuer.Certificate.NotBefore, Assert.Single(_world.Journal.Records).NotBefore);
    }

    [Fact]
    public async Task Many_may_be_issued_at_once()
    {
        var core = _world.Core;
        var bundles = Enumerable.Range(0, 20).Select(_ => _world.Evidence().Build()).ToList();
        var results = await Task.WhenAll(bundles.Select(b => Task.Run(() => core.IssueAsync(b, SigningWorld.Now, TestContext.Current.CancellationToken))));
        Assert.All(results, r => Assert.IsType<IssuanceResult.Issued>(r));
        Assert.Equal(20, _world.Journal.Stored.Count);
    }

    private EvidenceBundle EvidenceAt(DateTimeOffset time) =>
        _world.Evidence().StatedBy("alpha", s => s with { CheckedAt = time.ToUnixTimeSeconds(), CaaCheckedAt = time.ToUnixTimeSeconds() }).Build();

    private PreparedCertificate Prepare()
    {
        var request = VerifiedRequest.FromEvidence(_world.Evidence().Build(), _world.Settings, new KeyHistoryCache(_world.Urls), SigningWorld.Now);
        return PreparedCertificate.Prepare(request, _world.Issuer, SigningWorld.StatusUrls, SigningWorld.Now);
    }

    private void AssertAbandoned(RefusalReason? reason)
    {
        var record = Assert.Single(_world.Journal.Records);
        using var leaf = JsonDocument.Parse(Assert.Single(_world.Journal.Abandoned).Leaf);
        Assert.Equal("abandoned", leaf.RootElement.GetProperty("kind").GetString());
        Assert.Equal(record.Serial.ToString(), leaf.RootElement.GetProperty("serial").GetString());
        Assert.Equal(reason is { } r ? WireName.Of(r) : null, leaf.RootElement.TryGetProperty("reason", out var value) ? value.GetString() : null);
    }
}
