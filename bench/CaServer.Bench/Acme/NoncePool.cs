using System.Collections.Concurrent;

namespace CaServer.Bench.Acme;

/// <summary>Unused nonces of one server, newest first (old ones may have expired); bounded, what is over is forgotten.</summary>
internal sealed class NoncePool(int capacity)
{
    private readonly ConcurrentStack<string> _nonces = new();

    public void Add(string nonce)
    {
        if (_nonces.Count < capacity)
            _nonces.Push(nonce);
    }

    public string? Take() => _nonces.TryPop(out var nonce) ? nonce : null;
}
