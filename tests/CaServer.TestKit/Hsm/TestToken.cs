using System.Security.Cryptography;
using CaServer.Hsm;

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

    /// <summary>Logs in.</summary>
    public Pkcs11Token Open(int sessions = 2, TimeProvider? clock = null) => Pkcs11Token.Open(ModulePath, Label, Pin, sessions, clock);

    private static string MakeDirectory()
    {
        var directory = Directory.CreateTempSubdirectory("caserver-softhsm-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(directory, recursive: true);
        return Path.GetDirectoryName(SoftHsm.Configure(directory))!;
    }
}
