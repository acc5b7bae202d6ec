namespace CaServer.Cli;

/// <summary>Exit codes of every command.</summary>
internal enum ExitCode
{
    /// <summary>Done.</summary>
    Ok = 0,

    /// <summary>The operator must change something; standard error says what, one line for each fault.</summary>
    OperatorFault = 1,

    /// <summary>The command line is wrong.</summary>
    Usage = 2,

    /// <summary>A fault of the program (sysexits.h EX_SOFTWARE).</summary>
    Internal = 70,
}
