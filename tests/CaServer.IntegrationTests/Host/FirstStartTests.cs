using System.Security.Cryptography.X509Certificates;
using CaServer.Configuration;
using CaServer.Storage;
using CaServer.TestKit.Processes;

namespace CaServer.IntegrationTests.Host;

public sealed class FirstStartTests(InitializedData initialized)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    [Fact]
    public void Secrets_are_their_owners_alone()
    {
        using var scratch = initialized.Copy();
        var data = new DirectoryInfo(scratch.File("data"));
        foreach (var directory in data.EnumerateDirectories("*", SearchOption.AllDirectories).Append(data))
            Assert.Equal(OwnerOnly | UnixFileMode.UserExecute, directory.UnixFileMode);
        foreach (var file in data.EnumerateFiles("*", SearchOption.AllDirectories).Where(f => f.Name != "root.pem" && !f.Name.EndsWith(".pub.pem", StringComparison.Ordinal)))
            Assert.True(file.UnixFileMode == OwnerOnly, $"{file.FullName} has mode {file.UnixFileMode}.");
        Assert.NotEqual(File.ReadAllText(scratch.File("data/hsm/root.pin")), File.ReadAllText(scratch.File("data/hsm/issuing.pin")));
    }

    [Fact]
    public async Task A_second_init_changes_nothing()
    {
        using var scratch = initialized.Copy();
        string[] files = ["root.pem", "tls/server.pem", "hsm/root.pin", "hsm/issuing.pin", "perspectives/local.key.pem"];
        var before = files.Select(f => File.ReadAllText(scratch.File($"data/{f}"))).ToArray();
        var run = await CommandRun.OfAsync(["init"], new Dictionary<string, string> { ["Data:Directory"] = scratch.File("data") });
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(before, files.Select(f => File.ReadAllText(scratch.File($"data/{f}"))));
    }

    [Fact]
    public async Task The_data_directory_can_be_moved()
    {
        using var scratch = initialized.Copy();
        Directory.Move(scratch.File("data"), scratch.File("elsewhere"));
        var run = await CommandRun.OfAsync(["init"], new Dictionary<string, string> { ["Data:Directory"] = scratch.File("elsewhere") });
        Assert.Empty(run.Errors);
        Assert.Equal(0, run.ExitCode);
    }

    [Fact]
    public async Task The_server_does_not_need_the_root_token_again()
    {
        await using var server = await CaServerProcess.StartAsync(cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(0, await server.StopAsync(TestContext.Current.CancellationToken));
        File.Delete(Path.Combine(server.DataDirectory, "hsm", "root.pin"));
        File.Delete(Path.Combine(server.DataDirectory, "hsm", "root.so-pin"));
        var tokens = new DirectoryInfo(Path.Combine(server.DataDirectory, "hsm", "tokens"));
        // The token's label stands in its object file in the clear.
        var root = tokens.EnumerateDirectories().Single(d => File.ReadAllText(Path.Combine(d.FullName, "token.object")).Contains("caserver-root", StringComparison.Ordinal));
        root.Delete(recursive: true);
        await server.StartAgainAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, await server.StopAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Killed_at_any_moment_it_goes_on_and_makes_one_root()
    {
        using var scratch = new ScratchDirectory();
        var settings = new Dictionary<string, string> { ["Data:Directory"] = scratch.File("data") };
        // Each attempt lives a little longer than the one before, so that the kills fall on steps all along the way.
        var delay = initialized.Took / 4;
        CommandRun run;
        do
        {
            run = await CommandRun.OfAsync(["init"], settings, delay);
            delay += initialized.Took / 20;
            Assert.True(run.ExitCode is 0 or 137, string.Join('\n', run.Errors));
        }
        while (run.ExitCode != 0);

        await using var database = await Database.OpenAsync(new DatabaseSettings.Sqlite(scratch.File("data/caserver.db")), TimeProvider.System, TestContext.Current.CancellationToken);
        var issuers = await new IssuerStore(database).ListAsync(TestContext.Current.CancellationToken);
        Assert.Equal(["issuing", "root"], issuers.Select(i => i.Name).Order());
        using var root = X509CertificateLoader.LoadCertificateFromFile(scratch.File("data/root.pem"));
        Assert.Equal(issuers.Single(i => i.Role == IssuerRole.Root).Certificate, root.RawData);
        Assert.False(File.Exists(scratch.File("data/first-start")));
    }

    [Fact]
    public async Task Software_keys_are_warned_of_at_every_start()
    {
        using var scratch = new ScratchDirectory();
        var settings = new Dictionary<string, string> { ["Data:Directory"] = scratch.File("data"), ["Hsm:Module"] = HsmSettings.SoftwareModule };
        for (var start = 1; start <= 2; start++)
        {
            var run = await CommandRun.OfAsync(["init"], settings);
            Assert.Equal(0, run.ExitCode);
            Assert.Single(run.Output.Split('\n'), line => line.Contains("WARNING", StringComparison.Ordinal) && line.Contains("Hsm:Module is software", StringComparison.Ordinal));
        }
    }
}
