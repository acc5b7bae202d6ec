using CaServer.Hsm;
using Serilog.Events;

namespace CaServer.Composition;

/// <summary>How loudly the log tells of a token's incidents.</summary>
internal static class TokenIncidents
{
    public static LogEventLevel LevelOf(TokenIncidentKind kind) => kind switch
    {
        TokenIncidentKind.Lost => LogEventLevel.Warning,
        TokenIncidentKind.Recovered => LogEventLevel.Information,
        TokenIncidentKind.Down => LogEventLevel.Error,
    };
}
