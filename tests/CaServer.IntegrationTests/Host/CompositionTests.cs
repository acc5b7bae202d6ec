using CaServer.Composition;
using CaServer.Configuration;
using CaServer.TestKit.Processes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CaServer.IntegrationTests.Host;

/// <summary>Whatever roles a process has, everything that they need is registered.</summary>
public sealed class CompositionTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("acme,validator,signer,status", "SigningWorker", "ValidationWorker", "StatusWorker", "OcspSigningWorker", "OcspFeedWorker", "ServerCertificateWorker", "NoticeWorker", "RetentionWorker")]
    [InlineData("signer,status", "SigningWorker", "StatusWorker", "OcspSigningWorker", "OcspFeedWorker", "NoticeWorker", "RetentionWorker")]
    [InlineData("validator", "ValidationWorker", "StatusWorker", "NoticeWorker", "RetentionWorker")]
    [InlineData("status", "StatusWorker", "OcspFeedWorker")]
    public async Task Each_set_of_roles_has_its_workers(string names, params string[] workers)
    {
        using var scratch = new ScratchDirectory();
        var settings = CaServerSettings.Load(null, new Dictionary<string, string>
        {
            ["CASERVER_Data__Directory"] = scratch.File("data"),
            // SoftHSM2 has one token directory for each process, which other tests have.
            ["CASERVER_Hsm__Module"] = HsmSettings.SoftwareModule,
        });
        await (await Foundation.OpenAsync(settings, Roles.All, TimeProvider.System, Serilog.Core.Logger.None, Cancellation)).DisposeAsync();

        Assert.True(RoleNames.TryParse(names, out var roles, out _));
        await using var foundation = await Foundation.OpenAsync(settings, roles, TimeProvider.System, Serilog.Core.Logger.None, Cancellation);
        await using var app = ServerApp.Build(foundation);
        var made = app.Services.GetServices<IHostedService>().Select(s => s.GetType().Name).Where(n => n.EndsWith("Worker", StringComparison.Ordinal));
        Assert.Equal(workers.Order(), made.Order());
    }
}
