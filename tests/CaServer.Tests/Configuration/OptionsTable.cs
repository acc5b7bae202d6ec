using System.Collections;
using CaServer.Configuration;
using CaServer.Pki.X509;

namespace CaServer.Tests.Configuration;

/// <summary>Every key that the options classes know, with its value as it would be written in the file.</summary>
internal static class OptionsTable
{
    public static SortedDictionary<string, string> Of(object options, string prefix = "")
    {
        var table = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var property in options.GetType().GetProperties())
        {
            var key = prefix + property.Name;
            switch (property.GetValue(options))
            {
                case null:
                    table[key] = "";
                    break;
                case string text:
                    table[key] = text;
                    break;
                case bool truth:
                    table[key] = truth ? "true" : "false";
                    break;
                case int number:
                    table[key] = number.ToString();
                    break;
                case TimeSpan duration:
                    table[key] = Duration.Format(duration);
                    break;
                case IReadOnlyList<string> list:
                    table[key] = $"[{string.Join(", ", list)}]";
                    break;
                case IList<KeyKind> kinds:
                    table[key] = $"[{string.Join(", ", kinds)}]";
                    break;
                case IDictionary dictionary:
                    foreach (DictionaryEntry entry in dictionary)
                        Add(table, Of(entry.Value!, $"{key}:{entry.Key}:"));
                    break;
                case var section:
                    Add(table, Of(section, key + ":"));
                    break;
            }
        }
        return table;
    }

    private static void Add(SortedDictionary<string, string> table, SortedDictionary<string, string> more)
    {
        foreach (var (key, value) in more)
            table.Add(key, value);
    }
}
