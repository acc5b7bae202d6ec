using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using CaServer.Domain;
using CaServer.Pki.X509;

namespace CaServer.Signing;

/// <summary>What a log leaf is about.</summary>
public enum LogLeafKind
{
    /// <summary>A certificate was issued.</summary>
    [JsonStringEnumMemberName("issued")] Issued,

    /// <summary>The signing core refused a request.</summary>
    [JsonStringEnumMemberName("refused")] Refused,

    /// <summary>A serial number was recorded and no certificate came of it.</summary>
    [JsonStringEnumMemberName("abandoned")] Abandoned,

    /// <summary>A CA certificate was made.</summary>
    [JsonStringEnumMemberName("ceremony")] Ceremony,

    /// <summary>The server's own TLS certificate was issued.</summary>
    [JsonStringEnumMemberName("infrastructure")] Infrastructure,

    /// <summary>A certificate was revoked.</summary>
    [JsonStringEnumMemberName("revoked")] Revoked,

    /// <summary>An account has another key.</summary>
    [JsonStringEnumMemberName("keyChanged")] KeyChanged,

    /// <summary>An account was deactivated by its owner, or taken away by the operator.</summary>
    [JsonStringEnumMemberName("accountEnded")] AccountEnded,

    /// <summary>A key for external account binding was made.</summary>
    [JsonStringEnumMemberName("eabCreated")] EabCreated,

    /// <summary>A key for external account binding has another MAC key.</summary>
    [JsonStringEnumMemberName("eabRotated")] EabRotated,

    /// <summary>A key for external account binding was taken away.</summary>
    [JsonStringEnumMemberName("eabRevoked")] EabRevoked,
}

/// <summary>
/// The content of one leaf of the append-only log. It says what happened and commits, by SHA-256, to everything that proves it,
/// so a leaf stays small and a certificate, its to-be-signed octets and its evidence can still be held against it.
/// </summary>
/// <remarks>
/// Encoding: one JSON object (RFC 8259) in UTF-8 without white space; members in ordinal order of their names; members that do
/// not apply are left out; only ASCII characters that JSON does not require to be escaped stand unescaped. So the same leaf
/// always has the same octets. Members:
/// <list type="bullet">
/// <item><c>account</c>, <c>order</c>: row ids, numbers.</item>
/// <item><c>accounts</c>: how many accounts a key may bind; <c>expires</c>: when it stops, RFC 3339, UTC, whole seconds.</item>
/// <item><c>certificate</c>, <c>evidence</c>, <c>tbs</c>: SHA-256 of the octets, lower-case hexadecimal.</item>
/// <item><c>issuer</c>, <c>profile</c>: names; <c>profiles</c>: several, in ordinal order.</item>
/// <item><c>kid</c>: the identifier of a key for external account binding.</item>
/// <item><c>oldKey</c>, <c>newKey</c>: RFC 7638 thumbprints, base64url.</item>
/// <item><c>kind</c>: the wire name of a <see cref="LogLeafKind"/>.</item>
/// <item><c>names</c>: the names certified, or those that a key is for, in ordinal order.</item>
/// <item><c>by</c>: who asked.</item>
/// <item><c>status</c>: the wire name of an <see cref="AccountStatus"/>.</item>
/// <item><c>reason</c>: the wire name of a <see cref="RefusalReason"/> or <see cref="RevocationReason"/>; <c>sentence</c>: what happened, in words.</item>
/// <item><c>serial</c>: lower-case hexadecimal; <c>serials</c>: several, in ordinal order.</item>
/// <item><c>time</c>: RFC 3339, UTC, whole seconds.</item>
/// <item><c>version</c>: 1.</item>
/// </list>
/// </remarks>
public static class LogLeaf
{
    private const int Version = 1;

    private static readonly JsonWriterOptions s_options = new() { Indented = false, Encoder = JavaScriptEncoder.Default };

