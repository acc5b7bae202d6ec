using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using CaServer.Conformance.Acme;
using CaServer.Conformance.Challenges;

namespace CaServer.Conformance.Suite;

/// <summary>The server, and what the cases share: its directory, connections, unused nonces, answers to challenges, one account.</summary>
internal sealed class ServerUnderTest : IDisposable
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(60);
    private const int MaxAnswerBytes = 4 << 20;

    // Different in each run, so that a server that keeps its data meets new names.
    private readonly string _run = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));
    private readonly X509Certificate2Collection _roots = [];
    private readonly ConcurrentDictionary<string, Lazy<Task<Account>>> _accounts = new();
    private int _names;

    private ServerUnderTest(Target target)
    {
        Target = target;
        if (target.RootFile is { } file)
            _roots.ImportFromPemFile(file);
        Http = CreateClient();
    }

    public Target Target { get; }

    public HttpClient Http { get; }

    public Traffic Traffic { get; } = new();

    /// <summary>Nonces that came with answers and were not used.</summary>
    public ConcurrentBag<string> Nonces { get; } = [];

    public AcmeObject Directory { get; private set; }

    public Http01Responder? Http01 { get; private set; }

    public TlsAlpn01Responder? TlsAlpn01 { get; private set; }

    public DnsRecords? Dns { get; private set; }

    /// <summary>Reads the directory and starts to listen for challenges.</summary>
    /// <exception cref="Undecidable">There is no ACME directory; nothing can be judged.</exception>
    public static async Task<ServerUnderTest> OpenAsync(Target target, CancellationToken ct)
    {
        var server = new ServerUnderTest(target);
        try
        {
            server.Directory = await server.ReadDirectoryAsync(ct);
            server.Http01 = target.Http01Listen is { } http ? new Http01Responder(http) : null;
            server.TlsAlpn01 = target.TlsAlpn01Listen is { } tls ? new TlsAlpn01Responder(tls) : null;
            server.Dns = target.DnsManagement is { } dns ? new DnsRecords(dns) : null;
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    /// <summary>A name that no case has used.</summary>
    public async Task<string> NewNameAsync(CancellationToken ct)
    {
        if (Target.Domains.Count == 0)
            throw new NotApplicable("no name to order: give --domain");
        var number = Interlocked.Increment(ref _names);
        var name = $"n{number}-{_run}.{Target.Domains[number % Target.Domains.Count]}";
        if (Dns is not null && Target.NameAddress is { } address)
            await Dns.SetAddressAsync(name, address, ct);
        return name;
    }

    /// <summary>An account that several cases use, made by the first of them.</summary>
    public Task<Account> SharedAccountAsync(string purpose, Func<Task<Account>> create) =>
        _accounts.GetOrAdd(purpose, _ => new Lazy<Task<Account>>(create)).Value;

    public void Dispose()
    {
        Http01?.Dispose();
        TlsAlpn01?.Dispose();
        Dns?.Dispose();
        Http.Dispose();
    }

    private async Task<AcmeObject> ReadDirectoryAsync(CancellationToken ct)
    {
        try
        {
            using var response = await Http.GetAsync(Target.Directory, ct);
            var answer = new AcmeAnswer("GET", Target.Directory.AbsoluteUri, response, await response.Content.ReadAsByteArrayAsync(ct));
            Traffic.Add(answer);
            return answer.IsSuccess ? answer.Object : throw new Undecidable($"{Target.Directory} is no ACME directory: {answer.Summary}");
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or Nonconformity)
        {
            throw new Undecidable($"{Target.Directory} cannot be read: {e.Message} {e.InnerException?.Message}".TrimEnd());
        }
    }

    private HttpClient CreateClient()
    {
        var tls = new SslClientAuthenticationOptions();
        if (Target.Insecure)
        {
#pragma warning disable CA5359 // --insecure is the user's choice, for laboratories.
            tls.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else if (_roots.Count > 0)
        {
            tls.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            tls.CertificateChainPolicy.CustomTrustStore.AddRange(_roots);
        }
        var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, SslOptions = tls })
        {
            DefaultRequestVersion = HttpVersion.Version11,
            MaxResponseContentBufferSize = MaxAnswerBytes,
            Timeout = s_timeout,
        };
        // RFC 8555 §6.1.
        client.DefaultRequestHeaders.UserAgent.ParseAdd("CaServer.Conformance/1");
        return client;
    }
}
