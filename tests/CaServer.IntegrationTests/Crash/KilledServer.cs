using System.Security.Cryptography.X509Certificates;
using CaServer.TestKit.Acme;
using CaServer.TestKit.Processes;

namespace CaServer.IntegrationTests.Crash;

/// <summary>A real server of a test's own that is killed while a client orders a certificate.</summary>
internal sealed class KilledServer : IAsyncDisposable
{
    private const int KilledExitCode = 128 + 9;
    private readonly CaServerProcess _server;
    private readonly Http01Responder _responder;
    private readonly ResumingClient _client;

    private KilledServer(CaServerProcess server)
    {
        _server = server;
        _responder = new Http01Responder(server.Http01Port);
        _client = new ResumingClient(server, _responder);
    }

    private string KeptData => _server.DataDirectory + ".kept";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Starts the server. Its answers wait for what comes of them, so that the commits of an order are the same on a slow machine.</summary>
    public static async Task<KilledServer> StartAsync() => new(await CaServerProcess.StartAsync(
        new Dictionary<string, string> { ["Acme:ChallengeWait"] = "20s", ["Acme:FinalizeWait"] = "20s" }, cancellation: Cancellation));

    /// <summary>Lets the client order until the server dies at a commit.</summary>
    /// <returns>How far the order is in the database.</returns>
    public async Task<string> OrderAndDieAsync(int commit, bool written)
    {
        await using (await _server.KillAtCommitAsync(commit, written, Cancellation))
        {
            await Assert.ThrowsAsync<HttpRequestException>(() => _client.RunAsync(Cancellation));
            Assert.Equal(KilledExitCode, await _server.WaitForEndAsync(Cancellation));
        }
        return Progress();
    }

    /// <summary>Keeps a copy of the data of the dead server for <see cref="RestoreDataAsync"/>.</summary>
    public Task KeepDataAsync() => CopyAsync(_server.DataDirectory, KeptData);

    /// <summary>Gives the server, which does not run, the data that were kept.</summary>
    public Task RestoreDataAsync()
    {
        Directory.Delete(_server.DataDirectory, recursive: true);
        return CopyAsync(KeptData, _server.DataDirectory);
    }

    /// <summary>Starts the server again and lets it make good what it left behind, until it dies at a commit of that.</summary>
    /// <returns>How far the order is in the database.</returns>
    public async Task<string> RecoverAndDieAsync(int commit, bool written)
    {
        await using (await _server.StartAgainToDieAsync(commit, written, Cancellation))
            Assert.Equal(KilledExitCode, await _server.WaitForEndAsync(Cancellation));
        return Progress();
    }

    /// <summary>Lets the client order while the server is to die at a commit, and succeed because that many never come.</summary>
    public async Task OrderAndLiveAsync(int commit)
    {
        await using (await _server.KillAtCommitAsync(commit, written: false, Cancellation))
            await FinishAsync();
    }

    /// <summary>Starts the server again, lets the client go on, and holds the records against what it was given.</summary>
    /// <returns>How many serial numbers were abandoned.</returns>
    public async Task<int> RestartAndFinishAsync()
    {
        await _server.StartAgainAsync(Cancellation);
        var certificate = await FinishAsync();
        Assert.Equal(0, await _server.StopAsync(Cancellation));
        using var database = new DatabaseCopy(_server.DatabaseFile);
        var records = IssuanceRecords.Read(database);
        records.Check();
        records.CheckIssued(certificate);
        return records.Abandoned;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _responder.DisposeAsync();
        await _server.DisposeAsync();
    }

    // With the modes of the files: the server wants its secrets private.
    private static async Task CopyAsync(string from, string to) =>
        (await ExternalProgram.Find("cp").RunAsync(["-a", from, to], cancellation: Cancellation)).Succeeded();

    private string Progress()
    {
        using var database = new DatabaseCopy(_server.DatabaseFile);
        return database.Progress();
    }

    private async Task<byte[]> FinishAsync()
    {
        var chain = await _client.RunAsync(Cancellation);
        using var check = new X509Chain();
        check.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        check.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        check.ChainPolicy.CustomTrustStore.ImportFromPemFile(_server.RootCertificateFile);
        check.ChainPolicy.ExtraStore.AddRange(chain);
        Assert.True(check.Build(chain[0]));
        return chain[0].RawData;
    }
}
