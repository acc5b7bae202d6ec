using CaServer.Pki.X509;

namespace CaServer.Configuration;

/// <summary>Everything that the configuration file and the environment can say; each section's defaults stand in its own file.</summary>
internal sealed class CaServerOptions
{
    public ServerOptions Server { get; } = new();

    public AuthorityOptions Authority { get; } = new();

    public DataOptions Data { get; } = new();

    public DatabaseOptions Database { get; } = new();

    public HsmOptions Hsm { get; } = new();

    public ValidationOptions Validation { get; } = new();

    public PolicyOptions Policy { get; } = new();

    /// <summary>Certificate profiles by name.</summary>
    public Dictionary<string, CertificateProfileOptions> Profiles { get; } = ProfileSettings.BuiltIn();

    public StatusOptions Status { get; } = new();

    public LimitsOptions Limits { get; } = new();

    public AcmeOptions Acme { get; } = new();

    public MailOptions Mail { get; } = new();

    public LoggingOptions Logging { get; } = new();
}
