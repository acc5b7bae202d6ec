using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace CaServer.Domain;

/// <summary>How much is allowed where no exception says otherwise; a limit that is missing does not apply.</summary>
/// <param name="Rates">The rates.</param>
/// <param name="MaxPending">Most pending authorizations of an account; null: any number.</param>
public sealed record LimitDefaults(IReadOnlyDictionary<LimitKind, RateLimit> Rates, long? MaxPending)
{
    /// <summary>No limits.</summary>
    public static LimitDefaults None { get; } = new(new Dictionary<LimitKind, RateLimit>(), null);
}

/// <summary>
/// Which limits a request counts against, and under which keys. Immutable; made anew when the exceptions change. An exception for
/// the account goes before one for a domain, the longer domain and the smaller block before the larger, and what has an exception
/// is counted on its own.
/// </summary>
public sealed class LimitRules
{
    // A set of names up to this length is its own key; a longer one is known by its hash.
    private const int LongestKey = 200;
    private const string HashPrefix = "sha256:";

    private readonly LimitDefaults _defaults;
    private readonly PublicSuffixList _suffixes;
    private readonly Dictionary<(LimitKind, AccountId), LimitOverride> _accounts = [];
    private readonly Dictionary<(LimitKind, string), LimitOverride> _domains = [];
    private readonly List<LimitOverride> _networks;

    /// <summary>Puts the limits together.</summary>
    public LimitRules(LimitDefaults defaults, IEnumerable<LimitOverride> overrides, PublicSuffixList suffixes)
    {
        _defaults = defaults;
        _suffixes = suffixes;
        List<LimitOverride> all = [.. overrides];
        foreach (var exception in all)
        {
            if (exception.Subject.Account is { } account)
                _accounts[(exception.Limit, account)] = exception;
            else if (exception.Subject.Domain is { } domain)
                _domains[(exception.Limit, domain)] = exception;
        }
        _networks = [.. all.Where(o => o.Subject.Network is not null).OrderByDescending(o => o.Subject.Network!.Value.PrefixLength)];
    }

    /// <summary>What a new account uses.</summary>
    /// <param name="client">The address that the request came from.</param>
    public IReadOnlyList<LimitUse> NewAccount(IPAddress client)
    {
        var uses = new List<LimitUse>(2);
        var isV4 = client.AddressFamily == AddressFamily.InterNetwork;
        AddNetwork(uses, LimitKind.AccountsPerAddress, client, isV4 ? 32 : 64, "address");
        AddNetwork(uses, LimitKind.AccountsPerNetwork, client, isV4 ? 24 : 48, "network");
        return uses;
    }

    /// <summary>What a new order uses, and what must have room for it.</summary>
    /// <param name="account">Who orders.</param>
    /// <param name="names">The names.</param>
    /// <param name="isRenewal">Whether it replaces a certificate (RFC 9773 §5): then only what protects the server counts.</param>
    public OrderLimits NewOrder(AccountId account, IReadOnlyList<Identifier> names, bool isRenewal)
    {
        List<LimitUse> uses = [], room = [];
        if (!isRenewal)
        {
            AddAccount(uses, LimitKind.OrdersPerAccount, account);
            AddCertificate(room, account, names);
        }
        foreach (var name in names)
        {
            if (FailedValidation(account, name) is { } use)
                room.Add(use);
        }
        return new OrderLimits { Uses = uses, MustHaveRoom = room, MaxPending = MaxPending(account) };
    }

    /// <summary>What a pre-authorization must have room for (RFC 8555 §7.4.1).</summary>
    public OrderLimits NewAuthorization(AccountId account, Identifier name) => new()
    {
        MustHaveRoom = FailedValidation(account, name) is { } use ? [use] : [],
        MaxPending = MaxPending(account),
    };