    /// <summary>A certificate was issued.</summary>
    public static byte[] Issued(IssuanceRecord record, ReadOnlySpan<byte> certificate, DateTimeOffset time) =>
        OfRecord(LogLeafKind.Issued, record, Hash(certificate), null, null, time);

    /// <summary>The server's own certificate was issued.</summary>
    public static byte[] Infrastructure(IssuanceRecord record, ReadOnlySpan<byte> certificate, DateTimeOffset time) =>
        OfRecord(LogLeafKind.Infrastructure, record, Hash(certificate), null, null, time);

    /// <summary>A record that will not become a certificate: signing failed, or the process died before the certificate was stored.</summary>
    /// <param name="record">The record.</param>
    /// <param name="reason">The refusal that ended it; null if it was a failure.</param>
    /// <param name="sentence">What happened.</param>
    /// <param name="time">When it was found.</param>
    public static byte[] Abandoned(IssuanceRecord record, RefusalReason? reason, string sentence, DateTimeOffset time) =>
        OfRecord(LogLeafKind.Abandoned, record, null, reason, sentence, time);

    /// <summary>
    /// Records of an order, or of the server itself, that a process left behind when it died. Each serial number may have been
    /// signed, by a certificate that nobody was given.
    /// </summary>
    public static byte[] LeftBehind(long? order, IReadOnlyList<SerialNumber> serials, DateTimeOffset time) => Write(new()
    {
        ["kind"] = WireName.Of(LogLeafKind.Abandoned),
        ["order"] = order,
        ["sentence"] = "The process ended before the certificate was stored.",
        ["serials"] = Sorted(serials.Select(s => s.ToString())),
        ["time"] = Time(time),
    });

    /// <summary>A request was given up because it could not be signed, through no fault of its evidence.</summary>
    public static byte[] GivenUp(EvidenceBundle evidence, string sentence, DateTimeOffset time) => Refused(evidence, null, sentence, time);

    /// <summary>A request was refused before anything was recorded.</summary>
    public static byte[] Refused(EvidenceBundle evidence, RefusalReason reason, string sentence, DateTimeOffset time) =>
        Refused(evidence, WireName.Of(reason), sentence, time);

    private static byte[] Refused(EvidenceBundle evidence, string? reason, string sentence, DateTimeOffset time) => Write(new()
    {
        ["account"] = evidence.Account,
        ["evidence"] = Hash(evidence.Encode()),
        ["kind"] = WireName.Of(LogLeafKind.Refused),
        // The bundle may be anything here; its size is bounded before it is repeated.
        ["names"] = Sorted(evidence.Names.Take(EvidenceBounds.MaxNames).Select(n => Short(n.Value))),
        ["order"] = evidence.Order,
        ["profile"] = Short(evidence.Profile),
        ["reason"] = reason,
        ["sentence"] = sentence,
        ["time"] = Time(time),
    });

    /// <summary>A CA certificate was made by a ceremony.</summary>
    /// <param name="issuer">The issuer's name; of a root, its own.</param>
    /// <param name="name">The name of the CA that the certificate is for.</param>
    /// <param name="serial">The serial number.</param>
    /// <param name="certificate">The certificate, DER.</param>
    /// <param name="time">When.</param>
    public static byte[] Ceremony(string issuer, string name, SerialNumber serial, byte[] certificate, DateTimeOffset time) => Write(new()
    {
        ["certificate"] = Hash(certificate),
        ["issuer"] = issuer,
        ["kind"] = WireName.Of(LogLeafKind.Ceremony),
        ["names"] = Sorted([name]),
        ["serial"] = serial.ToString(),
        ["tbs"] = Hash(SignedObject.Split(certificate).ToBeSigned.Span),
        ["time"] = Time(time),
    });

