using System.CommandLine;
using System.ComponentModel;
using System.Net.Sockets;
using CaServer.Bench.Acme;
using CaServer.Bench.Cli;

var root = new RootCommand("Whole-server ACME benchmark: real orders over HTTPS, validated over http-01, every certificate checked")
{
    LoadCommand.Create(),
    CompareCommand.Create(),
    RevokeCommand.Create(),
    ValidateLoadCommand.Create(),
};
try
{
    return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (Exception e) when (e is AcmeFailure or IOException or UnauthorizedAccessException or SocketException or Win32Exception or HttpRequestException or InvalidOperationException)
{
    await Console.Error.WriteLineAsync($"{e.Message} {e.InnerException?.Message}".TrimEnd());
    return 2;
}
catch (OperationCanceledException)
{
    await Console.Error.WriteLineAsync("stopped");
    return 2;
}
