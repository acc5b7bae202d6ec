using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace CaServer.Composition;

/// <summary>The listeners, each of which serves its own things only.</summary>
internal enum Listener
{
    /// <summary>HTTPS: ACME.</summary>
    Acme,

    /// <summary>Plain HTTP: CRLs and CA certificates.</summary>
    Status,

    /// <summary>Plain HTTP: health and metrics.</summary>
    Admin,
}

/// <summary>
/// Tells the listener that a connection came in by. It is written on the connection itself, so that no Host header, proxy or
/// equal port on another address can lead a request to what another listener serves.
/// </summary>
internal sealed class ListenerFeature(Listener listener)
{
    public Listener Listener { get; } = listener;

    /// <summary>The listener that a request came in by.</summary>
    public static Listener Of(HttpContext context) => ((ListenerFeature)context.Features[typeof(ListenerFeature)]!).Listener;

    /// <summary>Marks every connection of an endpoint.</summary>
    public static void Mark(ListenOptions endpoint, Listener listener)
    {
        var feature = new ListenerFeature(listener);
        endpoint.Use(next => connection =>
        {
            connection.Features.Set(feature);
            return next(connection);
        });
    }
}
