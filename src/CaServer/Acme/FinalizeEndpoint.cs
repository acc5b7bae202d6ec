using System.Text;
using CaServer.Domain;
using CaServer.Limits;
using CaServer.Pki.Jose;
using CaServer.Pki.X509;
using CaServer.Storage;
using CaServer.Workers;

namespace CaServer.Acme;

/// <summary>
/// finalize (RFC 8555 §7.4). The CSR is checked here so that a bad one is answered at once and leaves the order ready; the
/// signing core checks it again from the stored request.
/// </summary>
internal static partial class FinalizeEndpoint
{
    // Names in a refusal: a CSR may have a thousand.
    private const int MaxShown = 3;

    public static async Task<IResult> PostAsync(
        string id, SignedRequest request, PublicIds ids, OrderStore orders, SigningQueue signer, RateLimits rateLimits, CaaRenewal caa,
        FrontEndSettings settings, TimeProvider clock, HttpContext context, ILogger<SigningQueue> log)
    {
        var order = await OrderEndpoint.FindAsync(id, request, ids, orders, context.RequestAborted);
        RequireReady(order, clock.GetUtcNow());
        ProfileChoice.RequireStillOpen(order, request.Account, settings);
        RequireGoodCsr(request.Jws, request.Key, order, settings);

        await caa.RenewAsync(order, context.RequestAborted);

        var finalizeJws = request.Jws.Raw.ToArray();
        var limits = (await rateLimits.CurrentAsync(context.RequestAborted)).Certificate(order.AccountId, order.Identifiers, isRenewal: order.Replaces is not null);
        if (!signer.TryBegin(order, finalizeJws, limits, out var outcome))
            throw NotReady("is being finalized by another request; poll it");
        LogFinalized(log, order.Id.Value, order.AccountId.Value);
        if (outcome is not null && await Outcomes<OrderId, IssuedOrder>.WaitAsync(outcome, settings.FinalizeWait, clock, context.RequestAborted)
            && await outcome is { } issued && ReferenceEquals(issued.FinalizeJws, finalizeJws))
        {
            return OrderEndpoint.Answer(context, order with { Status = OrderStatus.Valid, Certificate = issued.Certificate }, settings.Urls, clock.GetUtcNow());
        }
        order = await OrderEndpoint.FindAsync(id, request, ids, orders, context.RequestAborted);
        if (order.Status == OrderStatus.Ready)
        {
            // Not signed yet. The client is told that the order is processing, and cannot finalize it again: from here on it must
            // survive us.
            await signer.StoreAsync(order.Id, finalizeJws, limits, underWay: outcome is { IsCompleted: false }, context.RequestAborted);
            order = await OrderEndpoint.FindAsync(id, request, ids, orders, context.RequestAborted);
        }
        // Another finalize won, at another instance, or the order expired in between.
        if (!await orders.IsFinalizedByAsync(order.Id, finalizeJws, context.RequestAborted))
        {
            RequireReady(order, clock.GetUtcNow());
            throw NotReady("changed meanwhile; fetch it and try again");
        }
        return OrderEndpoint.Answer(context, order, settings.Urls, clock.GetUtcNow());
    }

    private static void RequireReady(Order order, DateTimeOffset now)
    {
        switch (order.StatusAt(now))
        {
            case OrderStatus.Ready:
                return;
            case OrderStatus.Pending:
                throw NotReady("is pending; complete its authorizations first");
            case OrderStatus.Processing:
                throw NotReady("was finalized before and is being processed; poll it");
            case OrderStatus.Valid:
                throw NotReady("is valid already; download its certificate");
            case OrderStatus.Invalid:
                throw NotReady("is invalid; place a new one");
        }
    }

    private static AcmeException NotReady(string why) => new(ProblemType.OrderNotReady, $"The order {why}.");

    /// <summary>Reads the payload and checks its CSR.</summary>
    internal static void RequireGoodCsr(FlattenedJws jws, AccountKey accountKey, Order order, FrontEndSettings settings)
    {
        using var payload = Payload.Parse(jws);
        var text = StrictJson.RequiredString(payload.RootElement, "csr", "the payload");
        if (!StrictBase64Url.TryDecode(Encoding.UTF8.GetBytes(text), out var der))
            throw new AcmeException(ProblemType.Malformed, "The \"csr\" is not base64url without padding; send the DER of the CSR, not PEM.");
        if (!CertificateSigningRequest.TryParse(der, out var csr, out var fault))
            throw BadCsr(fault);
        // RFC 8555 §7.4: exactly the identifiers of the order, or we would issue what nobody validated.
        if (NamesFault(csr.Names, order.Identifiers) is { } difference)
            throw BadCsr($"The CSR's names are not exactly those of the order: it {difference}.");
        // RFC 8555 §11.1.
        if (csr.PublicKey.Der.Span.SequenceEqual(accountKey.SubjectPublicKeyInfo))
            throw BadCsr("The CSR has the account's key; a certificate needs a key of its own.");
        if (KeyChecks.Fault(csr.PublicKey, settings.Profiles[order.Profile].Keys) is { } weakness)
            throw BadCsr(weakness);
    }

    private static string? NamesFault(IReadOnlyList<Identifier> names, IReadOnlyList<Identifier> ordered) =>
        (ordered.Except(names).ToList(), names.Except(ordered).ToList()) switch
        {
            ([], []) => null,
            (var missing, []) => $"lacks {Shown(missing)}",
            ([], var other) => $"has {Shown(other)}, not ordered",
            (var missing, var other) => $"lacks {Shown(missing)} and has {Shown(other)}, not ordered",
        };

    private static string Shown(List<Identifier> names) =>
        string.Join(", ", names.Take(MaxShown)) + (names.Count > MaxShown ? $" and {names.Count - MaxShown} more" : "");

    private static AcmeException BadCsr(string detail) => new(ProblemType.BadCsr, detail);

    [LoggerMessage(EventId = 1202, Level = LogLevel.Information, Message = "Order {OrderId} of account {AccountId} finalized")]
    private static partial void LogFinalized(ILogger log, long orderId, long accountId);
}
