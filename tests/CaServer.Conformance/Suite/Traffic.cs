using System.Collections.Concurrent;
using CaServer.Conformance.Acme;

namespace CaServer.Conformance.Suite;

/// <summary>Every answer of the server in this run, for the cases that hold for all of them.</summary>
internal sealed class Traffic
{
    private readonly ConcurrentQueue<AcmeAnswer> _answers = new();

    public IEnumerable<AcmeAnswer> Answers => _answers;

    public void Add(AcmeAnswer answer) => _answers.Enqueue(answer);

    /// <summary>Judges all answers that are meant; the first that is not as it should be is the reason.</summary>
    public void All(Func<AcmeAnswer, bool> meant, Func<AcmeAnswer, bool> holds, string expected)
    {
        var judged = _answers.Where(meant).ToArray();
        if (judged.Length == 0)
            throw new NotApplicable("no such answer was seen in this run");
        var others = judged.Where(answer => !holds(answer)).ToArray();
        if (others.Length > 0)
            throw new Nonconformity($"expected {expected}; {others.Length} of {judged.Length} answers differ, the first: {others[0].Summary}");
    }
}
