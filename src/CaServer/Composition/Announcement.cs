using CaServer.Configuration;

namespace CaServer.Composition;

/// <summary>What the operator is told once the server answers.</summary>
internal static class Announcement
{
    /// <summary>Writes it to standard output, or to the log where that is for programs.</summary>
    public static void Write(Foundation foundation)
    {
        var settings = foundation.Settings;
        var directory = new Uri(settings.Server.PublicUrl, "/acme/directory").AbsoluteUri;
        var root = settings.Data.RootCertificate;
        if (settings.Logging.Format == LogFormat.Json)
            foundation.Log.Information("Ready: ACME directory {Directory}, root certificate {RootCertificate}", directory, root);
        else if (foundation.Roles.HasFlag(Roles.Acme))
            Console.WriteLine($"""

                CaServer is ready.
                  ACME directory    {directory}
                  Root certificate  {root}
                  Try               REQUESTS_CA_BUNDLE={root} certbot certonly --standalone{Port(settings)} --server {directory} -d NAME

                """);
        else
            Console.WriteLine("CaServer is ready.");
    }

    private static string Port(CaServerSettings settings) =>
        settings.Validation.Http01Port == 80 ? "" : $" --http-01-port {settings.Validation.Http01Port}";
}
