using System.Threading.Channels;

namespace CaServer.Workers;

/// <summary>
/// Work of this process that is already leased to it. The rows in the database are the queue; this is only the short way from the
/// request that made a row to the worker beside it. When it is full the row stays unleased, and the worker finds it later.
/// </summary>
internal sealed class WorkQueue<T>(int capacity)
{
    private readonly Channel<T> _channel = Channel.CreateBounded<T>(new BoundedChannelOptions(capacity));

    /// <summary>Asked when there may be rows that nobody holds.</summary>
    public Signal Unheld { get; } = new();

    /// <summary>Whether a lease should be taken now: false when it could not be worked on soon.</summary>
    public bool HasRoom => _channel.Reader.Count < capacity;

    /// <summary>The work, in order of arrival.</summary>
    public ChannelReader<T> Reader => _channel.Reader;

    /// <summary>Hands work over if there is room.</summary>
    public bool TryAdd(T work) => _channel.Writer.TryWrite(work);

    /// <summary>Hands work over, waiting for room in the unlikely case that it ran out since <see cref="HasRoom"/>.</summary>
    public ValueTask AddAsync(T work, CancellationToken cancellationToken) => _channel.Writer.WriteAsync(work, cancellationToken);
}