    /// <summary>
    /// What a certificate uses. It is used up when the order is finalized, not when it is placed: by then all names are proved, so
    /// nobody can use up the limits of other people's names.
    /// </summary>
    public IReadOnlyList<LimitUse> Certificate(AccountId account, IReadOnlyList<Identifier> names, bool isRenewal)
    {
        var uses = new List<LimitUse>();
        if (!isRenewal)
            AddCertificate(uses, account, names);
        return uses;
    }

    /// <summary>What a failed validation uses; null: it is not limited.</summary>
    public LimitUse? FailedValidation(AccountId account, Identifier name)
    {
        const LimitKind limit = LimitKind.FailedValidations;
        var rate = OfAccount(limit, account) is { } own ? own.Rate : OfDomain(limit, name) is { } domain ? domain.Rate : Default(limit);
        return rate is null ? null : new LimitUse(limit, $"{account.Value} {name.Value}", rate, $"account {account.Value} with {name.Value}");
    }

    /// <summary>The rate that a key is counted by, for the operator; null if it is not limited any more.</summary>
    /// <exception cref="FormatException">It is no key of the limit.</exception>
    public RateLimit? RateOf(LimitKind limit, string key)
    {
        var (first, last) = key.LastIndexOf(' ') is >= 0 and var blank ? (key[..blank], key[(blank + 1)..]) : (key, null);
        switch (limit)
        {
            case LimitKind.AccountsPerAddress or LimitKind.AccountsPerNetwork:
                var block = IPNetwork.Parse(key);
                return _networks.FirstOrDefault(o => o.Limit == limit && o.Subject.Network!.Value.Contains(block.BaseAddress)) is { } network ? network.Rate : Default(limit);
            case LimitKind.OrdersPerAccount:
                return OfAccount(limit, Account(key)) is { } account ? account.Rate : Default(limit);
            case LimitKind.FailedValidations:
                return FailedValidation(Account(first), Name(last ?? ""))?.Rate;
            case LimitKind.CertificatesPerDomain or LimitKind.CertificatesPerNames when last is not null:
                return OfAccount(limit, Account(last))?.Rate;
            case LimitKind.CertificatesPerDomain:
                return OfDomains(limit, [Name(first)]) is { } domain ? domain.Rate : Default(limit);
            case LimitKind.CertificatesPerNames:
                var isHash = first.StartsWith(HashPrefix, StringComparison.Ordinal);
                return !isHash && OfDomains(limit, [.. first.Split(',').Select(Name)]) is { } names ? names.Rate : Default(limit);
            case LimitKind.PendingAuthorizations:
            default:
                throw new FormatException($"{WireName.Of(limit)} counts no uses.");
        }

        static AccountId Account(string text) => new(long.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture));

