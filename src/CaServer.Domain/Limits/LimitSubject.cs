using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace CaServer.Domain;

/// <summary>Whom an exception from a limit is for: an account, a domain with all below it, or a block of addresses.</summary>
public sealed record LimitSubject
{
    private LimitSubject(AccountId? account, string? domain, IPNetwork? network)
    {
        Account = account;
        Domain = domain;
        Network = network;
    }

    /// <summary>The account, if it is one.</summary>
    public AccountId? Account { get; }

    /// <summary>The domain, if it is one: lower case, without asterisk.</summary>
    public string? Domain { get; }

    /// <summary>The block of addresses, if it is one.</summary>
    public IPNetwork? Network { get; }

    /// <summary>An account.</summary>
    public static LimitSubject Of(AccountId account) => new(account, null, null);

    /// <summary>The subject as it is stored and shown; the three kinds cannot be taken for one another.</summary>
    public override string ToString() =>
        Account?.Value.ToString(CultureInfo.InvariantCulture) ?? Domain ?? Network!.Value.ToString();

    /// <summary>Reads an account's number, a domain name, an address or a block of addresses such as <c>192.0.2.0/24</c>.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out LimitSubject? subject, [NotNullWhen(false)] out string? fault)
    {
        subject = null;
        fault = null;
        if (string.IsNullOrEmpty(text))
        {
            fault = "is empty";
        }
        else if (text.All(char.IsAsciiDigit))
        {
            if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0)
                subject = new LimitSubject(new AccountId(number), null, null);
            else
                fault = "is not the number of an account";
        }
        else if (text.Contains('/', StringComparison.Ordinal) || text.Contains(':', StringComparison.Ordinal) || IPAddress.TryParse(text, out _))
        {
            if (TryParseNetwork(text) is { } network)
                subject = new LimitSubject(null, null, network);
            else
                fault = "is not an address or a block of addresses with no bits set after the prefix";
        }
        else if (Identifier.TryParse(IdentifierType.Dns, text, out var name, out fault))
        {
            if (name.IsWildcard)
                fault = "has an asterisk; a domain stands for all names below it";
            else
                subject = new LimitSubject(null, name.Value, null);
        }
        return subject is not null;
    }

    private static IPNetwork? TryParseNetwork(string text)
    {
        if (IPAddress.TryParse(text, out var address))
            return new IPNetwork(address, address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128);
        // The parser clears bits after the prefix; whoever wrote them may have meant another block.
        return IPNetwork.TryParse(text, out var network) && IPAddress.TryParse(text.AsSpan(0, text.IndexOf('/', StringComparison.Ordinal)), out var first) && first.Equals(network.BaseAddress)
            ? network
            : null;
    }
}

/// <summary>An exception from a limit.</summary>
public sealed record LimitOverride
{
    /// <summary>The limit.</summary>
    public required LimitKind Limit { get; init; }

    /// <summary>Whom it is for.</summary>
    public required LimitSubject Subject { get; init; }

    /// <summary>How many; null: any number.</summary>
    public required int? Count { get; init; }

    /// <summary>In which time; null if any number, or if the limit is no rate.</summary>
    public required TimeSpan? Period { get; init; }

    /// <summary>How many at once; null as <see cref="Period"/>.</summary>
    public required int? Burst { get; init; }

    /// <summary>Why; null: nothing noted.</summary>
    public string? Note { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The rate; null if any number, or if the limit is no rate.</summary>
    public RateLimit? Rate => this is { Count: { } count, Period: { } period, Burst: { } burst } ? new RateLimit(count, period, burst) : null;

    /// <summary>Why a limit can have no exception for such a subject, as a clause that follows the limit's name; null if it can.</summary>
    public static string? Fault(LimitKind limit, LimitSubject subject) => limit switch
    {
        LimitKind.AccountsPerAddress or LimitKind.AccountsPerNetwork =>
            subject.Network is null ? "is counted by address; name an address or a block such as 192.0.2.0/24" : null,
        LimitKind.OrdersPerAccount or LimitKind.PendingAuthorizations =>
            subject.Account is null ? "is counted by account; name an account" : null,
        LimitKind.CertificatesPerDomain or LimitKind.CertificatesPerNames or LimitKind.FailedValidations =>
            subject.Network is not null ? "is not counted by address; name an account or a domain" : null,
    };
}
