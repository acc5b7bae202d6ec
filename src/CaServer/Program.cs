using CaServer.Cli;

return await CommandLine.RunAsync(args);
