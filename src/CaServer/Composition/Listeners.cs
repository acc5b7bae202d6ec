using System.Net;
using CaServer.Configuration;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace CaServer.Composition;

/// <summary>What Kestrel listens on and how much it takes in.</summary>
internal static class Listeners
{
    // What follows a refusal is read and dropped. A connection that would have to drop more than this is not kept.
    private const int MaxDropped = 1024 * 1024;

    private const int MaxBuffer = 64 * 1024;

    /// <summary>Sets the limits and the listeners of these roles.</summary>
    public static void Configure(KestrelServerOptions kestrel, CaServerSettings settings, Roles roles, ServerCertificate? certificate)
    {
        kestrel.AddServerHeader = false;
        var limits = kestrel.Limits;
        // Each reader of a body has its own bound, far below any that could be set here. Kestrel closes on what is beyond its own bound, which
        // resets the connection: the client may never see why (RFC 9112 §9.6). Without one it drops what follows an answer for five seconds.
        limits.MaxRequestBodySize = null;
        limits.MaxRequestBufferSize = MaxBuffer;
        limits.MaxRequestLineSize = 4 * 1024;
        limits.MaxRequestHeaderCount = 50;
        limits.MaxRequestHeadersTotalSize = 16 * 1024;
        limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        limits.KeepAliveTimeout = TimeSpan.FromSeconds(60);
        limits.MaxConcurrentConnections = settings.Limits.MaxConnections;
        limits.MaxConcurrentUpgradedConnections = 0;
        limits.Http2.MaxStreamsPerConnection = 32;

        if (certificate is not null)
        {
            kestrel.Listen(settings.Server.HttpsListen, endpoint =>
            {
                ListenerFeature.Mark(endpoint, Listener.Acme);
                endpoint.Protocols = HttpProtocols.Http1AndHttp2;
                certificate.UseFor(endpoint);
            });
        }
        if (roles.HasFlag(Roles.Status))
            Listen(kestrel, settings.Server.HttpListen, Listener.Status);
        Listen(kestrel, settings.Server.AdminListen, Listener.Admin);
    }

    /// <summary>Says that the connection closes after a request whose body nobody waits for, so that the client sends no other on it (RFC 9112 §9.6).</summary>
    public static void CloseAfterLongBody(HttpContext context)
    {
        // HTTP/2 ends the stream instead, and its connection stays.
        if (context.Request.ContentLength > MaxDropped && !HttpProtocol.IsHttp2(context.Request.Protocol))
            context.Response.Headers.Connection = "close";
    }

    /// <summary>The setting that an endpoint comes from.</summary>
    public static string KeyOf(Listener listener) => listener switch
    {
        Listener.Acme => "Server:HttpsListen",
        Listener.Status => "Server:HttpListen",
        Listener.Admin => "Server:AdminListen",
    };

    private static void Listen(KestrelServerOptions kestrel, IPEndPoint address, Listener listener) => kestrel.Listen(address, endpoint =>
    {
        ListenerFeature.Mark(endpoint, listener);
        endpoint.Protocols = HttpProtocols.Http1;
    });
}
