using Net.Pkcs11Interop.HighLevelAPI;

namespace CaServer.Hsm.Pkcs11;

/// <summary>
/// Sessions that wait for work. A session has one owner at a time: two threads in one session crash SoftHSM and are refused by
/// other modules. Who finds none idle sleeps until one comes back.
/// </summary>
internal sealed class SessionPool(IReadOnlyCollection<ISession> sessions, string token)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly Stack<ISession> _idle = new(sessions);

    /// <summary>All sessions, idle or not.</summary>
    public IReadOnlyCollection<ISession> All { get; } = sessions;

    /// <summary>Takes a session; give it back with <see cref="Return"/>.</summary>
    public ISession Rent()
    {
        lock (_idle)
        {
            while (_idle.Count == 0)
            {
                if (!Monitor.Wait(_idle, s_patience))
                    throw new HsmException(HsmFault.Unavailable, $"All {All.Count} sessions of the token '{token}' have been busy for {s_patience.TotalSeconds:0} s.");
            }
            return _idle.Pop();
        }
    }

    /// <summary>Gives a session back.</summary>
    public void Return(ISession session)
    {
        lock (_idle)
        {
            _idle.Push(session);
            Monitor.Pulse(_idle);
        }
    }
}