    /// <summary>The root's CRL was signed in a ceremony.</summary>
    /// <param name="issuer">The root's name.</param>
    /// <param name="number">The CRL number.</param>
    /// <param name="crl">The CRL, DER.</param>
    /// <param name="time">When.</param>
    public static byte[] RootCrl(string issuer, long number, byte[] crl, DateTimeOffset time) => Write(new()
    {
        ["issuer"] = issuer,
        ["kind"] = WireName.Of(LogLeafKind.Ceremony),
        ["sentence"] = $"The CRL number {number} was signed.",
        ["tbs"] = Hash(SignedObject.Split(crl).ToBeSigned.Span),
        ["time"] = Time(time),
    });

    /// <summary>A certificate was revoked.</summary>
    /// <param name="issuer">The issuer's name.</param>
    /// <param name="serial">The serial number.</param>
    /// <param name="certificate">The certificate, DER.</param>
    /// <param name="reason">Why.</param>
    /// <param name="by">Who asked.</param>
    /// <param name="evidence">The request.</param>
    /// <param name="time">When.</param>
    public static byte[] Revoked(
        string issuer, SerialNumber serial, ReadOnlySpan<byte> certificate, RevocationReason reason, string by, ReadOnlySpan<byte> evidence, DateTimeOffset time) => Write(new()
        {
            ["by"] = by,
            ["certificate"] = Hash(certificate),
            ["evidence"] = Hash(evidence),
            ["issuer"] = issuer,
            ["kind"] = WireName.Of(LogLeafKind.Revoked),
            ["reason"] = WireName.Of(reason),
            ["serial"] = serial.ToString(),
            ["time"] = Time(time),
        });

    /// <summary>An account has another key (RFC 8555 §7.3.5). With this in the log, a key history cannot be cut off unseen.</summary>
    /// <param name="account">The account.</param>
    /// <param name="oldKey">Thumbprint of the key before.</param>
    /// <param name="newKey">Thumbprint of the key from now on.</param>
    /// <param name="request">The keyChange request, byte for byte as received.</param>
    /// <param name="time">When.</param>
    public static byte[] KeyChanged(AccountId account, string oldKey, string newKey, ReadOnlySpan<byte> request, DateTimeOffset time) => Write(new()
    {
        ["account"] = account.Value,
        ["evidence"] = Hash(request),
        ["kind"] = WireName.Of(LogLeafKind.KeyChanged),
        ["newKey"] = newKey,
        ["oldKey"] = oldKey,
        ["time"] = Time(time),
    });

    /// <summary>An account ended.</summary>
    /// <param name="account">The account.</param>
    /// <param name="status">What it is now: deactivated by its owner, or revoked by the operator.</param>
    /// <param name="by">Who asked.</param>
    /// <param name="request">The owner's request, byte for byte as received; empty if there is none.</param>
    /// <param name="time">When.</param>
    public static byte[] AccountEnded(AccountId account, AccountStatus status, string by, ReadOnlySpan<byte> request, DateTimeOffset time) => Write(new()
    {
        ["account"] = account.Value,
        ["by"] = by,
        ["evidence"] = request.IsEmpty ? null : Hash(request),
        ["kind"] = WireName.Of(LogLeafKind.AccountEnded),
        ["status"] = WireName.Of(status),
        ["time"] = Time(time),
    });

    /// <summary>A key for external account binding was made: for whom it is good, and a commitment to its encrypted MAC key.</summary>
    /// <param name="kid">The key identifier.</param>
    /// <param name="domains">What its accounts may order; empty: anything.</param>
    /// <param name="profiles">The profiles that they may order; empty: all.</param>
    /// <param name="accounts">How many accounts it may bind.</param>
    /// <param name="expires">When it stops; null: never.</param>
    /// <param name="sealedMacKey">The MAC key as it is stored.</param>
    /// <param name="by">Who made it.</param>
    /// <param name="time">When.</param>
    public static byte[] EabCreated(
        string kid, IEnumerable<Identifier> domains, IEnumerable<string> profiles, long accounts, DateTimeOffset? expires, ReadOnlySpan<byte> sealedMacKey, string by,
        DateTimeOffset time) => Write(new()
        {
            ["accounts"] = accounts,
            ["by"] = by,
            ["evidence"] = Hash(sealedMacKey),
            ["expires"] = expires is { } end ? Time(end) : null,
            ["kid"] = kid,
            ["kind"] = WireName.Of(LogLeafKind.EabCreated),
            ["names"] = Sorted(domains.Select(d => d.ToString())) is { Length: > 0 } names ? names : null,
            ["profiles"] = Sorted(profiles) is { Length: > 0 } sorted ? sorted : null,
            ["time"] = Time(time),
        });

