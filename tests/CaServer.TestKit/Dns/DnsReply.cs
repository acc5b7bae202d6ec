using System.Net;

namespace CaServer.TestKit.Dns;

/// <summary>What a scripted DNS server does with one question.</summary>
public abstract record DnsReply
{
    private const int UnknownNameCode = 3;

    /// <summary>NOERROR with these addresses of the type asked for; without any it is "no such record".</summary>
    public static DnsReply Addresses(params IEnumerable<string> addresses) => new Records([.. addresses.Select(IPAddress.Parse)]);

    /// <summary>NOERROR with TXT records of one string each, to a question for such; what does not fit into UDP comes over TCP.</summary>
    public static DnsReply Texts(params IEnumerable<string> values) => new TextRecords([.. values.Select(v => new[] { v })]);

    /// <summary>NOERROR with one TXT record of several strings.</summary>
    public static DnsReply SplitText(params string[] strings) => new TextRecords([strings]);

    /// <summary>An alias of another name, with what a resolver found there: TXT records, or none.</summary>
    public static DnsReply Alias(string target, params IEnumerable<string> values) => new TextRecords([.. values.Select(v => new[] { v })]) { LeadsTo = target };

    /// <summary>NXDOMAIN for the name that an alias leads to.</summary>
    public static DnsReply AliasOfNothing(string target) => new TextRecords([]) { LeadsTo = target, ResponseCode = UnknownNameCode };

    /// <summary>A TXT record of yet another name than the one asked about, which nobody asked for.</summary>
    public static DnsReply TextOf(string owner, string value) => new TextRecords([[value]]) { Owner = owner };

    /// <summary>NOERROR with CAA records to a question for such; flags 0.</summary>
    public static DnsReply Caa(params IEnumerable<(string Tag, string Value)> records) => new CaaRecords([.. records]);

    /// <summary>NOERROR without a record, and for how many seconds that holds (RFC 2308 §3).</summary>
    public static DnsReply NoRecord(int seconds) => new Empty(seconds);

    /// <summary>NXDOMAIN.</summary>
    public static DnsReply UnknownName { get; } = new Code(UnknownNameCode);

    /// <summary>SERVFAIL.</summary>
    public static DnsReply ServerFailure { get; } = new Code(2);

    /// <summary>REFUSED.</summary>
    public static DnsReply Refused { get; } = new Code(5);

    /// <summary>No answer at all.</summary>
    public static DnsReply Silence { get; } = new Nothing();

    /// <summary>Bytes that are no DNS message.</summary>
    public static DnsReply Garbage { get; } = new Noise();

    /// <summary>An answer to a question that was not asked.</summary>
    public static DnsReply OfAnotherName(params IEnumerable<string> addresses) => new Records([.. addresses.Select(IPAddress.Parse)]) { IsOfAnotherName = true };

    /// <summary>Over UDP an empty truncated answer, over TCP these addresses.</summary>
    public static DnsReply OnlyOverTcp(params IEnumerable<string> addresses) => new Records([.. addresses.Select(IPAddress.Parse)]) { IsTruncatedOverUdp = true };

    internal sealed record Records(IReadOnlyList<IPAddress> Values) : DnsReply
    {
        internal bool IsTruncatedOverUdp { get; init; }

        internal bool IsOfAnotherName { get; init; }
    }

    internal sealed record TextRecords(IReadOnlyList<string[]> Values) : DnsReply
    {
        internal string? LeadsTo { get; init; }

        internal string? Owner { get; init; }

        internal int ResponseCode { get; init; }
    }

    internal sealed record CaaRecords(IReadOnlyList<(string Tag, string Value)> Values) : DnsReply;

    internal sealed record Empty(int Seconds) : DnsReply;

    internal sealed record Code(int Value) : DnsReply;

    internal sealed record Nothing : DnsReply;

    internal sealed record Noise : DnsReply;
}
