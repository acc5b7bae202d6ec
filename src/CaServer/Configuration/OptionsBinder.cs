using System.Collections;
using System.Globalization;
using System.Reflection;
using CaServer.Pki.X509;

namespace CaServer.Configuration;

/// <summary>
/// Fills options objects from a configuration tree. Every key must be a property, every value must have its property's type;
/// what is not so is a fault and the default stays.
/// </summary>
internal sealed class OptionsBinder(List<ConfigurationFault> faults)
{
    /// <summary>Where each value that was set stands, by key.</summary>
    public Dictionary<string, string> Origins { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Sets the properties of <paramref name="options"/> that the section names. <paramref name="key"/> is the section's key, empty for the root.</summary>
    public void Bind(object options, SettingNode section, string key)
    {
        var properties = options.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance);
        foreach (var (name, node) in section.Members)
        {
            var property = properties.FirstOrDefault(p => p.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
            if (property is null)
                Fault(Join(key, name), Unknown(name, key, properties), node);
            else
                BindProperty(options, property, node, Join(key, property.Name));
        }
    }

    private void BindProperty(object options, PropertyInfo property, SettingNode node, string key)
    {
        if (node.Kind == SettingKind.Null)
            return;
        var type = property.PropertyType;
        if (type == typeof(IReadOnlyList<string>) && BindList(node, key) is { } texts)
            property.SetValue(options, texts);
        else if (type == typeof(IList<KeyKind>) && BindList(node, key) is { } kinds)
            BindKeyKinds((IList<KeyKind>)property.GetValue(options)!, kinds, key);
        else if (IsList(type))
            return;
        else if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Dictionary<,>))
            BindDictionary((IDictionary)property.GetValue(options)!, type.GetGenericArguments()[1], node, key);
        else if (IsScalar(type))
            BindScalar(options, property, node, key);
        else if (node.Kind == SettingKind.Section)
            Bind(property.GetValue(options)!, node, key);
        else
            Fault(key, "is a section and cannot have a value of its own; set the keys in it", node);
    }

    private void BindDictionary(IDictionary dictionary, Type valueType, SettingNode node, string key)
    {
        if (node.Kind != SettingKind.Section)
        {
            Fault(key, "is a section and cannot have a value of its own; set the keys in it", node);
            return;
        }
        foreach (var (name, member) in node.Members)
        {
            if (member.Kind != SettingKind.Section)
            {
                Fault(Join(key, name), "is a section and cannot have a value of its own; set the keys in it", member);
                continue;
            }
            var value = dictionary.Contains(name) ? dictionary[name]! : Activator.CreateInstance(valueType)!;
            Bind(value, member, Join(key, name));
            dictionary[name] = value;
        }
    }

    private List<string>? BindList(SettingNode node, string key)
    {
        IReadOnlyList<SettingNode>? items = node.Kind switch
        {
            SettingKind.List => node.Items,
            SettingKind.Section => Numbered(node),
            SettingKind.Untyped when node.Text.Length == 0 => [],
            SettingKind.Null or SettingKind.Boolean or SettingKind.Number or SettingKind.Text or SettingKind.Untyped => null,
        };
        if (items is null)
        {
            Fault(key, $"must be a list: [ \"…\" ] in the file, {EnvironmentOverrides.Prefix}{key.Replace(":", "__", StringComparison.Ordinal)}__0, __1, … in the environment", node);
            return null;
        }
        var texts = new List<string>();
        foreach (var item in items)
        {
            if (item.Kind is not (SettingKind.Text or SettingKind.Untyped))
            {
                Fault($"{key}:{texts.Count}", "must be text in quotes", item);
                return null;
            }
            Origins[$"{key}:{texts.Count}"] = item.Origin;
            texts.Add(item.Text);
        }
        Origins[key] = node.Origin;
        return texts;
    }

    private void BindKeyKinds(IList<KeyKind> kinds, List<string> texts, string key)
    {
        kinds.Clear();
        foreach (var text in texts)
        {
            // Enum.TryParse would take a number, too.
            if (Enum.GetNames<KeyKind>().FirstOrDefault(n => n.Equals(text, StringComparison.OrdinalIgnoreCase)) is { } name)
                kinds.Add(Enum.Parse<KeyKind>(name));
            else
                faults.Add(new ConfigurationFault(key, $"must list {string.Join(", ", Enum.GetNames<KeyKind>())}, not '{text}'", Origins[key]));
        }
    }

    private void BindScalar(object options, PropertyInfo property, SettingNode node, string key)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        if (type == typeof(string) && node.Kind is SettingKind.Text or SettingKind.Untyped)
            property.SetValue(options, node.Text);
        else if (type == typeof(bool) && node.Kind is SettingKind.Boolean or SettingKind.Untyped && bool.TryParse(node.Text, out var truth))
            property.SetValue(options, truth);
        else if (type == typeof(int) && node.Kind is SettingKind.Number or SettingKind.Untyped
            && int.TryParse(node.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            property.SetValue(options, number);
        else if (type == typeof(TimeSpan) && node.Kind is SettingKind.Text or SettingKind.Untyped && Duration.TryParse(node.Text, out var duration))
            property.SetValue(options, duration);
        else
        {
            Fault(key, Expected(type, node), node);
            return;
        }
        Origins[key] = node.Origin;
    }

    private static string Expected(Type type, SettingNode node)
    {
        var was = node.Kind switch
        {
            SettingKind.List => "a list",
            SettingKind.Section => "a section",
            SettingKind.Text => $"the text \"{node.Text}\"",
            SettingKind.Null or SettingKind.Boolean or SettingKind.Number or SettingKind.Untyped => $"'{node.Text}'",
        };
        return type == typeof(bool) ? $"must be true or false without quotes, not {was}"
            : type == typeof(int) ? $"must be a whole number without quotes, not {was}"
            : type == typeof(TimeSpan) ? $"must be a length of time such as \"90d\", \"12h\", \"30m\" or \"45s\", not {was}"
            : $"must be text in quotes, not {was}";
    }

    // CASERVER_Validation__Resolvers__0, __1, …: items without a gap.
    private static List<SettingNode>? Numbered(SettingNode node)
    {
        var items = new List<SettingNode>();
        while (node.Members.TryGetValue(items.Count.ToString(CultureInfo.InvariantCulture), out var item))
            items.Add(item);
        return items.Count == node.Members.Count ? items : null;
    }

    private static bool IsList(Type type) => type == typeof(IReadOnlyList<string>) || type == typeof(IList<KeyKind>);

    private static bool IsScalar(Type type) =>
        (Nullable.GetUnderlyingType(type) ?? type) is var plain
        && (plain == typeof(string) || plain == typeof(bool) || plain == typeof(int) || plain == typeof(TimeSpan));

    private static string Unknown(string name, string key, PropertyInfo[] properties)
    {
        var nearest = properties.Select(p => p.Name).OrderBy(p => Distance(p, name)).First();
        var hint = Distance(nearest, name) <= 2 ? $"did you mean {Join(key, nearest)}?" : "known here: " + string.Join(", ", properties.Select(p => p.Name));
        return $"is not a setting; {hint}";
    }

    // Edit distance (Wagner–Fischer, one row), without regard to case.
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1;
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j] + 1, row[j - 1] + 1), diagonal + cost));
            }
        }
        return row[^1];
    }

    private static string Join(string key, string name) => key.Length == 0 ? name : $"{key}:{name}";

    private void Fault(string key, string sentence, SettingNode node) => faults.Add(new ConfigurationFault(key, sentence, node.Origin));
}
