using System.Text.Json;
using System.Text.Json.Serialization;
using CaServer.Domain;

namespace CaServer.Validation;

/// <summary>
/// What a check did and saw, in order; the raw material of the explanation that the user is shown. Whatever came from the
/// network is capped and printable ASCII.
/// </summary>
public sealed record CheckTrace
{
    /// <summary>The perspective.</summary>
    public required string Perspective { get; init; }

    /// <summary>When the check began, after any waiting for its turn.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>How long it took, in milliseconds.</summary>
    public required double Milliseconds { get; init; }

    /// <summary>Where the answer was looked for: a URL, the name of a record, or a server.</summary>
    public string? Place { get; init; }

    /// <summary>What was to be found there.</summary>
    public string? Expected { get; init; }

    /// <summary>The steps.</summary>
    public required IReadOnlyList<CheckStep> Steps { get; init; }

    /// <summary>The trace as UTF-8 JSON.</summary>
    public byte[] Encode() => JsonSerializer.SerializeToUtf8Bytes(this, TraceJson.Default.CheckTrace);

    /// <summary>The same within so many bytes: if it is too long, steps in its middle give way to one that says how many are missing.</summary>
    public byte[] Encode(int maxLength)
    {
        var bytes = Encode();
        for (var kept = Steps.Count - 1; bytes.Length > maxLength && kept >= 0; kept--)
        {
            var (first, last) = (kept - kept / 2, kept / 2);
            var left = new CheckStep.Omitted(Steps.Count - kept) { At = Steps[first].At };
            bytes = (this with { Steps = [.. Steps.Take(first), left, .. Steps.TakeLast(last)] }).Encode();
        }
        return bytes;
    }

    /// <summary>Reads what <see cref="Encode()"/> wrote.</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    public static CheckTrace Decode(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return JsonSerializer.Deserialize(utf8, TraceJson.Default.CheckTrace) ?? throw new FormatException("The trace is null.");
        }
        catch (JsonException e)
        {
            throw new FormatException("The trace is not readable: " + e.Message, e);
        }
    }
}

/// <summary>One step of a check.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "step")]
[JsonDerivedType(typeof(Resolved), "resolved")]
[JsonDerivedType(typeof(Refused), "refused")]
[JsonDerivedType(typeof(Connected), "connected")]
[JsonDerivedType(typeof(Answered), "answered")]
[JsonDerivedType(typeof(Redirected), "redirected")]
[JsonDerivedType(typeof(Texts), "texts")]
[JsonDerivedType(typeof(Shaken), "handshake")]
[JsonDerivedType(typeof(CaaLookedUp), "caa")]
[JsonDerivedType(typeof(Omitted), "omitted")]
[JsonDerivedType(typeof(AliasLookedUp), "cname")]
[JsonDerivedType(typeof(ContactsLookedUp), "contacts")]
public abstract record CheckStep
{
    /// <summary>When the step ended, in milliseconds since the check began.</summary>
    public double At { get; init; }

    /// <summary>A name was looked up.</summary>
    /// <param name="Name">The name.</param>
    /// <param name="Through">Who answered: a name server as <c>address:port</c>, a file, or the rule that made asking unnecessary.</param>
    /// <param name="Addresses">The addresses, in the order in which they are tried.</param>
    /// <param name="Fault">What went wrong, of one or both questions, if something did.</param>
    public sealed record Resolved(string Name, string Through, IReadOnlyList<string> Addresses, string? Fault) : CheckStep
    {
        /// <summary>Whether the answers were authenticated.</summary>
        public DnssecState Dnssec { get; init; }
    }

    /// <summary>Steps that are not kept, since there were so many.</summary>
    public sealed record Omitted(int Count) : CheckStep;

    /// <summary>Policy forbade an address, so nothing was sent to it.</summary>
    public sealed record Refused(string Address, string Reason) : CheckStep;

    /// <summary>A connection was tried.</summary>
    /// <param name="Address">Address and port.</param>
    /// <param name="Fault">What went wrong, if something did.</param>
    public sealed record Connected(string Address, string? Fault) : CheckStep;