    /// <summary>A key for external account binding has another MAC key.</summary>
    /// <param name="kid">The key identifier.</param>
    /// <param name="sealedMacKey">The new MAC key as it is stored.</param>
    /// <param name="by">Who asked.</param>
    /// <param name="time">When.</param>
    public static byte[] EabRotated(string kid, ReadOnlySpan<byte> sealedMacKey, string by, DateTimeOffset time) => Write(new()
    {
        ["by"] = by,
        ["evidence"] = Hash(sealedMacKey),
        ["kid"] = kid,
        ["kind"] = WireName.Of(LogLeafKind.EabRotated),
        ["time"] = Time(time),
    });

    /// <summary>A key for external account binding was taken away.</summary>
    /// <param name="kid">The key identifier.</param>
    /// <param name="by">Who asked.</param>
    /// <param name="time">When.</param>
    public static byte[] EabRevoked(string kid, string by, DateTimeOffset time) => Write(new()
    {
        ["by"] = by,
        ["kid"] = kid,
        ["kind"] = WireName.Of(LogLeafKind.EabRevoked),
        ["time"] = Time(time),
    });

    private static byte[] OfRecord(LogLeafKind kind, IssuanceRecord record, string? certificate, RefusalReason? reason, string? sentence, DateTimeOffset time) => Write(new()
    {
        ["account"] = record.Account,
        ["certificate"] = certificate,
        ["evidence"] = Hash(record.Evidence),
        ["issuer"] = record.Issuer,
        ["kind"] = WireName.Of(kind),
        ["names"] = Sorted(record.Names.Select(n => n.ToString())),
        ["order"] = record.Order,
        ["profile"] = record.Profile,
        ["reason"] = reason is { } r ? WireName.Of(r) : null,
        ["sentence"] = sentence,
        ["serial"] = record.Serial.ToString(),
        ["tbs"] = Hash(record.Tbs),
        ["time"] = Time(time),
    });

    private static byte[] Write(Dictionary<string, object?> members)
    {
        members["version"] = (long)Version;
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, s_options))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in members.OrderBy(m => m.Key, StringComparer.Ordinal))
                WriteMember(writer, name, value);
            writer.WriteEndObject();
        }
        return stream.ToArray();
    }

    private static void WriteMember(Utf8JsonWriter writer, string name, object? value)
    {
        switch (value)
        {
            case null:
                return;
            case string text:
                writer.WriteString(name, text);
                return;
            case long number:
                writer.WriteNumber(name, number);
                return;
            case string[] texts:
                writer.WriteStartArray(name);
                foreach (var text in texts)
                    writer.WriteStringValue(text);
                writer.WriteEndArray();
                return;
            default:
                throw new ArgumentException($"The member '{name}' has a type that a leaf cannot have.", nameof(value));
        }
    }

    private static string[] Sorted(IEnumerable<string> names) => [.. names.Order(StringComparer.Ordinal)];

    private static string Short(string text) => new([.. text.Take(Identifier.MaxNameLength + 2).Select(c => c is > ' ' and < (char)0x7f ? c : '?')]);

    private static string Hash(ReadOnlySpan<byte> octets) => Convert.ToHexStringLower(SHA256.HashData(octets));

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
}
