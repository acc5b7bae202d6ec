using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CaServer.Bench.Reporting;

/// <summary>All of one run; written as JSON, shown as tables by <see cref="Tables"/>.</summary>
internal sealed record BenchReport(DateTimeOffset Date, Machine Machine, bool Pinned, bool ConnectionPerOrder, bool PollOrder, IReadOnlyList<ServerReport> Servers)
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>Whether everything asked for was measured and every order ended in the right certificate.</summary>
    public bool Clean => Servers.All(s => s.Problem is null && s.Levels.All(l => l.Failures == 0));

    public Task WriteJsonAsync(string file, CancellationToken ct) =>
        File.WriteAllTextAsync(file, JsonSerializer.Serialize(this, s_json) + Environment.NewLine, ct);
}
