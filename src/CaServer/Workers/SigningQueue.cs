using System.Collections.Concurrent;
using CaServer.Acme;
using CaServer.Domain;
using CaServer.Storage;

namespace CaServer.Workers;

/// <summary>An order to sign for.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="Fresh">
/// What is not in the database yet and gets there with what comes of it. Null for an order that this process holds a lease on, of which
/// an earlier attempt may have left a record without certificate.
/// </param>
internal sealed record SigningWork(OrderId OrderId, FreshFinalize? Fresh);

/// <summary>A ready order and the request that finalizes it.</summary>
/// <param name="Order">The order as it was when the request came.</param>
/// <param name="FinalizeJws">The request, byte for byte as received.</param>
internal sealed record FreshFinalize(Order Order, byte[] FinalizeJws);

/// <summary>An order that is valid in the database.</summary>
/// <param name="Certificate">Its certificate.</param>
/// <param name="FinalizeJws">The request that it was finalized with, as it was handed over; null if it was read from the database.</param>
internal sealed record IssuedOrder(IssuanceId Certificate, byte[]? FinalizeJws);

/// <summary>Where finalized orders go: to the signer in this process if there is one, else to the database alone.</summary>
internal sealed class SigningQueue(OrderStore orders, InstanceId instance, TimeProvider clock, bool hasSigner)
{
    /// <summary>How long signing may take before another process takes the order over.</summary>
    internal static readonly TimeSpan LeaseTime = TimeSpan.FromSeconds(60);

    private const int Capacity = 4096;

    /// <summary>Work of this process.</summary>
    public WorkQueue<SigningWork> Work { get; } = new(Capacity);

    /// <summary>For requests that wait a moment.</summary>
    public Outcomes<OrderId, IssuedOrder> Outcomes { get; } = new();

    // Of the orders under way whose finalize request is not in the database yet.
    private readonly ConcurrentDictionary<OrderId, IReadOnlyList<LimitUse>> _limits = new();

    /// <summary>
    /// Hands a ready order to the signer in this process. Nothing is written: what comes of it is, and the request with it; whoever
    /// cannot wait for that calls <see cref="StoreAsync"/>.
    /// </summary>
    /// <param name="order">The order.</param>
    /// <param name="finalizeJws">The finalize request, byte for byte as received.</param>
    /// <param name="limits">What the certificate counts against.</param>
    /// <param name="outcome">Completes when the outcome is written; null if this process has no signer or no room.</param>
    /// <returns>False if another request to finalize the order is under way.</returns>
    public bool TryBegin(Order order, byte[] finalizeJws, IReadOnlyList<LimitUse> limits, out Task<IssuedOrder?>? outcome)
    {
        outcome = null;
        if (!hasSigner)
            return true;
        if (!Outcomes.TryStart(order.Id, out outcome))
            return false;
        if (limits.Count > 0)
            _limits[order.Id] = limits;
        if (!Work.TryAdd(new SigningWork(order.Id, new FreshFinalize(order, finalizeJws))))
        {
            End(order.Id);
            outcome = null;
        }
        return true;
    }

    /// <summary>What the certificate of an order under way counts against.</summary>
    public IReadOnlyList<LimitUse> LimitsOf(OrderId order) => _limits.GetValueOrDefault(order, []);

    /// <summary>Tells that this process has done with an order.</summary>
    /// <param name="order">The order.</param>
    /// <param name="issued">What is in the database now, if the order got its certificate.</param>
    /// <param name="refusal">The refusal, if a limit had no room for the certificate.</param>
    public void End(OrderId order, IssuedOrder? issued = null, AcmeException? refusal = null)
    {
        _limits.TryRemove(order, out _);
        if (refusal is null)
            Outcomes.Complete(order, issued);
        else
            Outcomes.Refuse(order, refusal);
    }

    /// <summary>
    /// Moves an order from ready to processing with its finalize request, so that it is signed whatever becomes of this process;
    /// nothing happens if it was not ready any more.
    /// </summary>
    /// <param name="order">The order.</param>
    /// <param name="finalizeJws">The finalize request, byte for byte as received.</param>
    /// <param name="limits">What the certificate counts against.</param>
    /// <param name="underWay">Whether this process is signing it, or has failed to and will try again; otherwise any signer may.</param>
    /// <param name="cancellationToken">Cancels before anything is written.</param>
    /// <exception cref="AcmeException">rateLimited: the order stays ready.</exception>
    public Task StoreAsync(OrderId order, byte[] finalizeJws, IReadOnlyList<LimitUse> limits, bool underWay, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        return orders.BeginFinalizeAsync(order, finalizeJws, limits, underWay ? new Lease(instance, now + LeaseTime) : null, now, cancellationToken);
    }
}
