using System.Net;

namespace CaServer.TestKit.Dns;

/// <summary>What a scripted DNS server does with one question.</summary>
public abstract record DnsReply
{
    /// <summary>NOERROR with these addresses of the type asked for; without any it is "no such record".</summary>
    public static DnsReply Addresses(params IEnumerable<string> addresses) => new Records([.. addresses.Select(IPAddress.Parse)]);

    /// <summary>NXDOMAIN.</summary>
    public static DnsReply UnknownName { get; } = new Code(3);

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

    internal sealed record Code(int Value) : DnsReply;

    internal sealed record Nothing : DnsReply;

    internal sealed record Noise : DnsReply;
}
