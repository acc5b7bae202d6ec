using System.Security.Cryptography;
using CaServer.Domain;
using CaServer.Storage;

namespace CaServer.TestKit.Storage;

/// <summary>Rows that tests of the stores begin with, made through the stores themselves.</summary>
public sealed class StorageSamples(Database database)
{
    /// <summary>The time at which the samples play.</summary>
    public static DateTimeOffset Now { get; } = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>The lease of a process that is alive for five minutes.</summary>
    public static Lease Lease { get; } = new(new InstanceId("sample"), Now.AddMinutes(5));

    /// <summary>A problem with everything in it.</summary>
    public static AcmeProblem Problem { get; } = new(ProblemType.Unauthorized, "The file was not found.")
    {
        Instance = "https://ca.example/acme/checks/one",
        Subproblems = [new AcmeSubproblem(ProblemType.Dns, "No address.", Identifier.Dns("a.example")) { Instance = "https://ca.example/acme/checks/two" }, new AcmeSubproblem(ProblemType.Malformed, "?", null)],
        RetryAfter = TimeSpan.FromSeconds(3),
    };

    /// <summary>A log leaf.</summary>
    public static LogLeaf Leaf(string kind) => new(kind, Now, [1, 2, 3]);

    /// <summary>An account with a key of its own.</summary>
    public async Task<Account> AccountAsync() =>
        (await new AccountStore(database).FindOrCreateAsync(NewAccount(Convert.ToHexString(RandomNumberGenerator.GetBytes(16))), CancellationToken.None)).Account;

    /// <summary>What newAccount stores for a key with this thumbprint.</summary>
    public static NewAccount NewAccount(string thumbprint) => new()
    {
        Thumbprint = thumbprint,
        Jwk = """{"crv":"P-256","kty":"EC","x":"x","y":"y"}""",
        Contacts = ["mailto:someone@example.org"],
        TermsAgreedAt = Now,
        CreatedAt = Now,
        RequestJws = [7, 7, 7],
    };

    /// <summary>An order of the account for these names, with an http-01 challenge each.</summary>
    public static NewOrder NewOrder(AccountId account, params IEnumerable<string> names) => new()
    {
        AccountId = account,
        Names = [.. names.Select(n => new NewAuthorization(Identifier.Dns(n), [new NewChallenge(ValidationMethod.Http01, Challenge.NewToken())]))],
        Profile = "dv",
        Expires = Now.AddDays(7),
        AuthorizationExpires = Now.AddDays(7),
        ReuseValidUntil = null,
        CreatedAt = Now,
    };

    /// <summary>A pending order.</summary>
    public Task<Order> OrderAsync(AccountId account, params IEnumerable<string> names) =>
        new OrderStore(database).CreateAsync(NewOrder(account, names), CancellationToken.None);

    /// <summary>Answers and proves every pending authorization of an order; its challenges.</summary>
    public async Task ValidateAsync(Order order)
    {
        var store = new AuthorizationStore(database);
        foreach (var authorization in await store.FindForOrderAsync(order.Id, CancellationToken.None))
        {
            var challenge = authorization.Challenges[0];
            if (!await store.BeginValidationAsync(challenge.Id, Lease, Now, CancellationToken.None))
                continue;
            var statements = Perspectives.Select(p => Statement(challenge.Token, authorization.Identifier, p)).ToList();
            await store.CompleteValidationAsync(challenge.Id, statements, [], Now, Now.AddDays(30), CancellationToken.None);
        }
    }

    /// <summary>Who states that names are proved.</summary>
    public IReadOnlyList<string> Perspectives { get; init; } = ["local"];

    /// <summary>A signed statement.</summary>
    public static SignedControlStatement Statement(string token, Identifier identifier, string perspective = "local")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return SignedControlStatement.Sign(
            new ControlStatement
            {
                Perspective = perspective,
                IdentifierType = identifier.Type,
                Identifier = identifier.Value,
                Method = ValidationMethod.Http01,
                Section = "3.2.2.4.19",
                Thumbprint = "thumbprint",
                Token = token,
                CheckedAt = Now.ToUnixTimeSeconds(),
                Dnssec = DnssecState.Unchecked,
                Caa = CaaState.Unchecked,
            },
            key);
    }

    /// <summary>An order that is ready.</summary>
    public async Task<Order> ReadyAsync(AccountId account, params IEnumerable<string> names)
    {
        var order = await OrderAsync(account, names);
        await ValidateAsync(order);
        return (await new OrderStore(database).FindAsync(order.Id, CancellationToken.None))!;
    }

    /// <summary>An order that is processing, leased by <see cref="Lease"/>.</summary>
    public async Task<Order> FinalizedAsync(AccountId account, params IEnumerable<string> names)
    {
        var order = await ReadyAsync(account, names);
        var store = new OrderStore(database);
        if (!await store.BeginFinalizeAsync(order.Id, [5, 5, 5], [], Lease, Now, CancellationToken.None))
            throw new InvalidOperationException("The order could not be finalized.");
        return (await store.FindAsync(order.Id, CancellationToken.None))!;
    }

    /// <summary>An issuer named <c>issuing</c>, stored once.</summary>
    public Task<bool> IssuerAsync() =>
        new IssuerStore(database).AddAsync(
            new Issuer { Name = "issuing", Role = IssuerRole.Issuing, Certificate = [1], CreatedAt = Now }, CancellationToken.None);

    /// <summary>What is recorded for an order.</summary>
    public static NewIssuance NewIssuance(OrderId? order, SerialNumber? serial = null) => new()
    {
        Order = order,
        Serial = serial ?? SerialNumber.Generate(),
        Issuer = "issuing",
        Profile = "dv",
        Names = [Identifier.Dns("a.example"), Identifier.Dns("*.b.example"), Identifier.Ip("192.0.2.1")],
        NotBefore = Now,
        NotAfter = Now.AddDays(90),
        Tbs = [1, 2],
        Evidence = [3, 4],
        RecordedAt = Now,
    };
}
