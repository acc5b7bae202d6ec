using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CaServer.Acme;

/// <summary>
/// Writes a sentence for people so that it needs no escapes: clients written in shell (acme.sh) read JSON with expressions that end at a
/// backslash, and showed half of it.
/// </summary>
internal sealed class SentenceConverter : JsonConverter<string>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetString();

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
        writer.WriteStringValue(JsonEncodedText.Encode(value.Replace('"', '\''), JavaScriptEncoder.UnsafeRelaxedJsonEscaping));
}
