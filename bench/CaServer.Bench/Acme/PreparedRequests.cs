using System.Collections.Concurrent;

namespace CaServer.Bench.Acme;

/// <summary>The requests of one level. Every server of a comparison gets the same ones in the same order.</summary>
internal sealed class PreparedRequests
{
    private readonly PreparedRequest[] _requests;

    private PreparedRequests(PreparedRequest[] requests) => _requests = requests;

    public int Count => _requests.Length;

    public PreparedRequest this[int index] => _requests[index];

    /// <summary>Makes keys and CSRs on all cores; names are <c>w0.LABEL.SUFFIX</c>, <c>w1.LABEL.SUFFIX</c> and so on.</summary>
    public static PreparedRequests Create(int count, string label, string suffix)
    {
        var requests = new PreparedRequest[count];
        Parallel.ForEach(Partitioner.Create(0, count), range =>
        {
            for (var i = range.Item1; i < range.Item2; i++)
                requests[i] = PreparedRequest.Create($"w{i}.{label}.{suffix}");
        });
        return new PreparedRequests(requests);
    }
}
