using System.Runtime.CompilerServices;
using System.Text.Json;
using CaServer.Domain;
using CaServer.Pki.X509;
using CaServer.Status;
using CaServer.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace CaServer.Cli;

/// <summary>What the operator wants.</summary>
/// <param name="Reason">Why.</param>
/// <param name="ReportedAt">When the operator learned of it; null: now.</param>
/// <param name="Note">What happened.</param>
/// <param name="DryRun">Whether nothing is to be revoked.</param>
internal sealed record RevocationWish(RevocationReason Reason, DateTimeOffset? ReportedAt, string? Note, bool DryRun);

/// <summary>
/// Revokes for the operator: one operation and one transaction for each certificate, so that a run that is cut short is simply run
/// again. The server that uses the database sees what has become due, and publishes it.
/// </summary>
internal sealed class OperatorRevocation(Database database, RevocationWish wish, TimeProvider clock)
{
    private const int Page = 500;

    private readonly CertificateList _certificates = new(database);
    private readonly DateTimeOffset _reportedAt = wish.ReportedAt ?? clock.GetUtcNow();

    private readonly RevokeCertificate _revoke = new(
        new RevocationStore(database), new OcspRequests(), new CrlRequests(), clock, NullLogger<RevokeCertificate>.Instance);

    /// <summary>Revokes the certificates with these serial numbers.</summary>
    public async IAsyncEnumerable<RevocationOutcome> BySerialsAsync(IReadOnlyList<SerialNumber> serials, [EnumeratorCancellation] CancellationToken ct)
    {
        foreach (var serial in serials)
        {
            yield return await _certificates.FindAsync(serial, ct) is { } found
                ? await RevokeAsync(found, ct)
                : new RevocationOutcome(serial.ToString(), RevocationResult.NotFound, null, null, null);
        }
    }

    /// <summary>Revokes the valid certificates of an account.</summary>
    public IAsyncEnumerable<RevocationOutcome> ByAccountAsync(AccountId account, CancellationToken ct) => AllAsync(account, _ => true, ct);

    /// <summary>Revokes the valid certificates that have this key.</summary>
    public IAsyncEnumerable<RevocationOutcome> ByKeyAsync(byte[] subjectPublicKeyInfo, CancellationToken ct) => AllAsync(
        null,
        issuance => DecodedCertificate.TryDecode(issuance.Certificate!, out var certificate) && certificate.SubjectPublicKeyInfo.Span.SequenceEqual(subjectPublicKeyInfo),
        ct);

    private async IAsyncEnumerable<RevocationOutcome> AllAsync(AccountId? account, Func<Issuance, bool> isMeant, [EnumeratorCancellation] CancellationToken ct)
    {
        var query = new CertificateQuery { Account = account, EndingFrom = clock.GetUtcNow(), Revoked = false, Count = Page };
        while (true)
        {
            var page = await _certificates.FindAsync(query, ct);
            foreach (var found in page)
            {
                if (isMeant(found.Issuance))
                    yield return await RevokeAsync(found, ct);
            }
            if (page.Count < Page)
                break;
            query = query with { Before = page[^1].Issuance.Id };
        }
    }

    private async Task<RevocationOutcome> RevokeAsync(ListedCertificate found, CancellationToken ct)
    {
        var (issuance, revocation) = found;
        var now = clock.GetUtcNow();
        if (revocation is not null)
            return Outcome(issuance, RevocationResult.AlreadyRevoked, revocation.RevokedAt);
        // Nobody asks any more, and no list would have it.
        if (issuance.NotAfter < now)
            return Outcome(issuance, RevocationResult.Expired, null);
        if (wish.DryRun)
            return Outcome(issuance, RevocationResult.WouldBeRevoked, null);
        var won = await _revoke.RunAsync(issuance, wish.Reason, "operator", Evidence(issuance), ct, _reportedAt);
        return Outcome(issuance, won ? RevocationResult.Revoked : RevocationResult.AlreadyRevoked, won ? now : null);
    }

    private RevocationOutcome Outcome(Issuance issuance, RevocationResult result, DateTimeOffset? revokedAt) => new(
        issuance.Serial.ToString(),
        result,
        [.. issuance.Names.Select(n => n.ToString())],
        revokedAt is { } at ? CliTime.Rfc3339(at) : null,
        result is RevocationResult.Revoked or RevocationResult.WouldBeRevoked ? CliTime.Rfc3339(_reportedAt + RevocationDeadline.Of(wish.Reason)) : null)
    {
        IsLate = result == RevocationResult.Revoked && clock.GetUtcNow() > _reportedAt + RevocationDeadline.Of(wish.Reason),
    };

    // There is no signed request; what was asked for stands in its place.
    private byte[] Evidence(Issuance issuance) => JsonSerializer.SerializeToUtf8Bytes(
        new OperatorRequest(1, "operator", Environment.UserName, issuance.Serial.ToString(), WireName.Of(wish.Reason), CliTime.Rfc3339(_reportedAt), wish.Note),
        RevocationJson.Default.OperatorRequest);
}

/// <summary>The evidence of a revocation that the operator asked for, JSON.</summary>
/// <param name="Version">1.</param>
/// <param name="By">Who: <c>operator</c>.</param>
/// <param name="User">The user who ran the command.</param>
/// <param name="Serial">The certificate.</param>
/// <param name="Reason">Why.</param>
/// <param name="ReportedAt">When the operator learned of it.</param>
/// <param name="Note">What happened.</param>
internal sealed record OperatorRequest(int Version, string By, string User, string Serial, string Reason, string ReportedAt, string? Note);
