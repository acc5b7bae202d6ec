using System.Text.Json;

namespace CaServer.Bench.Acme;

/// <summary>A successful answer: the Location header, if any, and the body.</summary>
internal sealed record AcmeReply(string? Location, byte[] Body)
{
    /// <summary>The body's root object, independent of any buffer.</summary>
    public JsonElement Json()
    {
        using var document = JsonDocument.Parse(Body);
        return document.RootElement.Clone();
    }
}
