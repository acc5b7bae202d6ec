namespace CaServer.Configuration;

/// <summary>What a value of the configuration is.</summary>
internal enum SettingKind
{
    Null,
    Boolean,
    Number,
    Text,
    List,
    Section,

    /// <summary>Text of an environment variable, which may stand for any scalar.</summary>
    Untyped,
}

/// <summary>A value of the configuration as it was written, with the place where it stands.</summary>
internal sealed class SettingNode(SettingKind kind, string origin, string text = "")
{
    public SettingKind Kind { get; } = kind;

    /// <summary>File and line, or the name of the environment variable.</summary>
    public string Origin { get; } = origin;

    /// <summary>The text of a scalar.</summary>
    public string Text { get; } = text;

    /// <summary>What a section holds. Keys are compared as environment variables need it: case does not matter.</summary>
    public Dictionary<string, SettingNode> Members { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>What a list holds.</summary>
    public List<SettingNode> Items { get; } = [];
}
