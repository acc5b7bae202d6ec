using System.CommandLine;
using CaServer.Bench.Acme;
using CaServer.Bench.Cli;

var root = new RootCommand("Whole-server ACME benchmark: real orders over HTTPS, validated over http-01, every certificate checked")
{
    LoadCommand.Create(),
    CompareCommand.Create(),
};
try
{
    return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (AcmeFailure e)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 2;
}
