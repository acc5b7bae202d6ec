using System.Text;
using System.Text.Json;

namespace CaServer.Configuration;

/// <summary>Reads a configuration file (JSON; comments and trailing commas are allowed) and keeps the line of each value.</summary>
internal sealed class ConfigurationFile
{
    // A configuration has a few hundred lines; more than this is another file given by mistake.
    private const int MaxLength = 1024 * 1024;

    private readonly string _path;
    private readonly byte[] _utf8;
    private readonly List<ConfigurationFault> _faults;

    private ConfigurationFile(string path, byte[] utf8, List<ConfigurationFault> faults)
    {
        _path = path;
        _utf8 = utf8;
        _faults = faults;
    }

    /// <summary>Reads the file; null if that is not possible, with the fault added.</summary>
    public static SettingNode? Read(string path, List<ConfigurationFault> faults)
    {
        try
        {
            if (new FileInfo(path).Length > MaxLength)
            {
                faults.Add(new ConfigurationFault(path, $"is longer than {MaxLength} bytes and so is no configuration file; give another with --config", null));
                return null;
            }
            return new ConfigurationFile(path, File.ReadAllBytes(path), faults).Parse();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            faults.Add(new ConfigurationFault(path, "cannot be read: " + e.Message, null));
            return null;
        }
    }

    private SettingNode? Parse()
    {
        var reader = new Utf8JsonReader(
            _utf8.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? _utf8.AsSpan(Encoding.UTF8.Preamble.Length) : _utf8,
            new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = 16 });
        try
        {
            reader.Read();
            var root = ReadValue(ref reader, "");
            reader.Read();
            if (root.Kind == SettingKind.Section)
                return root;
            _faults.Add(new ConfigurationFault(_path, "must hold one JSON object, such as { \"Server\": { … } }", null));
        }
        catch (JsonException e)
        {
            // The message ends with the position, which is said in front.
            var message = e.Message.Split(" LineNumber:")[0].TrimEnd('.');
            _faults.Add(new ConfigurationFault(_path, $"line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}: not valid JSON: {message}", null));
        }
        catch (InvalidOperationException)
        {
            _faults.Add(new ConfigurationFault(_path, "has text that is not valid UTF-8; save it as UTF-8", null));
        }
        return null;
    }

    private SettingNode ReadValue(ref Utf8JsonReader reader, string key)
    {
        var origin = $"{_path} line {LineOf(reader.TokenStartIndex)}";
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                return ReadSection(ref reader, key, origin);
            case JsonTokenType.StartArray:
                var list = new SettingNode(SettingKind.List, origin);
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                    list.Items.Add(ReadValue(ref reader, $"{key}:{list.Items.Count}"));
                return list;
            case JsonTokenType.String:
                return new SettingNode(SettingKind.Text, origin, reader.GetString()!);
            case JsonTokenType.Number:
                return new SettingNode(SettingKind.Number, origin, Encoding.UTF8.GetString(reader.ValueSpan));
            case JsonTokenType.True:
                return new SettingNode(SettingKind.Boolean, origin, "true");
            case JsonTokenType.False:
                return new SettingNode(SettingKind.Boolean, origin, "false");
            default:
                return new SettingNode(SettingKind.Null, origin);
        }
    }

    private SettingNode ReadSection(ref Utf8JsonReader reader, string key, string origin)
    {
        var section = new SettingNode(SettingKind.Section, origin);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            var full = key.Length == 0 ? name : $"{key}:{name}";
            reader.Read();
            var value = ReadValue(ref reader, full);
            if (!section.Members.TryAdd(name, value))
                _faults.Add(new ConfigurationFault(full, $"stands here a second time (first: line {section.Members[name].Origin.Split(' ')[^1]}); remove one", value.Origin));
        }
        return section;
    }

    private int LineOf(long offset) => 1 + _utf8.AsSpan(0, (int)offset).Count((byte)'\n');
}
