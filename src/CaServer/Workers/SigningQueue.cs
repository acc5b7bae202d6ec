using CaServer.Acme;
using CaServer.Domain;
using CaServer.Storage;

namespace CaServer.Workers;

/// <summary>An order that the signer holds a lease on.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="Recovered">Whether another attempt may have come before, so that a record without certificate may be left of it.</param>
internal sealed record SigningWork(OrderId OrderId, bool Recovered);

/// <summary>Where finalized orders go: to the signer in this process if there is one, else to the database alone.</summary>
internal sealed class SigningQueue(OrderStore orders, InstanceId instance, TimeProvider clock, bool hasSigner)
{
    /// <summary>How long signing may take before another process takes the order over.</summary>
    internal static readonly TimeSpan LeaseTime = TimeSpan.FromSeconds(60);

    private const int Capacity = 4096;

    /// <summary>Leased work.</summary>
    public WorkQueue<SigningWork> Work { get; } = new(Capacity);

    /// <summary>For requests that wait a moment.</summary>
    public Outcomes<OrderId> Outcomes { get; } = new();

    /// <summary>Moves an order from ready to processing with its finalize request, and hands it over; false if it was not ready any more.</summary>
    public async Task<bool> BeginAsync(OrderId order, byte[] finalizeJws, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var lease = hasSigner && Work.HasRoom ? new Lease(instance, now + LeaseTime) : null;
        if (!await orders.BeginFinalizeAsync(order, finalizeJws, lease, now, cancellationToken))
            return false;
        // The row is leased: once written, the hand-over must not be lost because the client went away.
        if (lease is not null)
            await Work.AddAsync(new SigningWork(order, Recovered: false), CancellationToken.None);
        return true;
    }
}
