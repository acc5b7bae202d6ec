using System.Diagnostics;
using System.Text.Json;
using CaServer.Acme;
using CaServer.Domain;

namespace CaServer.Fuzz;

/// <summary>A reader of what strangers send, given any octets.</summary>
/// <param name="Name">What it is called on the command line, and the folder of its corpus.</param>
/// <param name="MaxLength">Longest input in octets: what the server would let through to this reader.</param>
/// <param name="Read">Reads the input. It may refuse it as the server would, and throw nothing else.</param>
internal sealed record FuzzTarget(string Name, int MaxLength, Action<byte[]> Read)
{
    // What is told to a client is short, whatever the client sent.
    private const int MaxDetailLength = 2048;

    private const int BaseAllocation = 1024 * 1024;
    private const int AllocationPerOctet = 128;

    private static readonly TimeSpan s_maxTime = TimeSpan.FromSeconds(1);

    /// <summary>Reads the input and checks that it cost little memory and time.</summary>
    /// <exception cref="InvalidOperationException">It took more than the bound.</exception>
    public void Run(byte[] input)
    {
        if (input.Length > MaxLength)
            return;
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        // Processor time: the machine may have other things to do.
        var time = Environment.CpuUsage.TotalTime;
        Read(input);
        time = Environment.CpuUsage.TotalTime - time;
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        if (allocated > BaseAllocation + ((long)AllocationPerOctet * input.Length))
            throw new InvalidOperationException($"{input.Length} octets made the reader allocate {allocated}.");
        if (time > s_maxTime)
            throw new InvalidOperationException($"{input.Length} octets kept the reader busy for {time}.");
    }

    /// <summary>Does what may be refused with a problem document, and looks at that document.</summary>
    internal static void Refusable(Action read)
    {
        try
        {
            read();
        }
        catch (AcmeException e)
        {
            Sentence(e.Problem.Detail);
            Require(e.Problem.Status is >= 400 and < 500, "a refusal blames the server");
            JsonSerializer.SerializeToUtf8Bytes(ProblemResource.Of(e.Problem), AcmeJson.Default.ProblemResource);
        }
    }

    /// <summary>Checks a sentence that goes to clients and into logs.</summary>
    internal static void Sentence(string text) =>
        Require(text.Length is > 0 and <= MaxDetailLength && !text.Any(c => char.IsControl(c) || char.IsSurrogate(c)), $"a sentence of {text.Length} characters cannot be shown");

    /// <summary>Checks what must be true of everything that was read.</summary>
    internal static void Require(bool condition, string otherwise)
    {
        if (!condition)
            throw new UnreachableException($"The reader broke its word: {otherwise}.");
    }
}
