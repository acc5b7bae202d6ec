using CaServer.Configuration;

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

    /// <summary>The certificate of the HTTPS listener; null without the role acme.</summary>
    public ServerCertificate? TlsCertificate { get; private set; }

    /// <exception cref="OperatorFaultException">Something is missing or in the way that the operator must see to.</exception>
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

    private Task OpenAsync(CancellationToken ct)
    {
        Keep(DataDirectoryLock.Take(Settings.Data));
        return Task.CompletedTask;
    }

    private T Keep<T>(T opened) where T : notnull
    {
        _opened.Push(opened);
        return opened;
    }
}
