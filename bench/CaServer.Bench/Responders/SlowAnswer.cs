using System.Net.Sockets;

namespace CaServer.Bench.Responders;

/// <summary>How a web server answers that is slow, or hangs.</summary>
/// <param name="From">When it begins to answer; one that never completes hangs.</param>
/// <param name="Time">How long the answer takes from then on, a few octets at a time.</param>
internal sealed record SlowAnswer(Task From, TimeSpan Time)
{
    private const int Pieces = 8;

    /// <summary>Sends the answer. Ends early when the asker hangs up.</summary>
    public async Task SendAsync(Socket socket, byte[] answer, CancellationToken ct)
    {
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var hangUp = WaitForHangUpAsync(socket, gone);
        try
        {
            await From.WaitAsync(gone.Token);
            foreach (var piece in answer.Chunk((answer.Length + Pieces - 1) / Pieces))
            {
                await Task.Delay(Time / Pieces, TimeProvider.System, gone.Token);
                await socket.SendAsync(piece, gone.Token);
            }
        }
        finally
        {
            await gone.CancelAsync();
            await hangUp;
        }
    }

    // The request was read whole, so whatever comes, comes from an asker that has given up.
    private static async Task WaitForHangUpAsync(Socket socket, CancellationTokenSource gone)
    {
        try
        {
            await socket.ReceiveAsync(new byte[1], gone.Token);
            await gone.CancelAsync();
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            await gone.CancelAsync();
        }
    }
}
