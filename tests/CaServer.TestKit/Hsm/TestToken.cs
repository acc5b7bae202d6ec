using System.Security.Cryptography;
using CaServer.Hsm;
using CaServer.Hsm.Pkcs11;

namespace CaServer.TestKit.Hsm;

/// <summary>
/// A SoftHSM token of its own for a test. SoftHSM reads its configuration once per process, so all tokens of a test process lie
/// in one directory, told apart by random labels, and share one module: a test that makes a module re-initialise also shows
/// the others' recovery.
/// </summary>
public sealed class TestToken
{
    private static readonly Lazy<string> s_directory = new(MakeDirectory);

    private TestToken(string label, string soPin, string pin)
    {
        Label = label;
        SoPin = soPin;
        Pin = pin;
    }

    /// <summary>Path of the SoftHSM module.</summary>
    public static string ModulePath { get; } =
        SoftHsm.FindModule() ?? throw new InvalidOperationException("These tests need SoftHSM2: apt-get install softhsm2 opensc");

    /// <summary>Path of the configuration that native programs need in SOFTHSM2_CONF.</summary>
    public static string ConfigurationPath => Path.Combine(s_directory.Value, "softhsm2.conf");

    /// <summary>The token's label.</summary>
    public string Label { get; }

    /// <summary>The security officer's PIN.</summary>
    public string SoPin { get; }

    /// <summary>The user's PIN.</summary>
    public string Pin { get; }

    /// <summary>Makes a token that is initialised and empty.</summary>
    public static TestToken Create()
    {
        var token = Reserve();
        Pkcs11Token.Initialize(ModulePath, token.Label, token.SoPin, token.Pin);
        return token;
    }

    /// <summary>A label and PINs for a token that does not exist yet.</summary>
    public static TestToken Reserve()
    {
        _ = s_directory.Value;
        return new TestToken("test-" + RandomNumberGenerator.GetHexString(16, lowercase: true), PinFile.NewPin(), PinFile.NewPin());
    }

    /// <summary>The same token with another PIN.</summary>
    public TestToken WithPin(string pin) => new(Label, SoPin, pin);

    /// <summary>Logs in.</summary>
    public Pkcs11Token Open(int sessions = 2, TimeProvider? clock = null) => Pkcs11Token.Open(ModulePath, Label, Pin, sessions, clock);

    /// <summary>
    /// Takes the token's files away, as when a volume is unmounted; disposing the result brings them back. SoftHSM names the
    /// directory by a UUID whose last 16 digits are the serial number.
    /// </summary>
    public IDisposable TakeFilesAway()
    {
        var serial = FindSerialNumber();
        var files = Directory.GetDirectories(Path.Combine(s_directory.Value, "tokens"))
            .Single(path => path.Replace("-", "", StringComparison.Ordinal).EndsWith(serial, StringComparison.Ordinal));
        var elsewhere = Path.Combine(s_directory.Value, Path.GetFileName(files));
        Directory.Move(files, elsewhere);
        return new Restoration(() => Directory.Move(elsewhere, files));
    }

    private string FindSerialNumber()
    {
        var module = Pkcs11Module.Acquire(ModulePath, out _);
        try
        {
            using var call = module.EnterCall();
            return TokenSlot.Find(module, Label).Info.SerialNumber;
        }
        finally
        {
            module.Release();
        }
    }

    private static string MakeDirectory()
    {
        var directory = Directory.CreateTempSubdirectory("caserver-softhsm-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(directory, recursive: true);
        return Path.GetDirectoryName(SoftHsm.Configure(directory))!;
    }

    private sealed class Restoration(Action restore) : IDisposable
    {
        public void Dispose() => restore();
    }
}
