using CaServer.Acme;
using CaServer.Domain;
using CaServer.Storage;

namespace CaServer.Workers;

/// <summary>An order to sign for.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="FinalizeJws">
/// The finalize request, byte for byte as received, if it is not in the database yet: it gets there with what comes of it. Null for
/// an order that this process holds a lease on, of which an earlier attempt may have left a record without certificate.
/// </param>
internal sealed record SigningWork(OrderId OrderId, byte[]? FinalizeJws);

/// <summary>Where finalized orders go: to the signer in this process if there is one, else to the database alone.</summary>
internal sealed class SigningQueue(OrderStore orders, InstanceId instance, TimeProvider clock, bool hasSigner)
{
    /// <summary>How long signing may take before another process takes the order over.</summary>
    internal static readonly TimeSpan LeaseTime = TimeSpan.FromSeconds(60);

    private const int Capacity = 4096;

    /// <summary>Work of this process.</summary>
    public WorkQueue<SigningWork> Work { get; } = new(Capacity);

    /// <summary>For requests that wait a moment.</summary>
    public Outcomes<OrderId> Outcomes { get; } = new();

    /// <summary>
    /// Hands a ready order to the signer in this process. Nothing is written: what comes of it is, and the request with it; whoever
    /// cannot wait for that calls <see cref="StoreAsync"/>.
    /// </summary>
    /// <param name="order">The order.</param>
    /// <param name="finalizeJws">The finalize request, byte for byte as received.</param>
    /// <param name="outcome">Completes when the outcome is written; null if this process has no signer or no room.</param>
    /// <returns>False if another request to finalize the order is under way.</returns>
    public bool TryBegin(OrderId order, byte[] finalizeJws, out Task? outcome)
    {
        outcome = null;
        if (!hasSigner)
            return true;
        if (!Outcomes.TryStart(order, out outcome))
            return false;
        if (!Work.TryAdd(new SigningWork(order, finalizeJws)))
        {
            Outcomes.Complete(order);
            outcome = null;
        }
        return true;
    }

    /// <summary>
    /// Moves an order from ready to processing with its finalize request, so that it is signed whatever becomes of this process;
    /// nothing happens if it was not ready any more.
    /// </summary>
    /// <param name="order">The order.</param>
    /// <param name="finalizeJws">The finalize request, byte for byte as received.</param>
    /// <param name="underWay">Whether this process is signing it, or has failed to and will try again; otherwise any signer may.</param>
    /// <param name="cancellationToken">Cancels before anything is written.</param>
    public Task StoreAsync(OrderId order, byte[] finalizeJws, bool underWay, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        return orders.BeginFinalizeAsync(order, finalizeJws, underWay ? new Lease(instance, now + LeaseTime) : null, now, cancellationToken);
    }
}
