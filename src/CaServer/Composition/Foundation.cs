using CaServer.Configuration;
using CaServer.Domain;
using CaServer.Hsm;
using CaServer.Pki.X509;
using CaServer.Signing;
using CaServer.Status;
using CaServer.Storage;
using CaServer.Workers;

namespace CaServer.Composition;

/// <summary>
/// What the server stands on, opened in order at start and closed in reverse: data directory, database, keys, the CA and the
/// server's own TLS certificate. Opening makes what is missing, so that <c>init</c> and every start of <c>serve</c> go the same way.
/// </summary>
internal sealed class Foundation : IAsyncDisposable
{
    private readonly Stack<object> _opened = new();

    private Foundation(CaServerSettings settings, Roles roles, TimeProvider clock, Serilog.ILogger log)
    {
        Settings = settings;
        Roles = roles;
        Clock = clock;
        Log = log;
    }

    public CaServerSettings Settings { get; }

    public Roles Roles { get; }

    public TimeProvider Clock { get; }

    public Serilog.ILogger Log { get; }

    public Database Database { get; private set; } = null!;

    /// <summary>The codec of public ids; the same for all instances on one database.</summary>
    public PublicIds PublicIds { get; private set; } = null!;

    /// <summary>The key of nonces: of this process alone, or of all instances on one PostgreSQL database.</summary>
    public byte[] NonceKey { get; private set; } = [];

    public Perspectives Perspectives { get; private set; } = null!;

    public StatusFiles StatusFiles { get; private set; } = null!;

    /// <summary>The store of the issuing CA's key; null without the role signer.</summary>
    public ICaKeyStore? IssuingKeys { get; private set; }

    /// <summary>The issuing CA with its key; null without the role signer.</summary>
    public IssuingCa? IssuingCa { get; private set; }

    /// <summary>The issuing CA's certificate, PEM: the chain that clients are given after their own certificate.</summary>
    public string IssuingPem { get; private set; } = "";

    /// <summary>The issuing CA's subject key identifier.</summary>
    public byte[] IssuingKeyIdentifier { get; private set; } = [];

    /// <summary>Makes CRLs; null without the role signer.</summary>
    public CrlPublisher? CrlPublisher { get; private set; }

    /// <summary>The OCSP responder; null without the role signer, or where OCSP is switched off.</summary>
    public CurrentResponder? OcspResponder { get; private set; }

    /// <summary>Whether this process serves status and nothing else: it reads the database, and has no keys.</summary>
    public bool IsStatusOnly => Roles == Roles.Status;

    /// <summary>Whether this process is a perspective that another process asks: it has its own key, and needs of the database one table.</summary>
    public bool IsRemotePerspective => Settings.Validation.IsRemote;

    /// <summary>The certificate of the HTTPS listener; null without the role acme.</summary>
    public ServerCertificate? TlsCertificate { get; private set; }

    /// <summary>Renews <see cref="TlsCertificate"/>; null where that is the operator's own.</summary>
    public ServerCertificateIssuer? TlsIssuer { get; private set; }

