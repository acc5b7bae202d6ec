using CaServer.Configuration;
using CaServer.Domain;

namespace CaServer.Composition;

/// <summary>What keeps a process of certain roles from starting with a configuration that is sound by itself.</summary>
internal static class StartFaults
{
    /// <summary>Stops before anything is made.</summary>
    /// <exception cref="ConfigurationException">With every fault.</exception>
    public static void RequireNone(CaServerSettings settings, Roles roles, DateTimeOffset now)
    {
        ConfigurationFault?[] faults = [Quorum.FaultOf(settings, roles, now), TlsOf(settings, roles)];
        if (faults.OfType<ConfigurationFault>().ToList() is { Count: > 0 } found)
            throw new ConfigurationException(found);
    }

    /// <summary>Why there can be no TLS certificate, or null.</summary>
    public static ConfigurationFault? TlsOf(CaServerSettings settings, Roles roles)
    {
        if (settings.Server.Tls is not null || !roles.HasFlag(Roles.Acme))
            return null;
        if (settings.Policy.Preset == PolicyPreset.WebPki)
            return new ConfigurationFault("Server:TlsCertificateFile", "must be set under webpki, where no name is certified without a check, not even the server's own; set it and Server:TlsKeyFile", null);
        return roles.HasFlag(Roles.Signer)
            ? null
            : new ConfigurationFault("Server:TlsCertificateFile", "must be set where the role acme runs without the role signer, which would make a certificate; set it and Server:TlsKeyFile", null);
    }
}
