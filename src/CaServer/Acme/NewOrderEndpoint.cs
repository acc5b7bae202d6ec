using System.Text.Json;
using CaServer.Domain;
using CaServer.Limits;
using CaServer.Storage;
using CaServer.Workers;

namespace CaServer.Acme;

/// <summary>newOrder (RFC 8555 §7.4).</summary>
internal static partial class NewOrderEndpoint
{
    public static async Task<IResult> PostAsync(
        SignedRequest request, OrderStore orders, IssuanceStore issuances, ExternalAccounts external, FrontEndSettings settings,
        RateLimits rateLimits, CaaRenewal caa, TimeProvider clock, HttpContext context, ILogger<NewOrder> log)
    {
        using var payload = Payload.Parse(request.Jws);
        var limits = await external.LimitsOfAsync(request.Account, context.RequestAborted);
        var (names, profile) = Read(payload.RootElement, settings, limits);
        List<Identifier> identifiers = [.. names.Select(n => n.Identifier)];
        var replaces = await ReadReplacesAsync(payload.RootElement, request, identifiers, issuances, settings, context.RequestAborted);
        var now = clock.GetUtcNow();
        var order = await orders.CreateAsync(
            new NewOrder
            {
                AccountId = request.Account.Id,
                Names = [.. names.Select(n => Wanted(n, settings.Offered))],
                Profile = profile,
                Expires = now + settings.OrderLifetime,
                AuthorizationExpires = now + settings.OrderLifetime,
                // Only an authorization that outlives the order is worth reusing: the signer needs its statements until then.
                ReuseValidUntil = now + settings.OrderLifetime,
                ReuseProvedSince = caa.ReusableSince(settings.Caa),
                ReusableMethods = settings.Offered.Reusable,
                ReuseFromDomains = settings.OffersSubdomains,
                Replaces = replaces,
                Limits = (await rateLimits.CurrentAsync(context.RequestAborted)).NewOrder(request.Account.Id, identifiers, isRenewal: replaces is not null),
                CreatedAt = now,
            },
            context.RequestAborted);
        MixedScriptWarning.Tell(log, request.Account.Id, identifiers);
        LogCreated(log, order.Id.Value, order.AccountId.Value, identifiers);
        context.Response.Headers.Location = settings.Urls.Order(order.Id);
        return AcmeJson.Answer(OrderEndpoint.Resource(order, settings.Urls, now), AcmeJson.Default.OrderResource, StatusCodes.Status201Created);
    }

    /// <summary>Reads the payload but for <c>replaces</c>, which must be looked up.</summary>
    internal static (List<RequestedIdentifier> Names, string Profile) Read(JsonElement payload, FrontEndSettings settings, EabKey? limits)
    {
        var names = ReadNames(payload, settings, limits);
        var profile = ProfileChoice.Read(payload, settings, limits);
        // RFC 8555 §7.4: what cannot be met is refused, never altered.
        if (Payload.Time(payload, "notBefore") is not null || Payload.Time(payload, "notAfter") is not null)
            throw new AcmeException(ProblemType.Malformed, "notBefore and notAfter cannot be chosen here; leave them off, the profile sets the validity.");
        return (names, profile);
    }

    private static List<RequestedIdentifier> ReadNames(JsonElement payload, FrontEndSettings settings, EabKey? limits)
    {
        var entries = Payload.Array(payload, "identifiers", int.MaxValue);
        if (entries?.Count > settings.MaxIdentifiers)
        {
            throw new AcmeException(
                ProblemType.Malformed, $"The order has {entries.Count} identifiers; this CA takes at most {settings.MaxIdentifiers} in one order, so spread them over several.");
        }
        if (entries is null or { Count: 0 })
            throw new AcmeException(ProblemType.Malformed, "The payload needs \"identifiers\" with at least one entry.");
        var names = new List<RequestedIdentifier>(entries.Count);
        var problems = new List<AcmeSubproblem>();
        foreach (var entry in entries)
        {
            if (RequestedIdentifier.Read(entry, settings, limits, problems) is { } name && !names.Exists(n => n.Identifier == name.Identifier))
                names.Add(name);
        }
        return problems.Count switch
        {
            0 => WithSharedDomains(names),
            1 => throw new AcmeException(new AcmeProblem(problems[0].Type, problems[0].Detail)),
            // RFC 8555 §6.7.1: the client learns of all of them at once.
            _ => throw new AcmeException(new AcmeProblem(
                problems.All(p => p.Type == problems[0].Type) ? problems[0].Type : ProblemType.Compound,
                $"{problems.Count} of the identifiers cannot be certified; see the subproblems.")
            {
                Subproblems = problems,
            }),
        };
    }

    // A name that is proved anyway, with all below it, for another name of the order needs no second proof.
    private static List<RequestedIdentifier> WithSharedDomains(List<RequestedIdentifier> names)
    {
        var domains = names.Select(n => n.Domain).OfType<Identifier>().ToHashSet();
        return domains.Count == 0 ? names : [.. names.Select(n => n.Domain is null && domains.Contains(n.Identifier) ? n with { Domain = n.Identifier } : n)];
    }

    private static NewAuthorization Wanted(RequestedIdentifier name, OfferedMethods offered) =>
        new(name.Identifier, offered.ChallengesFor(name.Domain ?? name.Identifier, namesBelow: name.Domain is not null)) { Domain = name.Domain };

    // RFC 9773 §5: the certificate must be the account's own and share a name with the order.
    private static async Task<Replacement?> ReadReplacesAsync(
        JsonElement payload, SignedRequest request, List<Identifier> identifiers, IssuanceStore issuances, FrontEndSettings settings,
        CancellationToken cancellationToken)
    {
        if (Payload.String(payload, "replaces") is not { } text)
            return null;
        if (!CertificateIdentifier.TryRead(text, out var identifier)
            || !identifier.AuthorityKeyIdentifier.AsSpan().SequenceEqual(settings.IssuerKeyIdentifier)
            || await issuances.FindBySerialAsync(identifier.Serial, cancellationToken) is not { Certificate: not null } issuance)
        {
            throw new AcmeException(ProblemType.Malformed, "\"replaces\" names no certificate of this CA; leave it off.");
        }
        if (issuance.Account != request.Account.Id)
            throw new AcmeException(ProblemType.Unauthorized, "The certificate that \"replaces\" names was issued to another account.");
        if (!issuance.Names.Intersect(identifiers).Any())
            throw new AcmeException(ProblemType.Malformed, "The certificate that \"replaces\" names has none of the order's identifiers.");
        return new Replacement(issuance.Id, text);
    }

    [LoggerMessage(EventId = 1201, Level = LogLevel.Information, Message = "Order {OrderId} placed by account {AccountId} for {Names}")]
    private static partial void LogCreated(ILogger log, long orderId, long accountId, List<Identifier> names);
}
