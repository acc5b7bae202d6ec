using CaServer.Composition;
using CaServer.Configuration;
using CaServer.Domain;

namespace CaServer.Cli;

/// <summary>A list of serial numbers, one a line.</summary>
internal static class SerialFile
{
    private const int MaxLines = 2_000_000;
    private const int MaxLineLength = 1000;

    /// <summary>Reads the list; <c>-</c> is standard input. Nothing is done if a line of it is wrong.</summary>
    /// <exception cref="OperatorFaultException">It cannot be read, or a line is no serial number.</exception>
    public static List<SerialNumber> Read(string file)
    {
        try
        {
            using var reader = file == "-" ? Console.In : File.OpenText(file);
            return Read(reader, file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OperatorFaultException("--file", $"{file} cannot be read ({e.Message.TrimEnd('.')}); give the path of a readable file", e);
        }
    }

    private static List<SerialNumber> Read(TextReader reader, string file)
    {
        var serials = new List<SerialNumber>();
        var number = 0;
        while (reader.ReadLine() is { } line)
        {
            if (++number > MaxLines || line.Length > MaxLineLength)
                throw new OperatorFaultException("--file", $"{file} line {number}: the list is too long to be one; split it", null);
            var text = line.Split('#', 2)[0].Trim();
            if (text.Length == 0)
                continue;
            if (!SerialText.TryParse(text, out var serial))
                throw new OperatorFaultException("--file", $"{file} line {number}: '{OneLine.Of(text)}' is no serial number of this CA; nothing was done", null);
            serials.Add(serial);
        }
        return serials.Count > 0 ? serials : throw new OperatorFaultException("--file", $"{file} has no serial numbers", null);
    }
}
