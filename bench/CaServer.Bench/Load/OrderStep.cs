namespace CaServer.Bench.Load;

/// <summary>What is timed. The two polls are whole phases: from the previous step's answer until the state is seen, pauses included.</summary>
internal enum OrderStep
{
    NewNonce,
    NewOrder,
    Authorization,
    Challenge,
    AuthorizationPoll,
    Finalize,
    OrderPoll,
    Download,
    Total,
}
