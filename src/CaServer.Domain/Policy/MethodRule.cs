namespace CaServer.Domain;

/// <summary>How far below the name that was checked a proof reaches.</summary>
public enum ProofReach
{
    /// <summary>It says nothing about the names below.</summary>
    NameItself,

    /// <summary>It proves every name below, the wildcard among them.</summary>
    NamesBelow,

    /// <summary>It proves the names below if the name's owner said so, as the control statement tells (<see cref="ControlStatement.NamesBelow"/>).</summary>
    NamesBelowIfStated,
}

/// <summary>
/// What a validation method may prove: the one table (BR §3.2.2.4 for domain names, §3.2.2.5 for addresses) by which the front end
/// offers challenges, commands take requests, perspectives check, and the signing core accepts statements.
/// </summary>
public sealed record MethodRule
{
    // BR §3.2.2.4.4, .13, .14 (ballot SC-090): no more e-mail.
    private static readonly DateTimeOffset s_emailDiscouraged = new(2026, 3, 15, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset s_emailEnds = new(2028, 3, 15, 0, 0, 0, TimeSpan.Zero);

    // By the method's number.
    private static readonly MethodRule[] s_table = [.. Enum.GetValues<ValidationMethod>().Order().Select(Row)];

    private MethodRule()
    {
    }

    /// <summary>The method.</summary>
    public required ValidationMethod Method { get; init; }

    /// <summary>BR section for a domain name; null if the method cannot prove one.</summary>
    public string? DnsSection { get; private init; }

    /// <summary>BR section for an address; null if the method cannot prove one.</summary>
    public string? IpSection { get; private init; }

    /// <summary>Whether a proof is good for names below: for a wildcard, or for an order that relies on an ancestor (RFC 9444).</summary>
    public ProofReach Reach { get; private init; }

    /// <summary>Whether a proof is made for the account's URL, so that the statement must name it.</summary>
    public bool BoundToAccountUrl { get; private init; }

    /// <summary>How long a proof may be relied on where that is less than for other methods.</summary>
    public TimeSpan? MaxReuse { get; private init; }

    /// <summary>Characters that stand before the name in the DNS record that the method looks at; 0 if it looks at none.</summary>
    public int RecordPrefixLength { get; private init; }

    /// <summary>Whether it is an ACME challenge. The others begin with a request for a value that a person publishes or is sent.</summary>
    public bool IsChallenge { get; private init; } = true;

    /// <summary>Whether the value is sent by e-mail, so that the statement must name the recipient.</summary>
    public bool IsEmail { get; private init; }

    /// <summary>Whether the method itself looks something up in the DNS, so that there are answers to validate (BR §3.2.2.4).</summary>
    public bool LooksUpDns { get; private init; } = true;

    /// <summary>Whether the domain that is checked may be one above the name (BR §3.2.2.4, authorization domain name), as implemented here.</summary>
    public bool Prunes { get; private init; }

    /// <summary>From when the Baseline Requirements advise against it; null if they do not.</summary>
    public DateTimeOffset? DiscouragedFrom { get; private init; }

    /// <summary>From when nothing that it proved may be relied on under webpki, whenever it was proved; null if there is no end.</summary>
    public DateTimeOffset? EndsAt { get; private init; }

    /// <summary>The whole table.</summary>
    public static IReadOnlyList<MethodRule> All => s_table;

    /// <summary>The wire names of the methods that are ACME challenges.</summary>
    public static IEnumerable<string> ChallengeNames => s_table.Where(r => r.IsChallenge).Select(r => WireName.Of(r.Method));

    /// <summary>The rule of a method.</summary>
    public static MethodRule Of(ValidationMethod method) => s_table[(int)method];

    /// <summary>The BR section by which the method proves an identifier of this type; null if it cannot.</summary>
    public string? Section(IdentifierType type) => type switch
    {
        IdentifierType.Dns => DnsSection,
        IdentifierType.Ip => IpSection,
    };

    /// <summary>Why a proof by this method is worth nothing at a time, as a clause that follows the method; null if it is worth something.</summary>
    public string? Refusal(PolicyPreset preset, DateTimeOffset at) =>
        preset == PolicyPreset.WebPki && at >= EndsAt ? $"may not be relied on since {EndsAt:yyyy-MM-dd} (BR §{DnsSection ?? IpSection})" : null;

    /// <summary>Whether the method may serve this identifier, a wildcard included: so whether a challenge for it may be offered.</summary>
    /// <param name="identifier">The identifier.</param>
    /// <param name="namesBelow">Whether the names below it are to be proved too (RFC 9444).</param>
    public bool MayServe(Identifier identifier, bool namesBelow = false) =>
        Section(identifier.Type) is not null
        && (!(identifier.IsWildcard || namesBelow) || MayServeNamesBelow)
        // The record must still have a domain name.
        && (RecordPrefixLength == 0 || identifier.Value.Length + RecordPrefixLength <= Identifier.MaxNameLength);

    /// <summary>Whether a proof may be good for names below the one that was checked.</summary>
    public bool MayServeNamesBelow => Reach != ProofReach.NameItself;

    /// <summary>Whether a proof made with this method is good for names below the one that was checked.</summary>
    /// <param name="stated">Whether the statement says that the name's owner extends it to them.</param>
    public bool ProvesNamesBelow(bool stated) => Reach switch
    {
        ProofReach.NameItself => false,
        ProofReach.NamesBelow => true,
        ProofReach.NamesBelowIfStated => stated,
    };

    private static MethodRule Row(ValidationMethod method) => method switch
    {
        // BR §3.2.2.4.19: a file at one host says nothing about the names below it.
        ValidationMethod.Http01 => new() { Method = method, DnsSection = "3.2.2.4.19", IpSection = "3.2.2.5.6" },
        // BR §3.2.2.4.7: whoever changes a zone controls the names below it; RFC 8738 §7: there is none for addresses.
        ValidationMethod.Dns01 => new() { Method = method, DnsSection = "3.2.2.4.7", Reach = ProofReach.NamesBelow, RecordPrefixLength = Dns01.RecordPrefix.Length },
        // BR §3.2.2.4.20: as with http-01, one host is not its domain.
        ValidationMethod.TlsAlpn01 => new() { Method = method, DnsSection = "3.2.2.4.20", IpSection = "3.2.2.5.7" },
        ValidationMethod.DnsAccount01 => new()
        {
            Method = method,
            DnsSection = "3.2.2.4.21",
            Reach = ProofReach.NamesBelow,
            BoundToAccountUrl = true,
            RecordPrefixLength = DnsAccount01.PrefixLength,
        },
        ValidationMethod.DnsPersist01 => new()
        {
            Method = method,
            DnsSection = "3.2.2.4.22",
            // BR §3.2.2.4.22 would let every record serve the names below; the draft (§5.1) wants its owner to say so.
            Reach = ProofReach.NamesBelowIfStated,
            BoundToAccountUrl = true,
            MaxReuse = DnsPersist01.MaxReuse,
            RecordPrefixLength = DnsPersist01.RecordPrefix.Length,
        },
        ValidationMethod.DnsText or ValidationMethod.DnsAlias => new()
        {
            Method = method,
            DnsSection = "3.2.2.4.7",
            IsChallenge = false,
            Reach = ProofReach.NamesBelow,
            BoundToAccountUrl = true,
            RecordPrefixLength = ManualProof.RecordPrefix.Length,
        },
        // BR §3.2.2.4.18: as with http-01, one host is not its domain.
        ValidationMethod.AgreedFile => new() { Method = method, DnsSection = "3.2.2.4.18", IpSection = "3.2.2.5.1", IsChallenge = false, BoundToAccountUrl = true },
        // Nothing is looked up but the mail's way, of which BR §3.2.2.4 wants no validation.
        ValidationMethod.ConstructedEmail => Email(method, "3.2.2.4.4") with { LooksUpDns = false },
        ValidationMethod.CaaEmail => Email(method, "3.2.2.4.13"),
        ValidationMethod.TextEmail => Email(method, "3.2.2.4.14") with { RecordPrefixLength = ManualProof.ContactRecordPrefix.Length },
    };

    private static MethodRule Email(ValidationMethod method, string section) => new()
    {
        Method = method,
        DnsSection = section,
        IsChallenge = false,
        IsEmail = true,
        Prunes = true,
        Reach = ProofReach.NamesBelow,
        BoundToAccountUrl = true,
        DiscouragedFrom = s_emailDiscouraged,
        EndsAt = s_emailEnds,
    };
}
