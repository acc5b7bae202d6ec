using CaServer.Fuzz;
using SharpFuzz;

switch (args)
{
    case ["list"]:
        foreach (var target in FuzzTargets.All)
            Console.WriteLine(target.Name);
        return 0;

    case ["seeds", var folder]:
        Seeds.Write(folder);
        return 0;

    case [var name, .. var files] when FuzzTargets.Find(name) is { } target:
        foreach (var file in files)
        {
            Console.WriteLine(file);
            var input = File.ReadAllBytes(file);
            // What is done once in a process is not the input's fault.
            target.Read(input);
            target.Run(input);
        }
        if (files.Length == 0)
            UnderFuzzer(target);
        return 0;

    default:
        Console.Error.WriteLine(
            """
            usage: CaServer.Fuzz list            the targets
                   CaServer.Fuzz seeds FOLDER    writes first inputs for every target
                   CaServer.Fuzz TARGET FILE...  reads files
                   CaServer.Fuzz TARGET          reads what afl-fuzz sends (run.sh starts it)
            """);
        return 2;
}

static void UnderFuzzer(FuzzTarget target)
{
    var isWarm = false;
    Fuzzer.Run(stream =>
    {
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        var input = copy.ToArray();
        if (!isWarm)
            target.Read(input);
        isWarm = true;
        target.Run(input);
    });
}
