namespace CaServer.TestKit.Processes;

/// <summary>A program of the system that tests run to its end: an ACME client, a judge of certificates.</summary>
public sealed class ExternalProgram
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);
    private readonly string _path;

    private ExternalProgram(string path) => _path = path;

    /// <summary>Finds a program in PATH, or in one of the directories given.</summary>
    /// <exception cref="FileNotFoundException">It is nowhere.</exception>
    public static ExternalProgram Find(string name, params IEnumerable<string> directories)
    {
        var candidates = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Concat(directories)
            .Select(directory => Path.Combine(directory, name));
        return new ExternalProgram(candidates.FirstOrDefault(File.Exists)
            ?? throw new FileNotFoundException($"The program '{name}' is not installed; ./test.sh installs what the tests need."));
    }

    /// <summary>The program in this file, whatever PATH has by the same name.</summary>
    /// <exception cref="FileNotFoundException">It is not there.</exception>
    public static ExternalProgram At(string path) => File.Exists(path)
        ? new ExternalProgram(path)
        : throw new FileNotFoundException($"The program '{path}' is not installed; ./test.sh installs what the tests need.");

    /// <summary>Starts the program, which runs until it is disposed of.</summary>
    public ChildProcess Start(IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string>? environment = null) =>
        ChildProcess.Start(_path, arguments, environment ?? new Dictionary<string, string>(), workingDirectory: null);

    /// <summary>Runs the program without standard input and waits for its end.</summary>
    /// <param name="arguments">Passed as they are; no shell is involved.</param>
    /// <param name="environment">Variables besides those of the test run.</param>
    /// <param name="cancellation">Ends the program.</param>
    /// <exception cref="TimeoutException">It did not end within two minutes; it was killed.</exception>
    public Task<ProgramResult> RunAsync(
        IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string>? environment = null, CancellationToken cancellation = default) =>
        RunAsync(arguments, environment, Deadline, cancellation);

    /// <summary>The same with another deadline, for many programs at once.</summary>
    public async Task<ProgramResult> RunAsync(
        IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string>? environment, TimeSpan atMost, CancellationToken cancellation)
    {
        await using var process = Start(arguments, environment);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(atMost);
        try
        {
            var exitCode = await process.WaitForExitAsync(deadline.Token);
            return new ProgramResult($"{Path.GetFileName(_path)} {string.Join(' ', arguments)}", exitCode, process.Output);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException($"{_path} did not end within {atMost.TotalSeconds} s. Its output:\n{process.Output}");
        }
    }
}

/// <summary>How a program ended.</summary>
/// <param name="CommandLine">What was run, for messages.</param>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">Standard output and standard error, by lines in the order of their arrival.</param>
public sealed record ProgramResult(string CommandLine, int ExitCode, string Output)
{
    /// <summary>Returns this result if the program ended with 0.</summary>
    /// <exception cref="Xunit.Sdk.XunitException">It did not; the message has its output, and <paramref name="more"/>.</exception>
    public ProgramResult Succeeded(string? more = null)
    {
        if (ExitCode != 0)
            Assert.Fail($"'{CommandLine}' ended with exit code {ExitCode}:\n{Output}\n{more}");
        return this;
    }
}