    /// <exception cref="OperatorFaultException">Something is missing or in the way that the operator must see to.</exception>
    /// <exception cref="ConfigurationException">There is no TLS certificate and none can be made.</exception>
    public static async Task<Foundation> OpenAsync(CaServerSettings settings, Roles roles, TimeProvider clock, Serilog.ILogger log, CancellationToken ct)
    {
        var foundation = new Foundation(settings, roles, clock, log);
        try
        {
            await foundation.OpenAsync(ct);
            return foundation;
        }
        catch
        {
            await foundation.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        while (_opened.TryPop(out var next))
        {
            if (next is IAsyncDisposable asynchronous)
                await asynchronous.DisposeAsync();
            else
                ((IDisposable)next).Dispose();
        }
    }

    private async Task OpenAsync(CancellationToken ct)
    {
        if (IsStatusOnly)
        {
            await OpenStatusAsync(ct);
            return;
        }
        Keep(DataDirectoryLock.Take(Settings.Data));
        if (IsRemotePerspective)
        {
            Perspectives = Keep(Perspectives.Open(Settings.Data, Settings.Validation.Perspective, [], Roles));
            Database = Keep(await OpenDatabaseAsync(ct));
            return;
        }
        Database = Keep(await OpenDatabaseAsync(ct));
        PublicIds = Keep(new PublicIds(await new SecretStore(Database).GetOrCreateAsync(
            "public-ids", () => System.Security.Cryptography.RandomNumberGenerator.GetBytes(PublicIds.KeyLength), ct)));
        NonceKey = Settings.Database is DatabaseSettings.Postgres
            ? await new SecretStore(Database).GetOrCreateAsync("nonces", () => System.Security.Cryptography.RandomNumberGenerator.GetBytes(Acme.Nonces.KeyLength), ct)
            : System.Security.Cryptography.RandomNumberGenerator.GetBytes(Acme.Nonces.KeyLength);
        Perspectives = Keep(Perspectives.Open(Settings.Data, Settings.Validation.Perspective, Settings.Validation.Further.Select(p => p.Name), Roles));
        var published = Roles.HasFlag(Roles.Signer) ? await OpenSignerAsync(ct) : [];
        var issuing = await new IssuerStore(Database).FindAsync(FirstStart.IssuingName, ct) ?? throw new OperatorFaultException(
            "Database:ConnectionString", "names a database that has no CA yet; start a process with the role signer first", null);
        using (var certificate = IssuerCertificate.Parse(issuing.Certificate))
        {
            IssuingKeyIdentifier = certificate.SubjectKeyIdentifier.ToArray();
            AlternateChains.Require(Settings.Acme.AlternateChains, certificate, Clock.GetUtcNow());
        }
        IssuingPem = System.Security.Cryptography.PemEncoding.WriteString("CERTIFICATE", issuing.Certificate) + "\n";
        await OpenFilesAsync(published, ct);
        if (Roles.HasFlag(Roles.Acme))
            await OpenTlsAsync(ct);
    }

    // Beside the processes that write: no lock, no upgrade, no secrets.
    private async Task OpenStatusAsync(CancellationToken ct)
    {
        Database = Keep(await OpenDatabaseAsync(ct));
        _ = await new IssuerStore(Database).FindAsync(FirstStart.IssuingName, ct) ?? throw new OperatorFaultException(
            "Database:ConnectionString", "names a database that has no CA yet; start a process with the role signer first", null);
        await OpenFilesAsync([], ct);
    }

    private Task OpenFilesAsync(IReadOnlyList<StoredCrl> published, CancellationToken ct)
    {
        StatusFiles = new StatusFiles(new IssuerStore(Database), new CrlStore(Database), Settings.Status.MaxAge);
        return StatusFiles.RefreshAsync(published, ct);
    }

    private async Task<Database> OpenDatabaseAsync(CancellationToken ct)
    {
        try
        {
            if (IsRemotePerspective)
            {
                return Settings.Database is DatabaseSettings.Postgres postgres
                    ? await Database.OpenForPerspectiveAsync(postgres, Clock, ct)
                    : throw new OperatorFaultException("Database:Provider", "must be Postgres for a perspective in a process of its own, which is asked through it", null);
            }
            return IsStatusOnly
                ? await Database.OpenReadOnlyAsync(Settings.Database, ct)
                : await Database.OpenAsync(Settings.Database, Clock, ct);
        }
        catch (StorageStartException e)
        {
            throw new OperatorFaultException(Settings.Database is DatabaseSettings.Sqlite ? "Data:Directory" : "Database:ConnectionString", e.Message, e);
        }
    }

    private async Task<IReadOnlyList<StoredCrl>> OpenSignerAsync(CancellationToken ct)
    {
        if (Settings.Hsm.IsSoftware)
            Log.Warning("Hsm:Module is software: the CA keys lie in encrypted files, and whoever takes the data directory has them; use a PKCS#11 token for anything that matters");
        var issuers = new IssuerStore(Database);
        var keys = KeyStores.Locate(Settings.Hsm, Settings.Data, Clock);
        if (await new FirstStart(Settings, issuers, keys, Clock).RunAsync(ct))
            Log.Information("The CA is made: root certificate in {RootCertificate:l}; its key is not needed by the server and can be taken offline", Settings.Data.RootCertificate);
        if (Perspectives.PublicKeys.Count == 0)
            throw new OperatorFaultException("Data:Directory", $"{Settings.Data.Perspectives} has no perspective's public key (NAME.pub.pem), so nothing could be signed; copy it there from the process with the role validator", null);
        IssuingKeys = Keep(keys.OpenIssuing());
        if (IssuingKeys is Pkcs11Token token)
            token.Incident += incident => Log.Write(TokenIncidents.LevelOf(incident.Kind), "Token {Token:l}: {Incident:l}", incident.Token, incident.Sentence);
        IssuingCa = await OpenIssuingCaAsync(issuers, ct);
        CrlPublisher = new CrlPublisher(IssuingCa, new CrlStore(Database), Settings.StatusUrls, Settings.Status, Clock);
        // A certificate's CRL is there before the certificate, also the first of a new shard.
        var published = await CrlPublisher.PublishDueAsync(ct);
        if (Settings.Status.Ocsp)
            await OpenResponderAsync(IssuingCa, IssuingKeys, ct);
        return published;
    }

    private async Task OpenResponderAsync(IssuingCa issuer, ICaKeyStore keys, CancellationToken ct)
    {
        try
        {
            var key = Keep(keys.Find(FirstStart.ResponderKeyLabel) ?? keys.Generate(FirstStart.ResponderKeyLabel, CaKeyKind.P256));
            var journal = new IssuanceJournal(new IssuanceStore(Database), null, Clock, LogLeafKind.Infrastructure);
            var certificates = new ResponderCertificates(issuer, ResponderNames.Of(Settings.Authority.Issuing), Settings.Policy.Preset, journal);
            OcspResponder = new CurrentResponder(issuer, new SigningKey(key.SignatureGenerator, key.Hash), certificates, new OcspStore(Database), Clock);
            await OcspResponder.RenewIfDueAsync(ct);
        }
        catch (HsmException e)
        {
            throw HsmFaults.Of(e, isRoot: false);
        }
    }

    private async Task<IssuingCa> OpenIssuingCaAsync(IssuerStore issuers, CancellationToken ct)
    {
        var issuer = await issuers.FindAsync(FirstStart.IssuingName, ct) ?? throw new InvalidOperationException("The root is stored without its issuing CA.");
        try
        {
            var key = Keep(IssuingKeys!.Find(FirstStart.IssuingKeyLabel) ?? throw new HsmException(
                HsmFault.KeyMissing, $"The key '{FirstStart.IssuingKeyLabel}' of the issuing CA is not there."));
            return new IssuingCa(issuer.Name, Keep(IssuerCertificate.Parse(issuer.Certificate)), new SigningKey(key.SignatureGenerator, key.Hash));
        }
        catch (HsmException e)
        {
            throw HsmFaults.Of(e, isRoot: false);
        }
        catch (ArgumentException e)
        {
            throw new OperatorFaultException("Hsm:Token", $"{e.Message.Split(" (Parameter")[0].TrimEnd('.')}; give the token that belongs to this database", e);
        }
    }

    private async Task OpenTlsAsync(CancellationToken ct)
    {
        // Building a certificate's chain makes .NET look for the user's certificate store, and fail for a service account without home.
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("HOME")))
            Environment.SetEnvironmentVariable("HOME", Settings.Data.Root);
        if (StartFaults.TlsOf(Settings, Roles) is { } fault)
            throw new ConfigurationException([fault]);
        if (Settings.Server.Tls is null)
            TlsIssuer = new ServerCertificateIssuer(Settings, IssuingCa!, new IssuanceStore(Database), Clock);
        var file = TlsIssuer is null ? TlsFile.Read(Settings.Server.Tls!) : await TlsIssuer.CurrentAsync(ct);
        TlsCertificate = new ServerCertificate(file.Leaf, file.Chain);
    }

    private T Keep<T>(T opened) where T : notnull
    {
        _opened.Push(opened);
        return opened;
    }
}
