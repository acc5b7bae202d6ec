using System.Text.Json;
using CaServer.Domain;
using CaServer.Limits;
using CaServer.Pki.Jose;
using CaServer.Storage;

namespace CaServer.Acme;

/// <summary>newOrder (RFC 8555 §7.4).</summary>
internal static partial class NewOrderEndpoint
{
    public static async Task<IResult> PostAsync(
        SignedRequest request, OrderStore orders, IssuanceStore issuances, ExternalAccounts external, FrontEndSettings settings,
        RateLimits rateLimits, TimeProvider clock, HttpContext context, ILogger<NewOrder> log)
    {
        using var payload = Payload.Parse(request.Jws);
        var limits = await external.LimitsOfAsync(request.Account, context.RequestAborted);
        var (identifiers, profile) = Read(payload.RootElement, settings, limits);
        var replaces = await ReadReplacesAsync(payload.RootElement, request, identifiers, issuances, settings, context.RequestAborted);
        var now = clock.GetUtcNow();
        var order = await orders.CreateAsync(
            new NewOrder
            {
                AccountId = request.Account.Id,
                Names = [.. identifiers.Select(i => new NewAuthorization(i, [.. settings.Offered.For(i).Select(m => new NewChallenge(m, Challenge.NewToken()))]))],
                Profile = profile,
                Expires = now + settings.OrderLifetime,
                AuthorizationExpires = now + settings.OrderLifetime,
                // Only an authorization that outlives the order is worth reusing: the signer needs its statements until then.
                ReuseValidUntil = now + settings.OrderLifetime,
                ReusableMethods = settings.Offered.Methods,
                Replaces = replaces,
                Limits = (await rateLimits.CurrentAsync(context.RequestAborted)).NewOrder(request.Account.Id, identifiers, isRenewal: replaces is not null),
                CreatedAt = now,
            },
            context.RequestAborted);
        LogCreated(log, order.Id.Value, order.AccountId.Value, identifiers);
        context.Response.Headers.Location = settings.Urls.Order(order.Id);
        return AcmeJson.Answer(OrderEndpoint.Resource(order, settings.Urls, now), AcmeJson.Default.OrderResource, StatusCodes.Status201Created);
    }

    /// <summary>Reads the payload but for <c>replaces</c>, which must be looked up.</summary>
    internal static (List<Identifier> Identifiers, string Profile) Read(JsonElement payload, FrontEndSettings settings, EabKey? limits)
    {
        var identifiers = ReadIdentifiers(payload, settings, limits);
        var profile = ReadProfile(payload, settings, limits);
        // RFC 8555 §7.4: what cannot be met is refused, never altered.
        if (Payload.Time(payload, "notBefore") is not null || Payload.Time(payload, "notAfter") is not null)
            throw new AcmeException(ProblemType.Malformed, "notBefore and notAfter cannot be chosen here; leave them off, the profile sets the validity.");
        return (identifiers, profile);
    }

    private static List<Identifier> ReadIdentifiers(JsonElement payload, FrontEndSettings settings, EabKey? limits)
    {
        var entries = Payload.Array(payload, "identifiers", int.MaxValue);
        if (entries?.Count > settings.MaxIdentifiers)
        {
            throw new AcmeException(
                ProblemType.Malformed, $"The order has {entries.Count} identifiers; this CA takes at most {settings.MaxIdentifiers} in one order, so spread them over several.");
        }
        if (entries is null or { Count: 0 })
            throw new AcmeException(ProblemType.Malformed, "The payload needs \"identifiers\" with at least one entry.");
        var identifiers = new List<Identifier>(entries.Count);
        var problems = new List<AcmeSubproblem>();
        foreach (var entry in entries)
        {
            if (ReadIdentifier(entry, settings, limits, problems) is { } identifier && !identifiers.Contains(identifier))
                identifiers.Add(identifier);
        }
        return problems.Count switch
        {
            0 => identifiers,
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

    private static Identifier? ReadIdentifier(JsonElement entry, FrontEndSettings settings, EabKey? limits, List<AcmeSubproblem> problems)
    {
        if (entry.ValueKind != JsonValueKind.Object)
            throw new AcmeException(ProblemType.Malformed, "Each identifier must be an object with \"type\" and \"value\".");
        var typeName = StrictJson.RequiredString(entry, "type", "an identifier");
        var value = StrictJson.RequiredString(entry, "value", "an identifier");
        var quoted = Quoted(value);
        if (!WireName.TryParse<IdentifierType>(typeName, out var type))
        {
            problems.Add(new AcmeSubproblem(ProblemType.UnsupportedIdentifier, $"{quoted} has an identifier type that is not supported; use dns or ip.", null));
            return null;
        }
        if (!Identifier.TryParse(type, value, out var identifier, out var fault))
        {
            problems.Add(new AcmeSubproblem(ProblemType.Malformed, $"{quoted} {fault}.", null));
            return null;
        }
        if ((settings.Names.Refusal(identifier) ?? LimitFault(identifier, limits) ?? MethodFault(identifier, settings.Offered)) is { } refusal)
        {
            problems.Add(new AcmeSubproblem(ProblemType.RejectedIdentifier, $"{quoted} {refusal}.", identifier));
            return null;
        }
        return identifier;
    }

    private static string? LimitFault(Identifier identifier, EabKey? limits) =>
        limits?.Allows(identifier) == false ? "is not among the domains that this account's external account key allows" : null;

    private static string? MethodFault(Identifier identifier, OfferedMethods offered) => offered.For(identifier).Any()
        ? null
        : $"cannot be proved by any of the methods that this CA offers ({string.Join(", ", offered.Methods.Select(WireName.Of))})"
            + (identifier.IsWildcard && identifier.Value.Length > 200 ? ": the name of its record would be too long" : "");

    private static string ReadProfile(JsonElement payload, FrontEndSettings settings, EabKey? limits)
    {
        // A client that knows no profiles gets one that its key allows.
        var profile = Payload.String(payload, "profile")
            ?? (limits?.AllowsProfile(settings.DefaultProfile) == false ? limits.Profiles[0] : settings.DefaultProfile);
        if (!settings.Profiles.ContainsKey(profile))
            throw new AcmeException(ProblemType.InvalidProfile, $"The profile {Quoted(profile)} is not offered; the directory's meta.profiles lists those that are.");
        if (limits?.AllowsProfile(profile) == false)
            throw new AcmeException(ProblemType.InvalidProfile, $"This account's external account key does not allow the profile {Quoted(profile)}; it allows {string.Join(", ", limits.Profiles)}.");
        return profile;
    }

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

    // Text of strangers goes back to them and into logs: bounded, and printable ASCII only.
    private static string Quoted(string text)
    {
        const int max = 100;
        var shown = text.Length > max ? text[..max] + "…" : text;
        return "\"" + string.Concat(shown.Select(c => c is >= ' ' and <= '~' or '…' ? c : '?')) + "\"";
    }

    [LoggerMessage(EventId = 1201, Level = LogLevel.Information, Message = "Order {OrderId} placed by account {AccountId} for {Names}")]
    private static partial void LogCreated(ILogger log, long orderId, long accountId, List<Identifier> names);
}
