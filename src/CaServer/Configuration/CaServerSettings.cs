using System.Collections;
using CaServer.Domain;
using CaServer.Pki.X509;
using CaServer.Storage;

namespace CaServer.Configuration;

/// <summary>The validated configuration. Immutable; made once at start.</summary>
internal sealed record CaServerSettings
{
    /// <summary>Read when <c>--config</c> names no file; need not exist.</summary>
    public const string DefaultFile = "config/caserver.json";

    /// <summary>The file that was read, null if only defaults and the environment count.</summary>
    public required string? File { get; init; }

    public required ServerSettings Server { get; init; }

    public required AuthoritySettings Authority { get; init; }

    public required DataDirectory Data { get; init; }

    public required DatabaseSettings Database { get; init; }

    public required HsmSettings Hsm { get; init; }

    public required ValidationSettings Validation { get; init; }

    public required PolicySettings Policy { get; init; }

    /// <summary>The certificate profiles by name.</summary>
    public required IReadOnlyDictionary<string, CertificateProfile> Profiles { get; init; }

    public required StatusSettings Status { get; init; }

    /// <summary>The status URLs that go into certificates.</summary>
    public Signing.StatusUrls StatusUrls => new(Server.StatusUrl, Status.CrlShards, Status.Ocsp);

    public required LimitsSettings Limits { get; init; }

    public required AcmeSettings Acme { get; init; }

    /// <summary>Null if no e-mail can be sent.</summary>
    public required MailSettings? Mail { get; init; }

    public required LoggingSettings Logging { get; init; }

    /// <summary>The names by which CAA records may call this CA.</summary>
    public IReadOnlyList<string> CaaIdentities => Acme.CaaIdentities is { Count: > 0 } configured ? configured : [Server.PublicHost.Value];

    /// <summary>The names by which dns-persist-01 records may call it: the same ones, as the draft wants (§3.2), in its one form.</summary>
    public IReadOnlyList<string> IssuerNames => IssuerNamesOf(CaaIdentities);

    /// <summary>Reads the file (null: <see cref="DefaultFile"/> if it exists) and lays the environment over it.</summary>
    /// <exception cref="ConfigurationException">Something is unknown or impossible; carries every fault.</exception>
    public static CaServerSettings Load(string? file, IDictionary environment)
    {
        var faults = new List<ConfigurationFault>();
        var root = new SettingNode(SettingKind.Section, "defaults");
        if (file is not null && !System.IO.File.Exists(file))
        {
            throw new ConfigurationException([new ConfigurationFault("--config", $"names '{file}', which does not exist; give the path of an existing file", null)]);
        }
        file ??= System.IO.File.Exists(DefaultFile) ? DefaultFile : null;
        if (file is not null)
        {
            // Without a readable file every other fault would be a guess.
            root = ConfigurationFile.Read(file, faults) ?? throw new ConfigurationException(faults);
        }
        EnvironmentOverrides.Apply(root, environment, faults);

        var options = new CaServerOptions();
        var binder = new OptionsBinder(faults);
        binder.Bind(options, root, "");
        var settings = Parse(options, file, new SettingFaults(faults, binder.Origins));
        return faults.Count == 0 ? settings : throw new ConfigurationException(faults);
    }

    private static CaServerSettings Parse(CaServerOptions options, string? file, SettingFaults faults)
    {
        var data = DataDirectory.Parse(options.Data, faults);
        var policy = PolicySettings.Parse(options.Policy, faults);
        var settings = new CaServerSettings
        {
            File = file,
            Authority = AuthoritySettings.Parse(options.Authority, faults),
            Server = ServerSettings.Parse(options.Server, faults),
            Data = data,
            Database = options.Database.Parse(data, faults),
            Hsm = HsmSettings.Parse(options.Hsm, faults),
            Validation = ValidationSettings.Parse(options.Validation, policy.Preset, faults),
            Policy = policy,
            Profiles = ProfileSettings.Parse(options.Profiles, policy.Preset, faults),
            Status = StatusSettings.Parse(options.Status, faults),
            Limits = LimitsSettings.Parse(options.Limits, policy.Preset, faults),
            Acme = AcmeSettings.Parse(options.Acme, policy.Preset, faults),
            Mail = MailSettings.Parse(options.Mail, faults),
            Logging = LoggingSettings.Parse(options.Logging, faults),
        };
        if (settings.Acme.Challenges.Contains(ValidationMethod.DnsPersist01) && options.Acme.CaaIdentities.Count == 0 && settings.Server.PublicHost.Type == IdentifierType.Ip)
            faults.Add("Acme:CaaIdentities", $"must name a domain for this CA, since {WireName.Of(ValidationMethod.DnsPersist01)} is offered and the host of Server:PublicUrl is an address");
        if (settings.Validation.Remotes.Count > 0 && settings.Database is not DatabaseSettings.Postgres)
            faults.Add("Validation:Remotes", "need Database:Provider Postgres, through which other processes are asked; several perspectives in this process are Validation:Perspectives");
        return settings;
    }

    /// <summary>The same for a perspective that others ask.</summary>
    public CaServerSettings WithPerspective(string name) => this with { Validation = Validation with { Perspective = name, IsRemote = true } };

    private static List<string> IssuerNamesOf(IReadOnlyList<string> identities) =>
        [.. identities.Where(n => Identifier.TryParse(IdentifierType.Dns, n, out _, out _)).Select(n => n.ToLowerInvariant()).Take(DnsPersist01.MaxIssuerNames)];
}
