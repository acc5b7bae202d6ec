using System.Text.Json.Serialization;

namespace CaServer.Storage;

/// <summary>What one process tells the others that work on the same PostgreSQL database.</summary>
public enum Notice
{
    /// <summary>Perspectives in other processes are asked for checks.</summary>
    [JsonStringEnumMemberName("checks-asked")] ChecksAsked,

    /// <summary>A perspective has answered.</summary>
    [JsonStringEnumMemberName("checks-answered")] ChecksAnswered,

    /// <summary>Checks were given up that a perspective may be busy with.</summary>
    [JsonStringEnumMemberName("checks-dropped")] ChecksDropped,

    /// <summary>A challenge waits for whoever checks challenges.</summary>
    [JsonStringEnumMemberName("challenge")] Challenge,

    /// <summary>An order waits for whoever signs.</summary>
    [JsonStringEnumMemberName("order")] Order,
}
