using System.Security.Cryptography;
using System.Text;
using CaServer.Hsm.Pkcs11;
using Net.Pkcs11Interop.Common;

namespace CaServer.Hsm;

/// <summary>
/// A PKCS#11 token that we are logged in to. When it is lost (logged out by another program, its sessions closed, its device or
/// daemon restarted) it is connected anew, once, by whoever notices first; if that fails it is down, and the next use after a
/// back-off tries again. A PIN that was refused is never tried again.
/// </summary>
public sealed class Pkcs11Token : ICaKeyStore
{
    private const int MaxSessions = 256;
    private const int MaxLabelLength = 32;
    private const int Attempts = 2;

    private static readonly TimeSpan s_firstBackOff = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_longestBackOff = TimeSpan.FromSeconds(30);

    private readonly Pkcs11Module _module;
    private readonly byte[] _pin;
    private readonly int _sessions;
    private readonly TimeProvider _clock;

    // Guards what follows and is held while connecting; never taken inside a call into the module.
    private readonly Lock _gate = new();
    private readonly List<Pkcs11Key> _keys = [];
    private volatile TokenConnection? _connection;
    private HsmException? _fault;
    private bool _isRefused;
    private bool _isDisposed;
    private int _failures;
    private long _downSince;

    private Pkcs11Token(Pkcs11Module module, string label, string pin, int sessions, TimeProvider clock)
    {
        _module = module;
        Label = label;
        _pin = Encoding.UTF8.GetBytes(pin);
        _sessions = sessions;
        _clock = clock;
    }

    /// <summary>
    /// Told when the token was lost, recovered or given up, from the thread that noticed and outside of any lock. For the log.
    /// </summary>
    public event Action<TokenIncident>? Incident;

    /// <summary>The token's label.</summary>
    public string Label { get; }

    /// <summary>Whether it worked when it was last used. <see cref="Check"/> makes sure.</summary>
    public bool IsAvailable => _connection is not null;

    /// <summary>Why it is not available.</summary>
    public HsmException? Fault
    {
        get
        {
            lock (_gate)
                return _connection is null ? _fault : null;
        }
    }

