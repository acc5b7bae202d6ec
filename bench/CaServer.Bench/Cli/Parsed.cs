using System.CommandLine;

namespace CaServer.Bench.Cli;

/// <summary>Options whose text is parsed by us; what cannot be parsed is an error of the command line, not an exception later.</summary>
internal static class Parsed
{
    /// <summary>An option that must be given.</summary>
    public static Option<T> Option<T>(string name, string description, Func<string, T?> parse) where T : class
    {
        var option = Option(name, description, parse, null);
        option.Required = true;
        return option!;
    }

    public static Option<T?> Option<T>(string name, string description, Func<string, T?> parse, T? otherwise) where T : class =>
        new(name)
        {
            Description = description,
            DefaultValueFactory = _ => otherwise,
            CustomParser = result =>
            {
                var text = string.Join(',', result.Tokens.Select(token => token.Value));
                var value = parse(text);
                if (value is null)
                    result.AddError($"{name} cannot be '{text}'. {description}");
                return value;
            },
        };
}