        static Identifier Name(string text) =>
            Identifier.TryParse(IdentifierType.Ip, text, out var address, out _) ? address
            : IPNetwork.TryParse(text, out var network) ? Identifier.Ip(network.BaseAddress.ToString())
            : Identifier.Dns(text);
    }

    private void AddCertificate(List<LimitUse> uses, AccountId account, IReadOnlyList<Identifier> names)
    {
        AddDomains(uses, account, names);
        AddNames(uses, account, names);
    }

    private void AddDomains(List<LimitUse> uses, AccountId account, IReadOnlyList<Identifier> names)
    {
        const LimitKind limit = LimitKind.CertificatesPerDomain;
        var own = OfAccount(limit, account);
        if (own is { Rate: null } || (own is null && !_defaults.Rates.ContainsKey(limit) && _domains.Count == 0))
            return;
        var keys = new HashSet<string>(names.Count, StringComparer.Ordinal);
        foreach (var name in names)
        {
            var exception = own is null ? OfDomain(limit, name) : null;
            var rate = own is not null ? own.Rate : exception is not null ? exception.Rate : Default(limit);
            if (rate is null)
                continue;
            var domain = exception?.Subject.Domain ?? RegisteredDomain(name);
            var key = own is null ? domain : $"{domain} {account.Value}";
            if (keys.Add(key))
                uses.Add(new LimitUse(limit, key, rate, own is null ? $"the domain {domain}" : $"account {account.Value} with the domain {domain}"));
        }
    }

    private void AddNames(List<LimitUse> uses, AccountId account, IReadOnlyList<Identifier> names)
    {
        const LimitKind limit = LimitKind.CertificatesPerNames;
        var own = OfAccount(limit, account);
        var rate = own is not null ? own.Rate : OfDomains(limit, names) is { } exception ? exception.Rate : Default(limit);
        if (rate is null)
            return;
        var key = KeyOf(names) + (own is null ? "" : $" {account.Value}");
        uses.Add(new LimitUse(limit, key, rate, own is null ? "this set of names" : $"account {account.Value} with this set of names"));
    }

    private void AddAccount(List<LimitUse> uses, LimitKind limit, AccountId account)
    {
        var rate = OfAccount(limit, account) is { } own ? own.Rate : Default(limit);
        if (rate is not null)
            uses.Add(new LimitUse(limit, account.Value.ToString(CultureInfo.InvariantCulture), rate, $"account {account.Value}"));
    }

    private void AddNetwork(List<LimitUse> uses, LimitKind limit, IPAddress client, int prefix, string noun)
    {
        var exception = _networks.FirstOrDefault(o => o.Limit == limit && o.Subject.Network!.Value.Contains(client));
        var rate = exception is not null ? exception.Rate : Default(limit);
        if (rate is null)
            return;
        var key = exception?.Subject.ToString() ?? Block(client, prefix);
        uses.Add(new LimitUse(limit, key, rate, $"the {noun} {(prefix == 32 && exception is null ? client : key)}"));
    }

    private long? MaxPending(AccountId account) =>
        OfAccount(LimitKind.PendingAuthorizations, account) is { } own ? own.Count : _defaults.MaxPending;

    private RateLimit? Default(LimitKind limit) => _defaults.Rates.GetValueOrDefault(limit);

    private LimitOverride? OfAccount(LimitKind limit, AccountId account) => _accounts.Count == 0 ? null : _accounts.GetValueOrDefault((limit, account));

    // The longest domain that the name is at or below.
    private LimitOverride? OfDomain(LimitKind limit, Identifier name)
    {
        if (_domains.Count == 0 || name.Type != IdentifierType.Dns)
            return null;
        for (var domain = name.Value; ;)
        {
            if (_domains.TryGetValue((limit, domain), out var exception))
                return exception;
            var dot = domain.IndexOf('.', StringComparison.Ordinal);
            if (dot < 0)
                return null;
            domain = domain[(dot + 1)..];
        }
    }

    // Only if all names have one, the shortest of these domains.
    private LimitOverride? OfDomains(LimitKind limit, IReadOnlyList<Identifier> names)
    {
        if (_domains.Count == 0)
            return null;
        var exceptions = names.Select(n => OfDomain(limit, n)).ToList();
        return exceptions.Contains(null) ? null : exceptions.MinBy(o => o!.Subject.Domain!.Length);
    }

    private string RegisteredDomain(Identifier name) => name.Type switch
    {
        // A public suffix itself counts as its own domain.
        IdentifierType.Dns => _suffixes.RegisteredDomain(name.Value) ?? name.Value,
        IdentifierType.Ip => IPAddress.Parse(name.Value) is { AddressFamily: AddressFamily.InterNetworkV6 } v6 ? Block(v6, 64) : name.Value,
    };

    private static string KeyOf(IReadOnlyList<Identifier> names)
    {
        var text = names.Count == 1 ? names[0].ToString() : string.Join(',', names.Select(n => n.ToString()).Order(StringComparer.Ordinal));
        return text.Length <= LongestKey ? text : HashPrefix + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }

    private static string Block(IPAddress address, int prefix)
    {
        Span<byte> octets = stackalloc byte[16];
        address.TryWriteBytes(octets, out var length);
        octets = octets[..length];
        octets[(prefix / 8)..].Clear();
        return new IPNetwork(new IPAddress(octets), prefix).ToString();
    }
}