    /// <summary>
    /// Loads the module, finds the token by its label and logs in. <paramref name="sessions"/> is how many signatures can be
    /// made at once; the token must allow one session more. Throws <see cref="HsmException"/>.
    /// </summary>
    public static Pkcs11Token Open(string modulePath, string label, string pin, int sessions, TimeProvider? clock = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sessions, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sessions, MaxSessions);
        var module = Pkcs11Module.Acquire(modulePath, out var isFresh);
        try
        {
            var token = new Pkcs11Token(module, label, pin, sessions, clock ?? TimeProvider.System);
            // A module that was initialised before this token appeared does not see it.
            var fault = token.TryConnect(reinitializeEpoch: null);
            if (fault is { Fault: HsmFault.TokenMissing or HsmFault.Unavailable } && !isFresh)
                fault = token.TryConnect(reinitializeEpoch: module.Epoch);
            if (fault is not null)
                throw fault;
            module.AddLogin(label);
            return token;
        }
        catch
        {
            module.Release();
            throw;
        }
    }

    /// <summary>Whether the module has a token with this label that is ready to be opened: initialised and with a user PIN.</summary>
    public static bool Exists(string modulePath, string label)
    {
        var module = Pkcs11Module.Acquire(modulePath, out var isFresh);
        try
        {
            var epoch = module.Epoch;
            if (IsReady(module, label))
                return true;
            if (isFresh)
                return false;
            // A module that was initialised before the token appeared does not see it.
            module.Reinitialize(epoch);
            return IsReady(module, label);
        }
        catch (Pkcs11Exception e)
        {
            throw Pkcs11Faults.Of(e, label);
        }
        finally
        {
            module.Release();
        }
    }

    /// <summary>
    /// Makes a new token in a blank slot and sets its user PIN. A token of this label that lacks only the user PIN, because an
    /// earlier call was cut short, is completed with the same security officer PIN; any other is refused, never overwritten.
    /// Throws <see cref="HsmException"/>.
    /// </summary>
    public static void Initialize(string modulePath, string label, string soPin, string pin)
    {
        if (label.Length == 0 || Encoding.UTF8.GetByteCount(label) > MaxLabelLength || label.EndsWith(' ') || label.Any(char.IsControl))
            throw new ArgumentException($"A token label has 1 to {MaxLabelLength} octets of text and does not end with a blank.", nameof(label));
        var module = Pkcs11Module.Acquire(modulePath, out _);
        try
        {
            using var call = module.EnterExclusiveCall();
            TokenInitialization.Run(module, label, soPin, pin);
        }
        catch (Pkcs11Exception e)
        {
            throw Pkcs11Faults.Of(e, label);
        }
        finally
        {
            module.Release();
        }
    }

    /// <inheritdoc/>
    public CaKey Generate(string label, CaKeyKind kind)
    {
        ArgumentException.ThrowIfNullOrEmpty(label);
        // After a lost answer the second attempt finds the key and says that it exists, which is true and leaves it to people.
        Use((label, kind), static (connection, request) =>
        {
            connection.Generate(request.label, request.kind);
            return true;
        });
        return Find(label) ?? throw new HsmException(HsmFault.KeyMissing, $"The token '{Label}' made the key '{label}' but does not find it.");
    }

    /// <inheritdoc/>
    public CaKey? Find(string label)
    {
        ArgumentException.ThrowIfNullOrEmpty(label);
        var key = Use((token: this, label), static (connection, request) =>
        {
            if (connection.Find(request.label) is not { } found)
                return null;
            var key = new Pkcs11Key(request.token, found);
            connection.Adopt(key, found.Handle);
            return key;
        });
        if (key is null)
            return null;
        lock (_gate)
            _keys.Add(key);
        return key;
    }

    /// <summary>
    /// Makes sure that the token works now, by a test signature if it has a key in use, and connects anew if it does not and
    /// the back-off has passed. Throws <see cref="HsmException"/>.
    /// </summary>
    public void Check()
    {
        Pkcs11Key? key;
        lock (_gate)
            key = _keys.FirstOrDefault();
        Use(key, static (connection, used) =>
        {
            if (used is null)
                connection.Ping();
            else
                connection.Sign(used, SignatureTest.Input(used.Kind));
            return true;
        });
    }

    /// <summary>Logs out, unless another <see cref="Pkcs11Token"/> of this process uses the same token, and forgets the PIN.</summary>
    public void Dispose()
    {
        TokenConnection? connection;
        lock (_gate)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
            connection = _connection;
            _connection = null;
            CryptographicOperations.ZeroMemory(_pin);
        }
        try
        {
            using var call = _module.EnterExclusiveCall();
            var isLast = _module.RemoveLogin(Label);
            connection?.Close(isLast);
        }
        catch (HsmException)
        {
            // A call hangs inside the module: the process is about to end, and the token logs out with it.
        }
        _module.Release();
    }

    internal byte[] Sign(Pkcs11Key key, byte[] input) =>
        Use((key, input), static (connection, request) => connection.Sign(request.key, request.input));

    internal void Forget(Pkcs11Key key)
    {
        lock (_gate)
        {
            _keys.Remove(key);
            _connection?.Forget(key);
        }
    }

    private static bool IsReady(Pkcs11Module module, string label)
    {
        using var call = module.EnterCall();
        return TokenSlot.TryFind(module, label) is { } found && found.Info.TokenFlags.UserPinInitialized;
    }

    private TResult Use<TRequest, TResult>(TRequest request, Func<TokenConnection, TRequest, TResult> call)
    {
        for (var failures = 0; ;)
        {
            var connection = _connection ?? Revive();
            HsmException? failure = null;
            using (_module.EnterCall())
            {
                // Otherwise another token of the module has re-initialised it.
                if (connection.Epoch == _module.Epoch)
                {
                    try
                    {
                        return call(connection, request);
                    }
                    catch (Pkcs11Exception e)
                    {
                        failure = Pkcs11Faults.Of(e, Label);
                        if (Pkcs11Faults.BlamesTheRequest(e.RV) || ++failures > Attempts)
                            throw failure;
                    }
                }
            }
            Replace(connection, failure);
        }
    }

    private TokenConnection Revive()
    {
        TokenConnection? connection;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_connection is { } other)
                return other;
            if (_isRefused || _clock.GetElapsedTime(_downSince) < BackOff())
                throw Repeat(_fault!);
            connection = Connect(reinitializeEpoch: _module.Epoch);
        }
        return Report(connection);
    }

    private void Replace(TokenConnection failed, HsmException? failure)
    {
        TokenConnection? connection;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_connection != failed)
                return; // Another thread was first.
            _connection = null;
            connection = Connect(failure is null ? null : failed.Epoch);
        }
        if (failure is null && connection is not null)
            return; // The token itself had not failed.
        if (failure is not null)
            Incident?.Invoke(new TokenIncident(Label, TokenIncidentKind.Lost, failure.Message));
        Report(connection);
    }

    private TokenConnection Report(TokenConnection? connection)
    {
        if (connection is not null)
        {
            Incident?.Invoke(new TokenIncident(Label, TokenIncidentKind.Recovered, $"The token '{Label}' is connected again."));
            return connection;
        }
        var fault = Fault;
        if (fault is null)
            return _connection ?? throw new HsmException(HsmFault.Unavailable, $"The token '{Label}' has been closed.");
        Incident?.Invoke(new TokenIncident(Label, TokenIncidentKind.Down, fault.Message));
        throw Repeat(fault);
    }

    // Called with the gate held. Null when the token is down, and then why and since when is noted.
    private TokenConnection? Connect(int? reinitializeEpoch)
    {
        for (var attempt = 1; attempt <= Attempts && !_isRefused; attempt++)
        {
            _fault = TryConnect(reinitializeEpoch);
            if (_fault is null)
            {
                _failures = 0;
                return _connection;
            }
            _isRefused = _fault.Fault is HsmFault.PinIncorrect or HsmFault.PinLocked;
            reinitializeEpoch = _module.Epoch;
        }
        _failures++;
        _downSince = _clock.GetTimestamp();
        return null;
    }

    private TimeSpan BackOff() => s_firstBackOff * Math.Pow(2, Math.Min(_failures - 1, 16)) is var wait && wait < s_longestBackOff ? wait : s_longestBackOff;

    private HsmException? TryConnect(int? reinitializeEpoch)
    {
        try
        {
            if (reinitializeEpoch is { } epoch)
                _module.Reinitialize(epoch);
            using var call = _module.EnterCall();
            _connection = TokenConnection.Open(_module, Label, _pin, _sessions, _keys);
            return null;
        }
        catch (Pkcs11Exception e)
        {
            return Pkcs11Faults.Of(e, Label);
        }
        catch (HsmException e)
        {
            return e;
        }
    }

    // A new exception each time: one that is thrown by many threads would carry their traces mixed.
    private static HsmException Repeat(HsmException fault) => new(fault.Fault, fault.Message, fault);
}
