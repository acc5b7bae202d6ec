using CaServer.Fuzz;
using CaServer.TestKit.Processes;

namespace CaServer.Tests.Fuzz;

/// <summary>Reads again what the fuzzer began with and what it once found (tests/fuzz).</summary>
public sealed class CorpusTests
{
    private const long MaxCorpus = 300 * 1024;

    private static string Folder => Path.Combine(Repository.Root, "tests", "fuzz", "corpus");

    public static TheoryData<string> Targets => [.. FuzzTargets.All.Select(t => t.Name)];

    [Theory, MemberData(nameof(Targets))]
    public void Every_input_of_a_corpus_is_read_or_refused(string target)
    {
        var inputs = Directory.GetFiles(Path.Combine(Folder, target));
        Assert.NotEmpty(inputs);
        Assert.All(inputs, i => FuzzTargets.Find(target)!.Read(File.ReadAllBytes(i)));
    }

    [Fact]
    public void The_corpus_is_small_and_has_a_folder_for_each_target()
    {
        Assert.Equal(FuzzTargets.All.Select(t => t.Name).Order(), Directory.GetDirectories(Folder).Select(Path.GetFileName).Order());
        Assert.InRange(new DirectoryInfo(Folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(f => f.Length), 1, MaxCorpus);
    }
}
