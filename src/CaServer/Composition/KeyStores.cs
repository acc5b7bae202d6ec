using CaServer.Configuration;
using CaServer.Hsm;

namespace CaServer.Composition;

/// <summary>
/// Opens the key stores of the root and of the issuing CA: tokens of a PKCS#11 module, or encrypted files where the operator says
/// so. Tokens of SoftHSM2 and files are made here; those of any other module are the operator's to make.
/// </summary>
internal sealed class KeyStores
{
    private readonly HsmSettings _hsm;
    private readonly string _directory;
    private readonly TimeProvider _clock;
    private readonly string _module;
    private readonly bool _makesTokens;

    private KeyStores(HsmSettings hsm, string directory, string module, bool makesTokens, TimeProvider clock)
    {
        _hsm = hsm;
        _directory = directory;
        _module = module;
        _makesTokens = makesTokens;
        _clock = clock;
    }

    /// <exception cref="OperatorFaultException">There is no module, or the directory cannot be made.</exception>
    public static KeyStores Locate(HsmSettings hsm, DataDirectory data, TimeProvider clock)
    {
        if (hsm.IsSoftware)
            return new KeyStores(hsm, data.Hsm, "", makesTokens: false, clock);
        var module = hsm.Module ?? SoftHsm.FindModule() ?? throw new OperatorFaultException(
            "Hsm:Module", "no PKCS#11 module was found; install SoftHSM2 (Debian: apt-get install softhsm2), give the path of another module, or write software to keep the keys in encrypted files", null);
        if (!File.Exists(module))
            throw HsmFaults.Of(new HsmException(HsmFault.ModuleMissing, $"The PKCS#11 module {module} does not exist."), isRoot: false);
        // Whose tokens they are shows in the library's name: SoftHSM2 keeps them where its configuration says, which is ours.
        var isSoftHsm = Path.GetFileName(module).StartsWith("libsofthsm", StringComparison.Ordinal);
        if (isSoftHsm)
            Try(() => SoftHsm.Configure(data.Hsm), isRoot: false);
        return new KeyStores(hsm, data.Hsm, module, isSoftHsm, clock);
    }

    /// <summary>Opens the issuing CA's key store.</summary>
    /// <exception cref="OperatorFaultException">It cannot be opened.</exception>
    public ICaKeyStore OpenIssuing() => Open(_hsm.Token, _hsm.PinFile, "issuing", isRoot: false);

    /// <summary>Opens the root's key store. Only the ceremony does.</summary>
    /// <exception cref="OperatorFaultException">It cannot be opened.</exception>
    public ICaKeyStore OpenRoot() => Open(_hsm.RootToken, _hsm.RootPinFile, "root", isRoot: true);

    /// <summary>
    /// Makes both tokens or passphrases where that is ours to do and they are missing. Cut short, it goes on where it stopped: a
    /// PIN is on disk before a token has it.
    /// </summary>
    /// <exception cref="OperatorFaultException">They cannot be made.</exception>
    public void MakeMissing()
    {
        Make(_hsm.RootToken, _hsm.RootPinFile, "root", isRoot: true);
        Make(_hsm.Token, _hsm.PinFile, "issuing", isRoot: false);
    }

    private ICaKeyStore Open(string token, string? pinFile, string name, bool isRoot) => Try<ICaKeyStore>(
        () =>
        {
            var pin = PinFile.Read(pinFile ?? PinFileOf(name));
            return _hsm.IsSoftware
                ? SoftwareKeyStore.Open(Path.Combine(_directory, name), pin)
                : Pkcs11Token.Open(_module, token, pin, isRoot ? 1 : _hsm.Sessions, _clock);
        },
        isRoot);

    private void Make(string token, string? pinFile, string name, bool isRoot) => Try(
        () =>
        {
            PrivateDirectory.Make(_directory);
            if (_hsm.IsSoftware)
                PinOf(pinFile ?? PinFileOf(name));
            else if (_makesTokens && !Pkcs11Token.Exists(_module, token))
                Pkcs11Token.Initialize(_module, token, PinOf(Path.Combine(_directory, name + ".so-pin")), PinOf(pinFile ?? PinFileOf(name)));
            return token;
        },
        isRoot);

    private string PinFileOf(string name) => Path.Combine(_directory, name + ".pin");

    private static string PinOf(string path)
    {
        if (!File.Exists(path))
            PinFile.TryCreate(path, PinFile.NewPin());
        return PinFile.Read(path);
    }

    private static T Try<T>(Func<T> action, bool isRoot)
    {
        try
        {
            return action();
        }
        catch (HsmException e)
        {
            throw HsmFaults.Of(e, isRoot);
        }
    }
}
