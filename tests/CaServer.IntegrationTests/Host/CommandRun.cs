using System.Diagnostics;
using CaServer.TestKit.Processes;

namespace CaServer.IntegrationTests.Host;

/// <summary>One run of the built <c>caserver</c> to its end, with its two streams apart: what people read and what is a fault.</summary>
internal sealed record CommandRun(int ExitCode, string Output, IReadOnlyList<string> Errors)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    /// <summary>Runs a command in an empty directory, with these settings and no others.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="settings">Settings by key, such as <c>Data:Directory</c>.</param>
    /// <param name="killAfter">When to kill it, if it has not ended by then; the exit code is then that of the signal.</param>
    /// <param name="environment">Other variables.</param>
    public static async Task<CommandRun> OfAsync(IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> settings, TimeSpan? killAfter = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        using var scratch = new ScratchDirectory();
        var start = new ProcessStartInfo(ProgramPath(), arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = scratch.Path,
        };
        foreach (var (key, value) in settings)
            start.Environment["CASERVER_" + key.Replace(":", "__", StringComparison.Ordinal)] = value;
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        using var deadline = new CancellationTokenSource(killAfter ?? Deadline);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            await process.WaitForExitAsync();
            if (killAfter is null)
                throw new TimeoutException($"It did not end within {Deadline.TotalSeconds} s. It wrote:\n{await output}\n{await errors}");
        }
        return new CommandRun(process.ExitCode, await output, (await errors).Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    /// <summary>Asserts that the operator was told in one line, which has these words, and that the exit code is 1.</summary>
    public void IsRefusedInOneLine(params string[] words)
    {
        var line = Assert.Single(Errors);
        foreach (var word in words.Prepend("caserver: "))
            Assert.Contains(word, line, StringComparison.Ordinal);
        Assert.Equal(1, ExitCode);
    }

    // The server of the same build as the tests: their output is …/tests/NAME/bin/CONFIGURATION/FRAMEWORK/.
    internal static string ProgramPath()
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory);
        return Path.Combine(Repository.Root, "src", "CaServer", "bin", output.Parent!.Name, output.Name, "caserver");
    }
}
