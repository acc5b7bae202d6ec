using System.CommandLine;
using CaServer.Composition;
using CaServer.Configuration;
using CaServer.Control;

namespace CaServer.Cli;

/// <summary>The command line: parses it, runs the command, and turns every fault into a line on standard error and an exit code.</summary>
internal static class CommandLine
{
    /// <summary>Runs the command that the arguments name.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var parsed = Root().Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
                Complain(error.Message);
            var path = string.Join(' ', parsed.CommandResult.Command.Parents.OfType<RootCommand>().Select(_ => "caserver").Append(parsed.CommandResult.Command.Name).Distinct());
            Console.Error.WriteLine($"Try '{path} --help'.");
            return (int)ExitCode.Usage;
        }
        // The host handles SIGTERM and SIGINT; a second handler here would cut its graceful stop short.
        var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
        try
        {
            return await parsed.InvokeAsync(configuration);
        }
        catch (ConfigurationException e)
        {
            foreach (var fault in e.Faults)
                Complain(fault.ToString());
            return (int)ExitCode.OperatorFault;
        }
        catch (Exception e) when (e is OperatorFaultException or ControlException)
        {
            Complain(e.Message);
            return (int)ExitCode.OperatorFault;
        }
#pragma warning disable CA1031 // The outermost frame: whatever is left is a fault of the program and is shown whole.
        catch (Exception e)
        {
            Console.Error.WriteLine($"caserver: internal error, please report it: {e}");
            return (int)ExitCode.Internal;
        }
#pragma warning restore CA1031
    }

    private static RootCommand Root() => new("A certificate authority that speaks ACME and can prove why each certificate exists.")
    {
        ServeCommand.Create(),
        InitCommand.Create(),
        ConfigCommand.Create(),
        EabCommand.Create(),
        CeremonyCommand.Create(),
        LimitsCommand.Create(),
        AccountCommand.Create(),
        CertificateCommand.Create(),
        RevokeCommand.Create(),
        RenewalCommand.Create(),
        ValidateCommand.Create(),
        ControlCommand.Create(),
    };

    private static void Complain(string message) => Console.Error.WriteLine("caserver: " + OneLine.Of(message));
}
