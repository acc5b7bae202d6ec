using CaServer.Acme;
using CaServer.Configuration;
using CaServer.Control;
using CaServer.Domain;
using CaServer.Health;
using CaServer.Limits;
using CaServer.Signing;
using CaServer.Status;
using CaServer.Storage;
using CaServer.Validation;
using CaServer.Workers;
using Serilog;

namespace CaServer.Composition;

/// <summary>The web application: which features there are and which listener serves them.</summary>
internal static class ServerApp
{
    // BR §3.2.2.8, under every preset: what is looked up again after seven hours is never this old.
    private static readonly TimeSpan MaxCaaAge = TimeSpan.FromHours(8);

    private static readonly TimeSpan s_remoteWay = TimeSpan.FromSeconds(3);

    /// <summary>Builds the application on a foundation. Nothing of the framework's own configuration or environment is read.</summary>
    public static WebApplication Build(Foundation foundation)
    {
        var settings = foundation.Settings;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "caserver" });
        // What arrived is handled on the pool thread that read it, which saves a change of threads per request. Other connections do
        // not wait for it: a pool thread that takes events of sockets wakes another for those behind its own.
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().UseSockets(sockets => sockets.UnsafePreferInlineScheduling = true);
        builder.WebHost.ConfigureKestrel(kestrel => Listeners.Configure(kestrel, settings, foundation.Roles, foundation.TlsCertificate));
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = settings.Server.StopTimeout);
        builder.Services.Configure<ConsoleLifetimeOptions>(console => console.SuppressStatusMessages = true);
        builder.Services.AddSerilog(foundation.Log);
        builder.Services.AddRoutingCore();
        builder.Services.AddStores();
        builder.Services.AddLimits(settings);
        builder.Services.AddStatus(foundation);
        if (foundation.IsStatusOnly)
        {
            builder.Services.AddSingleton(foundation.Clock);
            builder.Services.AddSingleton(foundation.Database);
            StatusOnly.Configure(builder.Services);
        }
        else
        {
            builder.Services.AddFoundation(foundation);
            builder.Services.AddQueues(foundation.Roles);
        }
        if (foundation.Roles.HasFlag(Roles.Acme))
            builder.Services.AddAcme(FrontEndSettingsOf(foundation), provider => NoncesOf(foundation, provider));

        var app = builder.Build();
        app.UseListeners();
        if (foundation.IsStatusOnly)
            return app;
        app.UseMiddleware<RequestLog>();
        app.UseRouting();
        if (foundation.Roles.HasFlag(Roles.Acme))
        {
            app.UseAcme();
            app.MapAcme();
            app.MapPages();
            app.MapControl();
        }
        app.MapMethods(StatusFiles.RootPath, [HttpMethods.Get, HttpMethods.Head], context => StatusEndpoint.AnswerAsync(context, foundation.StatusFiles));
        return app;
    }

    // Status and Admin are answered here, without routing; only ACME goes on.
    private static void UseListeners(this WebApplication app)
    {
        var (status, readiness, metrics) =
            (app.Services.GetRequiredService<StatusFiles>(), app.Services.GetRequiredService<Readiness>(), app.Services.GetRequiredService<Metrics>());
        var ocsp = app.Services.GetService<OcspEndpoint>();
        app.Use(next => context =>
        {
            Listeners.CloseAfterLongBody(context);
            var listener = ListenerFeature.Of(context);
            var answer = listener switch
            {
                Listener.Acme => next(context),
                Listener.Status => StatusEndpoint.AnswerAsync(context, status, ocsp),
                Listener.Admin => AdminEndpoint.AnswerAsync(context, readiness, metrics),
            };
            if (!answer.IsCompletedSuccessfully)
                return CountAsync(answer, listener, context);
            metrics.Answered(listener, context.Response.StatusCode);
            return Task.CompletedTask;
        });

        async Task CountAsync(Task answer, Listener listener, HttpContext context)
        {
            await answer;
            metrics.Answered(listener, context.Response.StatusCode);
        }
    }

    private static void AddFoundation(this IServiceCollection services, Foundation foundation)
    {
        var settings = foundation.Settings;
        services.AddSingleton(settings);
        services.AddSingleton(foundation.Clock);
        services.AddSingleton(foundation.Database);
        services.AddSingleton(foundation.PublicIds);
        services.AddSingleton(new MacKeyFile(settings.Data.EabKey));
        services.AddSingleton(new AcmeUrls(settings.Server.PublicUrl, foundation.PublicIds));
        services.AddSingleton(typeof(InstanceId), NewInstance());
        if (foundation.Perspectives.OwnKey is not null)
        {
            if (settings.Validation.Remotes.Count > 0)
                services.AddSingleton(provider => RemotesOf(settings, foundation.Perspectives, foundation.Database, foundation.Clock, provider.GetRequiredService<ILogger<RemotePerspectives>>()));
            services.AddSingleton(provider => PerspectivesOf(settings, foundation.Perspectives, provider.GetService<RemotePerspectives>(), foundation.Clock));
            services.AddSingleton<ChallengeCheck>();
            services.AddSingleton(new ValidationLifetimes(settings.Acme.AuthorizationLifetime, settings.Policy.Preset));
            services.AddSingleton(new ValidationAttempts(settings.Validation.Attempts, settings.Validation.MaxConcurrent));
        }
        if (foundation.IssuingCa is { } issuer)
        {
            services.AddSingleton(issuer);
            services.AddSingleton(provider => new IssuanceJournal(provider.GetRequiredService<IssuanceStore>(), provider.GetRequiredService<InstanceId>(), foundation.Clock, LogLeafKind.Issued, provider.GetRequiredService<SigningQueue>()));
            services.AddSingleton(provider => SigningCoreOf(foundation, issuer, provider));
        }
    }

    private static void AddStores(this IServiceCollection services) => services
        .AddSingleton<AccountStore>()
        .AddSingleton<AuthorizationStore>()
        .AddSingleton<ControlStore>()
        .AddSingleton<CrlStore>()
        .AddSingleton<EabStore>()
        .AddSingleton<IssuanceStore>()
        .AddSingleton<IssuerStore>()
        .AddSingleton<LimitStore>()
        .AddSingleton<LogStore>()
        .AddSingleton<NonceStore>()
        .AddSingleton<OcspStore>()
        .AddSingleton<OrderStore>()
        .AddSingleton<RenewalStore>()
        .AddSingleton(new RetentionSettings())
        .AddSingleton<RetentionStore>()
        .AddSingleton<RevocationStore>()
        .AddSingleton<SecretStore>();

    private static void AddLimits(this IServiceCollection services, CaServerSettings settings)
    {
        services.AddSingleton(new ClientAddress(settings.Server.TrustedProxies));
        services.AddSingleton(provider => new RateLimits(
            settings.Limits.Defaults,
            settings.Policy.Suffixes,
            provider.GetRequiredService<LimitStore>(),
            settings.Limits.Enabled,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<RateLimits>>()));
    }

    private static void AddStatus(this IServiceCollection services, Foundation foundation)
    {
        services.AddSingleton(foundation.StatusFiles);
        services.AddSingleton<CrlRequests>();
        services.AddSingleton<OcspRequests>();
        services.AddSingleton<RevokeCertificate>();
        if (foundation.Settings.Status.Ocsp)
            services.AddOcsp(foundation);
        services.AddSingleton(provider => new Metrics(
            foundation.StatusFiles, foundation.TlsCertificate, provider.GetService<OcspAnswers>(), foundation.OcspResponder));
        services.AddSingleton(provider => new Readiness(
            foundation.Database, foundation.IssuingKeys, foundation.StatusFiles, foundation.Clock, provider.GetRequiredService<ILogger<Readiness>>()));
        services.AddHostedService(provider => new StatusWorker(
            foundation.StatusFiles, foundation.CrlPublisher, provider.GetRequiredService<CrlRequests>(), foundation.Settings.Status.CrlLifetime, foundation.Clock, provider.GetRequiredService<ILogger<StatusWorker>>()));
        if (foundation.TlsCertificate is { } certificate)
            services.AddHostedService(provider => new ServerCertificateWorker(
                certificate, foundation.TlsIssuer, foundation.Settings.Server.Tls, foundation.Clock, provider.GetRequiredService<ILogger<ServerCertificateWorker>>()));
    }

    private static void AddQueues(this IServiceCollection services, Roles roles)
    {
        services.AddSingleton(provider => new ValidationQueue(
            provider.GetRequiredService<AuthorizationStore>(),
            provider.GetRequiredService<InstanceId>(),
            provider.GetRequiredService<TimeProvider>(),
            roles.HasFlag(Roles.Validator)));
        services.AddSingleton(provider => new SigningQueue(
            provider.GetRequiredService<OrderStore>(),
            provider.GetRequiredService<InstanceId>(),
            provider.GetRequiredService<TimeProvider>(),
            roles.HasFlag(Roles.Signer)));
        services.AddHostedService<RetentionWorker>();
        services.AddHostedService<NoticeWorker>();
        if (roles.HasFlag(Roles.Validator))
            services.AddHostedService<ValidationWorker>();
        if (roles.HasFlag(Roles.Signer))
            services.AddHostedService<SigningWorker>();
    }

    // On SQLite there is one process; on PostgreSQL there may be several, whose nonces must be good at each other.
    private static Nonces NoncesOf(Foundation foundation, IServiceProvider provider)
    {
        var shared = foundation.Settings.Database is Storage.DatabaseSettings.Postgres ? provider.GetRequiredService<NonceStore>() : null;
        return new Nonces(foundation.NonceKey, foundation.Clock, foundation.Settings.Acme.NonceLifetime, shared);
    }

    private static FrontEndSettings FrontEndSettingsOf(Foundation foundation)
    {
        var settings = foundation.Settings;
        return new FrontEndSettings
        {
            Urls = new AcmeUrls(settings.Server.PublicUrl, foundation.PublicIds),
            Names = settings.Policy.Names,
            Profiles = settings.Profiles,
            CaaIdentities = settings.CaaIdentities,
            Caa = settings.Validation.Caa,
            Offered = new OfferedMethods(settings.Acme.Challenges, settings.IssuerNames, settings.Validation.PlainAccountUri),
            SubdomainAuthorizations = settings.Acme.SubdomainAuthorizations,
            // An account that could order nothing is not made.
            ExternalAccountRequired = settings.Acme.ExternalAccountRequired || settings.Profiles.Values.All(p => p.ExternalAccountRequired),
            MaxIdentifiers = settings.Acme.MaxIdentifiers,
            CorsOrigins = settings.Acme.CorsOrigins,
            OrderLifetime = settings.Acme.OrderLifetime,
            ChallengeWait = settings.Acme.ChallengeWait,
            FinalizeWait = settings.Acme.FinalizeWait,
            ChainsPem = [foundation.IssuingPem, .. settings.Acme.AlternateChains.Select(c => c.Pem)],
            IssuerKeyIdentifier = foundation.IssuingKeyIdentifier,
        };
    }

    /// <summary>The perspectives of a process, with their keys.</summary>
    internal static PerspectiveGroup PerspectivesOf(CaServerSettings settings, Perspectives keys, RemotePerspectives? remotes, TimeProvider clock)
    {
        return new PerspectiveGroup(
            new Perspective(PerspectiveSettingsOf(settings), keys.OwnKey!, clock),
            [.. settings.Validation.Further.Select(p => new Perspective(PerspectiveSettingsOf(settings, p), keys.FurtherKeys[p.Name], clock))],
            remotes,
            Quorum.Of(settings),
            clock);
    }

    /// <summary>The perspectives in other processes; somebody must run the collecting of their answers.</summary>
    internal static RemotePerspectives RemotesOf(CaServerSettings settings, Perspectives keys, Database database, TimeProvider clock, ILogger<RemotePerspectives> log) => new(
        [.. settings.Validation.Remotes.Select(r => KeyValuePair.Create(r.Name, keys.PublicKeys[r.Name]))],
        new RemoteCheckStore(database),
        NewInstance(),
        // A check and a look-up of CAA, and the ways there and back.
        settings.Validation.Timeout * 2 + s_remoteWay,
        clock,
        log);

    internal static InstanceId NewInstance() => new(System.Security.Cryptography.RandomNumberGenerator.GetHexString(16, lowercase: true));

    internal static PerspectiveSettings PerspectiveSettingsOf(CaServerSettings settings, FurtherPerspective further) =>
        PerspectiveSettingsOf(settings) with { Name = further.Name, Resolvers = further.Resolvers, Dnssec = further.Dnssec };

    internal static PerspectiveSettings PerspectiveSettingsOf(CaServerSettings settings) => new()
    {
        Name = settings.Validation.Perspective,
        Resolvers = settings.Validation.Resolvers,
        Dnssec = settings.Validation.Dnssec,
        Caa = settings.Validation.Caa,
        Http01Port = settings.Validation.Http01Port,
        TlsAlpn01Port = settings.Validation.TlsAlpn01Port,
        IssuerNames = settings.IssuerNames,
        AccountHashPrefix = AcmeUrls.AccountHashPrefixOf(settings.Server.PublicUrl.AbsoluteUri),
        AcceptsPlainAccountUrl = settings.Validation.PlainAccountUri,
        AllowedNetworks = settings.Validation.AllowedNetworks,
        Preset = settings.Policy.Preset,
        Timeout = settings.Validation.Timeout,
        MaxPerTarget = settings.Validation.PerTarget,
        MaxConcurrentChecks = settings.Validation.MaxConcurrent,
        Suffixes = settings.Policy.Suffixes,
    };

    private static SigningCore SigningCoreOf(Foundation foundation, IssuingCa issuer, IServiceProvider provider)
    {
        var settings = foundation.Settings;
        return new SigningCore(
            new SigningSettings
            {
                Urls = provider.GetRequiredService<AcmeUrls>(),
                Names = settings.Policy.Names,
                Quorum = Quorum.Of(settings),
                Perspectives = foundation.Perspectives.PublicKeys,
                Profiles = settings.Profiles,
                Issuer = issuer,
                StatusUrls = settings.StatusUrls,
                Preset = settings.Policy.Preset,
                MaxStatementAge = settings.Acme.AuthorizationLifetime,
                Caa = settings.Validation.Caa,
                MaxCaaAge = MaxCaaAge,
                SubdomainAuthorizations = settings.Acme.SubdomainAuthorizations,
                ProfileMethods = settings.Profiles.Keys.ToDictionary(p => p, IReadOnlyCollection<ValidationMethod> (_) => OfferedMethods.WithManual(settings.Acme.Challenges)),
            },
            provider.GetRequiredService<IssuanceJournal>());
    }
}
