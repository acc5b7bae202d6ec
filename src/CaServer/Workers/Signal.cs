using System.Threading.Channels;

namespace CaServer.Workers;

/// <summary>Wakes a worker; many requests that come before it wakes are one.</summary>
internal class Signal
{
    private readonly Channel<bool> _channel = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    // Kept when the time ends first: an abandoned wait would swallow the next request.
    private Task? _waiting;

    /// <summary>Asks for work soon.</summary>
    public void Ask() => _channel.Writer.TryWrite(true);

    /// <summary>Waits until somebody asks or the time is over; true if somebody asked. For one worker.</summary>
    public async Task<bool> WaitAsync(TimeSpan atMost, TimeProvider clock, CancellationToken ct)
    {
        try
        {
            _waiting ??= _channel.Reader.ReadAsync(ct).AsTask();
            await _waiting.WaitAsync(atMost, clock, ct);
            _waiting = null;
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}
