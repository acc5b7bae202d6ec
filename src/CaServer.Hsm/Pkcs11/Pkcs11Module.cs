using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.InteropServices;
using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.HighLevelAPI;

namespace CaServer.Hsm.Pkcs11;

/// <summary>
/// One loaded PKCS#11 module, shared by all tokens of this process: C_Initialize and C_Finalize act on the whole process, so
/// only one object may decide about them. Each initialisation is an epoch; sessions and handles of an earlier epoch are dead
/// and are never closed, because their numbers may already belong to new ones.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "The lock and the mechanisms live as long as the process, like the library that they belong to.")]
internal sealed class Pkcs11Module
{
    /// <summary>How long to wait for a call into the module to come back before others give up.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private static readonly Lock s_gate = new();

    // By the handle that the loader gives out: it is the same for a symbolic link and its target.
    private static readonly Dictionary<nint, Pkcs11Module> s_modules = [];

    // Shared: calls into the module. Exclusive: C_Finalize, C_Initialize, C_InitToken, and closing sessions that others may hold.
    private readonly ReaderWriterLockSlim _calls = new(LockRecursionPolicy.NoRecursion);

    private readonly Dictionary<string, int> _logins = [];
    private IPkcs11Library? _library;
    private int _users;
    private volatile int _epoch;

    static Pkcs11Module()
    {
        // Pkcs11Interop calls dlopen in "libdl", a name that glibc only has with its development files.
        NativeLibrary.SetDllImportResolver(typeof(Pkcs11InteropFactories).Assembly, ResolveLibdl);
    }

    private Pkcs11Module(string path)
    {
        Path = path;
        Ecdsa = Factories.MechanismFactory.Create(CKM.CKM_ECDSA);
        RsaPkcs = Factories.MechanismFactory.Create(CKM.CKM_RSA_PKCS);
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Creates what the API takes; holds no state of the module.</summary>
    public Pkcs11InteropFactories Factories { get; } = new();

    /// <summary>Signs a hash with an EC key.</summary>
    public IMechanism Ecdsa { get; }

    /// <summary>Signs a DigestInfo with an RSA key, PKCS#1 v1.5.</summary>
    public IMechanism RsaPkcs { get; }

    /// <summary>Number of the initialisation; read it while inside <see cref="EnterCall"/>.</summary>
    public int Epoch => _epoch;

    /// <summary>The API. To be called only between <see cref="EnterCall"/> and its end.</summary>
    public IPkcs11Library Library =>
        _library ?? throw new HsmException(HsmFault.Unavailable, $"The PKCS#11 module {Path} is not initialised.");

    /// <summary>Loads and initialises a module, or joins the users of a loaded one. Pair with <see cref="Release"/>.</summary>
    public static Pkcs11Module Acquire(string path, out bool isFresh)
    {
        path = System.IO.Path.GetFullPath(path);
        if (!File.Exists(path))
            throw new HsmException(HsmFault.ModuleMissing, $"There is no PKCS#11 module at {path}.");
        lock (s_gate)
        {
            var handle = Load(path);
            if (!s_modules.TryGetValue(handle, out var module))
            {
                module = new Pkcs11Module(path);
                s_modules.Add(handle, module);
            }
            isFresh = module._users == 0;
            if (isFresh)
                module.Initialize();
            module._users++;
            return module;
        }
    }

    /// <summary>Ends a use; the last one finalises the module.</summary>
    public void Release()
    {
        lock (s_gate)
        {
            if (--_users > 0)
                return;
            if (!_calls.TryEnterWriteLock(s_patience))
                return; // A call hangs inside: finalising now would crash the process, and leaving it costs nothing.
            try
            {
                Finish();
            }
            finally
            {
                _calls.ExitWriteLock();
            }
        }
    }

    /// <summary>Begins a call, which keeps the module from being re-initialised until the scope is disposed. Not to be nested.</summary>
    public CallScope EnterCall() =>
        _calls.TryEnterReadLock(s_patience)
            ? new CallScope(_calls, exclusive: false)
            : throw new HsmException(HsmFault.Unavailable, $"The PKCS#11 module {Path} has been busy with one call for {s_patience.TotalSeconds:0} s.");

    /// <summary>As <see cref="EnterCall"/>, with nobody else inside.</summary>
    public CallScope EnterExclusiveCall() =>
        _calls.TryEnterWriteLock(s_patience)
            ? new CallScope(_calls, exclusive: true)
            : throw new HsmException(HsmFault.Unavailable, $"The PKCS#11 module {Path} has been busy with one call for {s_patience.TotalSeconds:0} s.");

    /// <summary>
    /// Finalises and initialises, once all calls have ended, unless somebody has done so since <paramref name="failedEpoch"/>.
    /// Every token of the module then connects anew at its next use.
    /// </summary>
    public void Reinitialize(int failedEpoch)
    {
        using var call = EnterExclusiveCall();
        if (_epoch != failedEpoch && _library is not null)
            return;
        Finish();
        Initialize();
    }

    /// <summary>Counts a logged-in user of a token: login belongs to the token and the process, not to one of our objects.</summary>
    public void AddLogin(string token)
    {
        lock (_logins)
            _logins[token] = _logins.GetValueOrDefault(token) + 1;
    }

    /// <summary>Whether that was the last logged-in user of the token, so that it must be logged out.</summary>
    public bool RemoveLogin(string token)
    {
        lock (_logins)
        {
            var left = _logins.GetValueOrDefault(token) - 1;
            if (left > 0)
                _logins[token] = left;
            else
                _logins.Remove(token);
            return left <= 0;
        }
    }

    private static nint ResolveLibdl(string name, Assembly assembly, DllImportSearchPath? path) =>
        name == "libdl" && NativeLibrary.TryLoad("libdl.so.2", out var handle) ? handle : 0;

    // The reference that this takes is kept for good: unloading a library that has registered exit handlers or thread-local
    // data crashes later.
    private static nint Load(string path)
    {
        nint handle;
        try
        {
            handle = NativeLibrary.Load(path);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            throw new HsmException(HsmFault.ModuleUnusable, $"The PKCS#11 module {path} cannot be loaded: it is not a shared library for this machine, or one that it needs is missing.", e);
        }
        return NativeLibrary.TryGetExport(handle, "C_GetFunctionList", out _)
            ? handle
            : throw new HsmException(HsmFault.ModuleUnusable, $"The library {path} is not a PKCS#11 module: it has no C_GetFunctionList.");
    }

    private void Initialize()
    {
        _epoch++;
        try
        {
            _library = Factories.Pkcs11LibraryFactory.LoadPkcs11Library(Factories, Path, AppType.MultiThreaded);
        }
        catch (Pkcs11Exception e)
        {
            throw new HsmException(HsmFault.ModuleUnusable, $"The PKCS#11 module {Path} does not initialise: {e.Method} gave {e.RV}.", e);
        }
        catch (Exception e) when (e is UnmanagedException or DllNotFoundException or EntryPointNotFoundException)
        {
            throw new HsmException(HsmFault.ModuleUnusable, $"The PKCS#11 module {Path} cannot be used: {e.Message}", e);
        }
    }

    private void Finish()
    {
        var library = _library;
        _library = null;
        library?.Dispose(); // C_Finalize; what it returns is not looked at
    }

    /// <summary>The time that a call into the module takes.</summary>
    internal readonly struct CallScope(ReaderWriterLockSlim calls, bool exclusive) : IDisposable
    {
        /// <inheritdoc/>
        public void Dispose()
        {
            if (exclusive)
                calls.ExitWriteLock();
            else
                calls.ExitReadLock();
        }
    }
}
