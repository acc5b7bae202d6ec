using System.Collections.Frozen;
using System.Reflection;
using System.Text.Json.Serialization;

namespace CaServer.Domain;

/// <summary>
/// The name of an enum member on the wire and in the database, written once as
/// <see cref="JsonStringEnumMemberNameAttribute"/> on the member.
/// </summary>
public static class WireName
{
    /// <summary>The member's wire name.</summary>
    public static string Of<T>(T value) where T : struct, Enum => Table<T>.Names[value];

    /// <summary>The member that has this wire name, compared ordinally.</summary>
    public static bool TryParse<T>(string? name, out T value) where T : struct, Enum
    {
        if (name is not null && Table<T>.Values.TryGetValue(name, out value))
            return true;
        value = default;
        return false;
    }

    /// <summary>The member that has this wire name.</summary>
    /// <exception cref="FormatException">No member has it.</exception>
    public static T Parse<T>(string name) where T : struct, Enum =>
        TryParse<T>(name, out var value) ? value : throw new FormatException($"'{name}' is not a {typeof(T).Name}.");

    /// <summary>All wire names, in declaration order.</summary>
    public static IEnumerable<string> All<T>() where T : struct, Enum => Enum.GetValues<T>().Select(Of);

    private static class Table<T> where T : struct, Enum
    {
        internal static readonly FrozenDictionary<T, string> Names = Enum.GetValues<T>().ToFrozenDictionary(v => v, NameOf);
        internal static readonly FrozenDictionary<string, T> Values =
            Enum.GetValues<T>().ToFrozenDictionary(NameOf, v => v, StringComparer.Ordinal);

        private static string NameOf(T value) =>
            typeof(T).GetField(value.ToString())!.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name
            ?? throw new InvalidOperationException($"{typeof(T).Name}.{value} has no wire name.");
    }
}
