using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using CaServer.Domain;
using CaServer.Storage;

namespace CaServer.Cli;

/// <summary>How <c>certificate</c> shows certificates.</summary>
internal static class CertificateOutput
{
    /// <summary>Writes one certificate.</summary>
    public static void Write(ListedCertificate certificate, IReadOnlyList<CheckedName> checks, DateTimeOffset now, bool json)
    {
        var result = CertificateResult.Of(certificate, now) with { Checks = checks };
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(result, CertificateJson.Default.CertificateResult));
            return;
        }
        Line("Serial", result.Serial);
        Line("State", result.Status);
        Line("Names", string.Join(", ", result.Names));
        Line("Valid from", result.NotBefore);
        Line("Valid until", result.NotAfter);
        Line("Account", result.Account is { } account ? $"{account}" : "none: the server's own");
        Line("Profile", result.Profile);
        Line("Issuer", result.Issuer);
        Line("SHA-256", result.Sha256);
        foreach (var (name, page) in checks)
            Line("Checks", $"{page} ({name})");
        if (result is { RevokedAt: { } at, Reason: { } reason })
        {
            Line("Revoked", $"{at} ({reason})");
            if (result.ReportedAt is { } reported)
                Line("Reported", $"{reported}, to be revoked by {result.Deadline}");
        }
    }

    /// <summary>Writes a list, one line for each certificate.</summary>
    public static void Write(IReadOnlyList<ListedCertificate> certificates, bool more, DateTimeOffset now, bool json)
    {
        CertificateResult[] results = [.. certificates.Select(c => CertificateResult.Of(c, now))];
        var next = more ? results[^1].Serial : null;
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(new CertificateListResult(results, next), CertificateJson.Default.CertificateListResult));
            return;
        }
        if (results.Length == 0)
            Console.WriteLine("There are no such certificates.");
        foreach (var r in results)
            Console.WriteLine($"{r.Serial}  {r.Status,-7}  until {r.NotAfter}  {(r.Account is { } account ? $"account {account}" : "the server"),-12}  {(r.Names.Count == 0 ? r.Profile : string.Join(", ", r.Names))}");
        if (next is not null)
            Console.WriteLine($"There are more: --after {next}");
    }

    private static void Line(string label, string value) => Console.WriteLine($"{label + ":",-16}{value}");
}

/// <summary>What <c>certificate … --json</c> prints of a certificate.</summary>
internal sealed record CertificateResult
{
    public required string Serial { get; init; }

    public required string Status { get; init; }

    public required IReadOnlyList<string> Names { get; init; }

    public required string NotBefore { get; init; }

    public required string NotAfter { get; init; }

    public long? Account { get; init; }

    public long? Order { get; init; }

    public required string Profile { get; init; }

    public required string Issuer { get; init; }

    public required string Sha256 { get; init; }

    public string? Reason { get; init; }

    public string? RevokedAt { get; init; }

    public string? ReportedAt { get; init; }

    public string? Deadline { get; init; }

    /// <summary>Only where one certificate is shown.</summary>
    public IReadOnlyList<CheckedName>? Checks { get; init; }

    public static CertificateResult Of(ListedCertificate listed, DateTimeOffset now)
    {
        var (issuance, revocation) = listed;
        var state = revocation is not null ? CertificateState.Revoked : issuance.NotAfter < now ? CertificateState.Expired : CertificateState.Valid;
        return new CertificateResult
        {
            Serial = issuance.Serial.ToString(),
            Status = WireName.Of(state),
            Names = [.. issuance.Names.Select(n => n.ToString())],
            NotBefore = CliTime.Rfc3339(issuance.NotBefore),
            NotAfter = CliTime.Rfc3339(issuance.NotAfter),
            Account = issuance.Account?.Value,
            Order = issuance.Order?.Value,
            Profile = issuance.Profile,
            Issuer = issuance.Issuer,
            Sha256 = Convert.ToHexStringLower(SHA256.HashData(issuance.Certificate!)),
            Reason = revocation is null ? null : WireName.Of(revocation.Reason),
            RevokedAt = revocation is null ? null : CliTime.Rfc3339(revocation.RevokedAt),
            ReportedAt = revocation?.ReportedAt is { } reported ? CliTime.Rfc3339(reported) : null,
            Deadline = revocation?.ReportedAt is { } from ? CliTime.Rfc3339(from + RevocationDeadline.Of(revocation.Reason)) : null,
        };
    }
}

/// <summary>A name and the page that says how it was checked.</summary>
internal sealed record CheckedName(string Name, string Page);

/// <summary>What <c>certificate list --json</c> prints.</summary>
/// <param name="Certificates">The certificates.</param>
/// <param name="Next">What to give to <c>--after</c> for more; null if these are all.</param>
internal sealed record CertificateListResult(IReadOnlyList<CertificateResult> Certificates, string? Next);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true)]
[JsonSerializable(typeof(CertificateResult))]
[JsonSerializable(typeof(CertificateListResult))]
internal sealed partial class CertificateJson : JsonSerializerContext;
