using System.Collections.Concurrent;
using System.Security.Cryptography;
using CaServer.Composition;
using CaServer.Configuration;
using CaServer.Domain;
using CaServer.Pki.X509;
using CaServer.Status;
using CaServer.Storage;
using CaServer.TestKit.Processes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace CaServer.IntegrationTests.Host;

/// <summary>
/// Many certificates, many revocations among them, and readers all the while: at the end every answer and every list agrees with
/// the database, and on the way no answer went from revoked back to good.
/// </summary>
public sealed class StatusAtScaleTests : IAsyncLifetime
{
    private const int Shards = 4;

    // Tens of thousands with CASERVERTEST_STATUS_SCALE; some seconds without.
    private static readonly int s_certificates = int.Parse(
        Environment.GetEnvironmentVariable("CASERVERTEST_STATUS_SCALE") ?? "2000", System.Globalization.CultureInfo.InvariantCulture);

    private readonly ScratchDirectory _scratch = new();
    private Foundation _foundation = null!;
    private WebApplication _app = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_answer_and_every_list_agrees_with_the_database_and_no_revocation_is_taken_back()
    {
        var issuances = _app.Services.GetRequiredService<IssuanceStore>();
        var answers = _app.Services.GetRequiredService<OcspAnswers>();
        var revoke = _app.Services.GetRequiredService<RevokeCertificate>();
        var certificates = await IssueAsync(issuances);
        await UntilAsync(() => certificates.All(c => answers.TryRead(c.Serial.Octets, out _)));

        var seenRevoked = new ConcurrentDictionary<SerialNumber, bool>();
        var takenBack = 0;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var readers = Enumerable.Range(0, 2).Select(number => Task.Run(
            () =>
            {
                for (var i = number; !stop.IsCancellationRequested; i++)
                {
                    var serial = certificates[(int)(i * 7919L % certificates.Count)].Serial;
                    Assert.True(answers.TryRead(serial.Octets, out var record));
                    if (record.IsRevoked)
                        seenRevoked[serial] = true;
                    else if (seenRevoked.ContainsKey(serial))
                        Interlocked.Increment(ref takenBack);
                }
            },
            Cancellation)).ToList();

        var chosen = certificates.Where(c => c.Serial.Octets[7] % 10 == 0).ToList();
        var reasons = new[] { RevocationReason.Unspecified, RevocationReason.KeyCompromise, RevocationReason.Superseded, RevocationReason.CessationOfOperation };
        await Parallel.ForEachAsync(
            chosen, new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = Cancellation },
            async (certificate, ct) => Assert.True(await revoke.RunAsync(certificate, reasons[certificate.Serial.Octets[8] % 4], "operator", [], ct)));
        await UntilAsync(() => chosen.All(c => answers.TryRead(c.Serial.Octets, out var record) && record.IsRevoked));
        await stop.CancelAsync();
        await Task.WhenAll(readers);
        Assert.Equal(0, takenBack);

        var revocations = _app.Services.GetRequiredService<RevocationStore>();
        var responders = _app.Services.GetRequiredService<OcspResponders>();
        using var issuer = IssuerCertificate.Parse(_foundation.StatusFiles.Find("/ca/issuing.der")!.Bytes);
        foreach (var certificate in certificates)
        {
            var truth = await revocations.FindAsync(certificate.Id, Cancellation);
            Assert.True(answers.TryRead(certificate.Serial.Octets, out var record));
            Assert.Equal(
                (truth is not null, truth?.Reason ?? RevocationReason.Unspecified, truth?.RevokedAt.ToUnixTimeSeconds() ?? 0),
                (record.IsRevoked, (RevocationReason)record.Reason, record.RevokedAt));
            Verify(responders.At(record.Responder).Template, certificate.Serial, record);
        }

        await UntilAsync(() => chosen.All(c => IsListed(c)));
        Assert.All(certificates.Except(chosen), c => Assert.False(IsListed(c)));
    }

    public async ValueTask InitializeAsync()
    {
        var settings = CaServerSettings.Load(null, new Dictionary<string, string>
        {
            ["CASERVER_Data__Directory"] = _scratch.File("data"),
            // SoftHSM2 has one token directory for each process, which other tests have.
            ["CASERVER_Hsm__Module"] = HsmSettings.SoftwareModule,
            ["CASERVER_Status__CrlShards"] = $"{Shards}",
            ["CASERVER_Server__HttpListen"] = $"127.0.0.1:{LoopbackPorts.Next()}",
            ["CASERVER_Server__AdminListen"] = $"127.0.0.1:{LoopbackPorts.Next()}",
        });
        // Made by a process with all roles; then without the HTTPS listener.
        await (await Foundation.OpenAsync(settings, Roles.All, TimeProvider.System, Serilog.Core.Logger.None, Cancellation)).DisposeAsync();
        _foundation = await Foundation.OpenAsync(settings, Roles.Signer | Roles.Status, TimeProvider.System, Serilog.Core.Logger.None, Cancellation);
        _app = ServerApp.Build(_foundation);
        await _app.StartAsync(Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _foundation.DisposeAsync();
        _scratch.Dispose();
    }

    // Recorded and completed as the signer does it; that the certificate itself is no certificate plays no part here.
    private static async Task<List<Issuance>> IssueAsync(IssuanceStore issuances)
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds());
        var issued = new ConcurrentBag<Issuance>();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, s_certificates), new ParallelOptions { MaxDegreeOfParallelism = 64, CancellationToken = Cancellation },
            async (_, ct) =>
            {
                var serial = SerialNumber.Generate();
                var issuance = new NewIssuance
                {
                    Order = null,
                    Serial = serial,
                    Issuer = FirstStart.IssuingName,
                    Profile = "dv",
                    Names = [],
                    NotBefore = now,
                    NotAfter = now.AddDays(90),
                    Tbs = [0],
                    Evidence = [0],
                    RecordedAt = now,
                    CrlShard = serial.Octets[15] % Shards,
                };
                var id = (await issuances.RecordAsync(issuance, ct))!.Value;
                Assert.True(await issuances.CompleteAsync(id, [1], new LogLeaf("issued", now, [1]), ct));
                issued.Add((await issuances.FindAsync(id, ct))!);
            });
        return [.. issued];
    }

    private static void Verify(OcspTemplate template, SerialNumber serial, in OcspRecord record)
    {
        foreach (var hash in new[] { OcspHash.Sha1, OcspHash.Sha256 })
        {
            var tbs = template.EncodeTbs(hash, serial.Octets, record.Answer);
            using var key = ECDsa.Create();
            key.ImportSubjectPublicKeyInfo(template.PublicKey.Der.Span, out _);
            Assert.True(key.VerifyData(tbs, record.SignatureFor(hash), HashAlgorithmName.SHA256));
        }
    }

    private bool IsListed(Issuance certificate) =>
        _foundation.StatusFiles.Find($"/crl/issuing/{certificate.CrlShard}.crl")!.Bytes.Span.IndexOf(certificate.Serial.Octets) >= 0;

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        deadline.CancelAfter(TimeSpan.FromSeconds(30) + TimeSpan.FromMilliseconds(s_certificates));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!condition())
            await timer.WaitForNextTickAsync(deadline.Token);
    }
}
