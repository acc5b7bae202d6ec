namespace CaServer.Configuration;

/// <summary>Text for a terminal or a log: values that came from outside can neither start a new line nor send control codes.</summary>
internal static class OneLine
{
    /// <summary>The text with every control character and line separator replaced.</summary>
    public static string Of(string text) => string.Create(text.Length, text, static (result, source) =>
    {
        for (var i = 0; i < source.Length; i++)
            result[i] = char.IsControl(source[i]) || source[i] is '\u2028' or '\u2029' ? ' ' : source[i];
    });
}
