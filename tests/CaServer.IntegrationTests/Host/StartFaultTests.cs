using System.Net;
using System.Net.Sockets;
using CaServer.TestKit.Processes;

namespace CaServer.IntegrationTests.Host;

/// <summary>What the operator must see to stops the start with one line that names the setting and says what to do.</summary>
public sealed class StartFaultTests(InitializedData initialized) : IDisposable
{
    private readonly ScratchDirectory _scratch = initialized.Copy();

    private string Data => _scratch.File("data");

    [Fact]
    public async Task A_wrong_PIN() =>
        (await ServeAsync(("Hsm:PinFile", Path.Combine(Data, "hsm", "root.pin")))).IsRefusedInOneLine("Hsm:PinFile: ", "refused the PIN", "write the right PIN");

    [Fact]
    public async Task A_PIN_file_that_is_not_there() =>
        (await ServeAsync(("Hsm:PinFile", "/nowhere/pin"))).IsRefusedInOneLine("Hsm:PinFile: ", "/nowhere/pin does not exist", "restore the file");

    [Fact]
    public async Task A_PIN_file_that_others_may_read()
    {
        File.SetUnixFileMode(Path.Combine(Data, "hsm", "issuing.pin"), UnixFileMode.UserRead | UnixFileMode.GroupRead);
        (await ServeAsync()).IsRefusedInOneLine("Hsm:PinFile: ", "chmod 600");
    }

    [Fact]
    public async Task A_module_that_is_not_there() =>
        (await ServeAsync(("Hsm:Module", "/nowhere/module.so"))).IsRefusedInOneLine("Hsm:Module: ", "/nowhere/module.so does not exist", "install");

    [Fact]
    public async Task A_module_that_is_none() =>
        (await ServeAsync(("Hsm:Module", typeof(object).Assembly.Location))).IsRefusedInOneLine("Hsm:Module: ", "give the path of a PKCS#11 library");

    [Fact]
    public async Task A_token_that_is_not_there() =>
        (await ServeAsync(("Hsm:Token", "another"))).IsRefusedInOneLine("Hsm:Token: ", "labelled 'another'", "give the label");

    [Fact]
    public async Task A_token_with_the_key_of_another_CA()
    {
        using var other = new ScratchDirectory();
        await CommandRun.OfAsync(["init"], new Dictionary<string, string> { ["Data:Directory"] = other.File("data") });
        Directory.Delete(Path.Combine(Data, "hsm"), recursive: true);
        Directory.Move(Path.Combine(other.File("data"), "hsm"), Path.Combine(Data, "hsm"));
        (await ServeAsync()).IsRefusedInOneLine("Hsm:Token: ", "is not the one in its certificate");
    }

    [Fact]
    public async Task A_data_directory_that_cannot_be_made()
    {
        File.WriteAllText(_scratch.File("file"), "");
        (await ServeAsync(("Data:Directory", _scratch.File("file/data")))).IsRefusedInOneLine("Data:Directory: ", "cannot be written", "may write");
    }

    [Fact]
    public async Task A_data_directory_that_another_process_uses()
    {
        using var taken = new FileStream(Path.Combine(Data, "lock"), FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        (await ServeAsync()).IsRefusedInOneLine("Data:Directory: ", "another caserver process", "stop it");
    }

    [Fact]
    public async Task A_database_file_that_is_none()
    {
        File.WriteAllText(Path.Combine(Data, "caserver.db"), new string('x', 10_000));
        (await ServeAsync()).IsRefusedInOneLine("Data:Directory: ", "caserver.db is not a database", "restore it from a backup");
    }

    [Fact]
    public async Task A_database_file_that_is_damaged()
    {
        // Whether what was written last is still in the -wal does not matter then.
        File.Delete(Path.Combine(Data, "caserver.db-wal"));
        using (var file = new FileStream(Path.Combine(Data, "caserver.db"), FileMode.Open))
        {
            file.Position = 4096;
            file.Write(new byte[12_000]);
        }
        (await ServeAsync()).IsRefusedInOneLine("Data:Directory: ", "is damaged", "restore it from a backup");
    }

    [Fact]
    public async Task A_database_that_was_lost()
    {
        foreach (var file in Directory.GetFiles(Data, "caserver.db*"))
            File.Delete(file);
        (await ServeAsync()).IsRefusedInOneLine("Data:Directory: ", "root.pem exists", "restore that one from a backup");
        File.Delete(Path.Combine(Data, "root.pem"));
        (await ServeAsync()).IsRefusedInOneLine("Data:Directory: ", "the key 'caserver-root' exists", "restore that one from a backup");
    }

    [Theory]
    [InlineData("Server:HttpsListen")]
    [InlineData("Server:HttpListen")]
    [InlineData("Server:AdminListen")]
    public async Task A_port_in_use(string key)
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        (await ServeAsync((key, other.LocalEndpoint.ToString()!))).IsRefusedInOneLine($"{key}: cannot listen on {other.LocalEndpoint}", "already in use", "another address or port");
    }

    [Fact]
    public async Task An_address_that_is_not_of_this_machine() =>
        (await ServeAsync(("Server:HttpListen", "192.0.2.1:8080"))).IsRefusedInOneLine("Server:HttpListen: cannot listen on 192.0.2.1:8080");

    [Fact]
    public async Task A_wrong_type_in_the_file()
    {
        File.WriteAllText(_scratch.File("caserver.json"), "{\n  \"Validation\": { \"Http01Port\": \"80\" }\n}");
        var run = await CommandRun.OfAsync(["serve", "--config", _scratch.File("caserver.json")], new Dictionary<string, string>());
        run.IsRefusedInOneLine("Validation:Http01Port must be a whole number", "caserver.json line 2");
    }

    [Fact]
    public async Task A_variable_that_names_no_setting() => (await ServeAsync(("Server:Port", "1"))).IsRefusedInOneLine("Server:Port is not a setting", "CASERVER_Server__Port");

    [Fact]
    public async Task The_TLS_files_of_the_operator_do_not_belong_together()
    {
        var pem = Path.Combine(Data, "root.pem");
        (await ServeAsync(("Server:TlsCertificateFile", pem), ("Server:TlsKeyFile", pem))).IsRefusedInOneLine("Server:TlsCertificateFile: ", "give files that belong together");
    }

    [Fact]
    public async Task A_signer_that_knows_no_perspective()
    {
        foreach (var file in Directory.GetFiles(Path.Combine(Data, "perspectives")))
            File.Delete(file);
        var run = await CommandRun.OfAsync(["serve", "--roles", "signer,status"], Settings());
        run.IsRefusedInOneLine("Data:Directory: ", "public key", "copy it there");
    }

    public void Dispose() => _scratch.Dispose();

    private Task<CommandRun> ServeAsync(params (string Key, string Value)[] settings) => CommandRun.OfAsync(["serve"], Settings(settings));

    // Port 0: whatever is free. A start that should fail later must not fail for a port.
    private Dictionary<string, string> Settings(params (string Key, string Value)[] more)
    {
        var all = new Dictionary<string, string>
        {
            ["Data:Directory"] = Data,
            ["Server:HttpsListen"] = "127.0.0.1:0",
            ["Server:HttpListen"] = "127.0.0.1:0",
            ["Server:AdminListen"] = "127.0.0.1:0",
        };
        foreach (var (key, value) in more)
            all[key] = value;
        return all;
    }
}