    /// <summary>A request was made.</summary>
    /// <param name="Url">What was asked for.</param>
    /// <param name="Address">Address and port that was asked.</param>
    /// <param name="Status">The HTTP status, if there was one.</param>
    /// <param name="Body">The first bytes of the body, or of whatever came instead of HTTP.</param>
    /// <param name="Fault">What went wrong, if something did.</param>
    public sealed record Answered(string Url, string Address, int? Status, string? Body, string? Fault) : CheckStep;

    /// <summary>A redirect was followed.</summary>
    /// <param name="Status">The HTTP status.</param>
    /// <param name="Location">Where to.</param>
    public sealed record Redirected(int Status, string Location) : CheckStep;

    /// <summary>A TLS handshake was tried.</summary>
    /// <param name="Address">Address and port.</param>
    /// <param name="ServerName">The name that was asked for (SNI).</param>
    /// <param name="Version">The version of TLS.</param>
    /// <param name="Protocol">The application protocol that the server chose (ALPN).</param>
    /// <param name="Certificate">SHA-256 of the server's certificate, hexadecimal.</param>
    /// <param name="Fault">What went wrong, if something did.</param>
    public sealed record Shaken(string Address, string ServerName, string? Version, string? Protocol, string? Certificate, string? Fault) : CheckStep;

    /// <summary>TXT records were looked up.</summary>
    /// <param name="Name">The name asked about.</param>
    /// <param name="Through">Who answered: a name server as <c>address:port</c>.</param>
    /// <param name="Alias">The name that holds the records, if the one asked about is an alias.</param>
    /// <param name="Values">The first values.</param>
    /// <param name="Count">How many records there are.</param>
    /// <param name="Fault">What went wrong, if something did.</param>
    public sealed record Texts(string Name, string Through, string? Alias, IReadOnlyList<string> Values, int Count, string? Fault) : CheckStep
    {
        /// <summary>Whether the answer was authenticated.</summary>
        public DnssecState Dnssec { get; init; }
    }

    /// <summary>CAA was looked up, from the name upward until a record set was found.</summary>
    /// <param name="Name">The name asked about first; with <c>*.</c> for its wildcard.</param>
    /// <param name="Through">Who answered: a name server as <c>address:port</c>.</param>
    /// <param name="Set">The name that has the record set; null if none has.</param>
    /// <param name="Alias">The name that holds the set, if that is an alias of it.</param>
    /// <param name="Records">The first records of the set, as flags, tag and quoted value.</param>
    /// <param name="Count">How many records the set has.</param>
    /// <param name="Iodef">Where the owner wants to hear of refusals (RFC 8659 §4.4).</param>
    /// <param name="Dnssec">Whether the answers were authenticated.</param>
    /// <param name="Result">What it comes to.</param>
    /// <param name="Fault">What went wrong, if something did.</param>
    public sealed record CaaLookedUp(
        string Name, string Through, string? Set, string? Alias, IReadOnlyList<string> Records, int Count, IReadOnlyList<string> Iodef, DnssecState Dnssec,
        CaaState Result, string? Fault) : CheckStep;

    /// <summary>A CNAME record was looked up.</summary>
    /// <param name="Name">The name asked about.</param>
    /// <param name="Through">Who answered: a name server as <c>address:port</c>.</param>
    /// <param name="Target">What the name is an alias of; null if of nothing.</param>
    /// <param name="Fault">What went wrong, if something did.</param>
    public sealed record AliasLookedUp(string Name, string Through, string? Target, string? Fault) : CheckStep
    {
        /// <summary>Whether the answer was authenticated.</summary>
        public DnssecState Dnssec { get; init; }
    }

    /// <summary>The e-mail contacts of a domain were looked up.</summary>
    /// <param name="Name">The name asked about.</param>
    /// <param name="Type">The type of records.</param>
    /// <param name="Through">Who answered: a name server as <c>address:port</c>.</param>
    /// <param name="Domain">The domain that has contacts; null if none has.</param>
    /// <param name="Values">The first contacts.</param>
    /// <param name="Fault">What went wrong, if something did.</param>
    public sealed record ContactsLookedUp(string Name, string Type, string Through, string? Domain, IReadOnlyList<string> Values, string? Fault) : CheckStep
    {
        /// <summary>Whether the answers were authenticated.</summary>
        public DnssecState Dnssec { get; init; }
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(CheckTrace))]
internal sealed partial class TraceJson : JsonSerializerContext;
