using System.Net;
using CaServer.TestKit.Processes;

namespace CaServer.TestKit.Dns;

/// <summary>
/// A DNS of a test's own on 127.0.0.1: a signed root and zones below it, served by a real name server (BIND), and a real resolver
/// (Unbound) that validates with the root's key. Nothing in it asks anybody else.
/// </summary>
public sealed class DnsLab : IAsyncDisposable
{
    private const string Authority = "@ 60 IN SOA ns.lab. hostmaster.lab. 1 3600 600 86400 60\n@ 60 IN NS ns.lab.\n";
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private static readonly string[] ProgramDirectories = ["/usr/sbin", "/usr/local/sbin", "/usr/bin"];

    private readonly ScratchDirectory _scratch = new();
    private readonly List<ChildProcess> _processes = [];
    private readonly int _namedPort = LoopbackPorts.Next();
    private readonly int _silentPort = LoopbackPorts.Next();

    private DnsLab()
    {
    }

    /// <summary>The validating resolver.</summary>
    public IPEndPoint Resolver { get; } = new(IPAddress.Loopback, LoopbackPorts.Next());

    /// <summary>The name server, which validates nothing and answers for its own zones only.</summary>
    public IPEndPoint NameServer => new(IPAddress.Loopback, _namedPort);

    /// <summary>Signs the zones, starts both servers and waits until they answer.</summary>
    public static async Task<DnsLab> StartAsync(IReadOnlyList<LabZone> zones, CancellationToken cancellation)
    {
        var lab = new DnsLab();
        try
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            deadline.CancelAfter(Deadline);
            await lab.SignAsync(zones, deadline.Token);
            await lab.ServeAsync(zones, deadline.Token);
            return lab;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
            await process.DisposeAsync();
        _scratch.Dispose();
    }

    private async Task SignAsync(IReadOnlyList<LabZone> zones, CancellationToken cancellation)
    {
        var root = Authority + "ns.lab. 60 IN A 127.0.0.1\n";
        foreach (var zone in zones)
        {
            root += $"{zone.Name}. 60 IN NS ns.lab.\n";
            await File.WriteAllTextAsync(_scratch.File(zone.Name + ".zone"), Authority + zone.Records + "\n", cancellation);
            if (zone.Signing == LabSigning.None)
                continue;
            await SignAsync(zone.Name, zone.Signing == LabSigning.Expired ? ["-s", "20200101000000", "-e", "20200201000000"] : [], cancellation);
            root += await File.ReadAllTextAsync(_scratch.File($"dsset-{zone.Name}."), cancellation);
            if (zone.Signing != LabSigning.Changed)
                continue;
            var signed = await File.ReadAllTextAsync(SignedFile(zone.Name), cancellation);
            Assert.Contains(zone.ChangedAfterSigning.From, signed, StringComparison.Ordinal);
            await File.WriteAllTextAsync(SignedFile(zone.Name), signed.Replace(zone.ChangedAfterSigning.From, zone.ChangedAfterSigning.To, StringComparison.Ordinal), cancellation);
        }
        await File.WriteAllTextAsync(_scratch.File("root.zone"), root, cancellation);
        await SignAsync("root", [], cancellation);
    }

    private async Task SignAsync(string zone, string[] options, CancellationToken cancellation)
    {
        var origin = zone == "root" ? "." : zone + ".";
        var keygen = await ExternalProgram.Find("dnssec-keygen", "/usr/sbin").RunAsync(
            ["-q", "-K", _scratch.Path, "-a", "ECDSAP256SHA256", "-f", "KSK", origin], cancellation: cancellation);
        var key = keygen.Succeeded().Output.Trim();
        var keyFile = _scratch.File(key + ".key");
        await File.AppendAllTextAsync(_scratch.File(zone + ".zone"), await File.ReadAllTextAsync(keyFile, cancellation), cancellation);
        var signed = await ExternalProgram.Find("dnssec-signzone", "/usr/sbin").RunAsync(
            ["-z", "-P", .. options, "-d", _scratch.Path, "-K", _scratch.Path, "-o", origin, "-f", SignedFile(zone), _scratch.File(zone + ".zone"), key], cancellation: cancellation);
        signed.Succeeded();
        if (zone == "root")
            File.Copy(keyFile, _scratch.File("anchor.key"));
    }

    private async Task ServeAsync(IReadOnlyList<LabZone> zones, CancellationToken cancellation)
    {
        var served = zones.Where(z => z.Serving != LabServing.Silent).ToList();
        await File.WriteAllTextAsync(
            _scratch.File("named.conf"),
            $$"""
            options {
              directory "{{_scratch.Path}}";
              listen-on port {{_namedPort}} { 127.0.0.1; };
              listen-on-v6 { none; };
              recursion no; notify no; dnssec-validation no; pid-file none; session-keyfile none;
            };
            controls { };
            zone "." { type primary; file "{{SignedFile("root")}}"; };
            {{string.Concat(served.Select(z => $"zone \"{z.Name}\" {{ type primary; file \"{(z.Signing == LabSigning.None ? _scratch.File(z.Name + ".zone") : SignedFile(z.Name))}\";{(z.Serving == LabServing.Refused ? " allow-query { none; };" : "")} }};\n"))}}
            """,
            cancellation);
        await File.WriteAllTextAsync(
            _scratch.File("unbound.conf"),
            $"""
            server:
              interface: 127.0.0.1@{Resolver.Port}
              do-ip6: no
              do-daemonize: no
              username: ""
              chroot: ""
              directory: "{_scratch.Path}"
              pidfile: ""
              use-syslog: no
              module-config: "validator iterator"
              trust-anchor-file: "{_scratch.File("anchor.key")}"
              do-not-query-localhost: no
              num-threads: 1
            remote-control:
              control-enable: no
            {Stub(".", _namedPort)}{string.Concat(zones.Select(z => Stub(z.Name, z.Serving == LabServing.Silent ? _silentPort : _namedPort)))}
            """,
            cancellation);
        Start("named", "-g", "-n", "1", "-c", _scratch.File("named.conf"));
        await WaitForAsync("all zones loaded", cancellation);
        Start("unbound", "-d", "-c", _scratch.File("unbound.conf"));
        await WaitForAsync("start of service", cancellation);
    }

    // What Debian's AppArmor profiles confine goes by the path of the program; a copy may read the scratch directory.
    private void Start(string program, params string[] arguments)
    {
        var copy = _scratch.File(program);
        File.Copy(ProgramDirectories.Select(d => Path.Combine(d, program)).FirstOrDefault(File.Exists)
            ?? throw new FileNotFoundException($"The program '{program}' is not installed; ./test.sh installs what the tests need."), copy);
        _processes.Add(ChildProcess.Start(copy, arguments, new Dictionary<string, string>(), _scratch.Path));
    }

    private async Task WaitForAsync(string line, CancellationToken cancellation)
    {
        var process = _processes[^1];
        await Polling.UntilAsync(() => process.HasExited || process.Output.Contains(line, StringComparison.Ordinal), cancellation);
        if (process.HasExited)
            throw new InvalidOperationException("The DNS server did not start:\n" + process.Output);
    }

    private string SignedFile(string zone) => _scratch.File(zone + ".signed");

    private static string Stub(string zone, int port) => $"stub-zone:\n  name: \"{zone}\"\n  stub-addr: 127.0.0.1@{port}\n";
}
