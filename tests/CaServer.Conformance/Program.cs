using CaServer.Conformance.Cli;
using CaServer.Conformance.Reporting;

var parsed = ConformanceCommand.Create().Parse(args);
if (parsed.Errors.Count > 0)
{
    // Not the library's 1, which says here that a MUST fails.
    foreach (var error in parsed.Errors)
        await Console.Error.WriteLineAsync(error.Message);
    return SuiteReport.IsUndecided;
}
return await parsed.InvokeAsync();
