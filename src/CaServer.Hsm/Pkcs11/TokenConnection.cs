using System.Collections.Concurrent;
using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.HighLevelAPI;

namespace CaServer.Hsm.Pkcs11;

/// <summary>
/// A login to a token during one epoch of its module, with its sessions and object handles. All of them die together, so a
/// connection is replaced as a whole. Its members are called between <see cref="Pkcs11Module.EnterCall"/> and its end.
/// </summary>
internal sealed class TokenConnection
{
    // PKCS#11 v2.40 §3.2: neither of these is a limit.
    private const ulong EffectivelyInfinite = 0;

    private readonly Pkcs11Module _module;
    private readonly ISlot _slot;
    private readonly ISession _anchor;
    private readonly ConcurrentDictionary<Pkcs11Key, IObjectHandle> _handles = new(ReferenceEqualityComparer.Instance);

    private TokenConnection(Pkcs11Module module, ISlot slot, ISession anchor, SessionPool sessions)
    {
        _module = module;
        _slot = slot;
        _anchor = anchor;
        Sessions = sessions;
        Epoch = module.Epoch;
    }

    /// <summary>The epoch in which it was made; it is dead in any other.</summary>
    public int Epoch { get; }

    /// <summary>Sessions to work in.</summary>
    public SessionPool Sessions { get; }

    /// <summary>Finds the token, logs in once, opens the sessions, and finds and tests the keys that are in use.</summary>
    public static TokenConnection Open(Pkcs11Module module, string label, byte[] pin, int sessions, IEnumerable<Pkcs11Key> keys)
    {
        var (slot, info) = TokenSlot.Find(module, label);
        RequireUsable(label, info, sessions);
        var opened = new List<ISession>();
        try
        {
            // Stays open without work: closing a token's last session logs out.
            var anchor = slot.OpenSession(SessionType.ReadOnly);
            opened.Add(anchor);
            Login(anchor, pin);
            while (opened.Count <= sessions)
                opened.Add(slot.OpenSession(SessionType.ReadOnly));
            var connection = new TokenConnection(module, slot, anchor, new SessionPool(opened[1..], label));
            foreach (var key in keys)
                connection.Bind(key);
            return connection;
        }
        catch
        {
            opened.ForEach(CloseQuietly);
            throw;
        }
    }

    /// <summary>Signs with a key; a key that this connection has not seen is found first.</summary>
    public byte[] Sign(Pkcs11Key key, byte[] input)
    {
        if (!_handles.TryGetValue(key, out var handle))
            handle = Bind(key);
        return SignInSession(key.Kind, handle, input);
    }

    /// <summary>Remembers the handle of a key that <see cref="Find"/> has just found.</summary>
    public void Adopt(Pkcs11Key key, IObjectHandle handle) => _handles[key] = handle;

    /// <summary>Forgets a key that is no longer used.</summary>
    public void Forget(Pkcs11Key key) => _handles.TryRemove(key, out _);

    /// <summary>
    /// Finds a key, checks how it is protected, and that its public and private halves belong together. Null means that the
    /// token has no such key, never that it could not look.
    /// </summary>
    public TokenKey? Find(string label)
    {
        var session = Sessions.Rent();
        TokenKey? found;
        try
        {
            found = TokenKey.Find(session, label);
        }
        finally
        {
            Sessions.Return(session);
        }
        if (found is null)
            Ping();
        else
            TestSign(found);
        return found;
    }

    /// <summary>Makes a key pair.</summary>
    public void Generate(string label, CaKeyKind kind)
    {
        var session = _slot.OpenSession(SessionType.ReadWrite);
        try
        {
            TokenKey.Generate(session, label, kind);
        }
        finally
        {
            CloseQuietly(session);
        }
    }

    /// <summary>
    /// Makes sure that the token is there and logged in, where a search would find nothing without saying why: a private key is
    /// invisible after a logout, and SoftHSM finds nothing in a token whose files are gone.
    /// </summary>
    public void Ping()
    {
        _slot.GetTokenInfo();
        if (_anchor.GetSessionInfo().State is CKS.CKS_RO_PUBLIC_SESSION or CKS.CKS_RW_PUBLIC_SESSION)
            throw new Pkcs11Exception("C_GetSessionInfo", CKR.CKR_USER_NOT_LOGGED_IN);
    }

    /// <summary>Ends the connection. Nobody else may be inside the module.</summary>
    public void Close(bool logout)
    {
        if (Epoch != _module.Epoch)
            return;
        try
        {
            if (logout)
                _anchor.Logout();
        }
        catch (Pkcs11Exception)
        {
            // Already logged out, or the token is gone; closing the sessions does the same.
        }
        foreach (var session in Sessions.All)
            CloseQuietly(session);
        CloseQuietly(_anchor);
    }

    private static void RequireUsable(string label, ITokenInfo info, int sessions)
    {
        var flags = info.TokenFlags;
        if (!flags.UserPinInitialized)
            throw new HsmException(HsmFault.TokenUnusable, $"The token '{label}' has no user PIN.");
        if (flags.UserPinLocked)
            throw new HsmException(HsmFault.PinLocked, $"The PIN of the token '{label}' is locked; the security officer must set it anew.");
        // A server that is started again and again with a wrong PIN file must not be what locks the token.
        if (flags.UserPinFinalTry)
            throw new HsmException(HsmFault.PinLocked, $"The token '{label}' would lock at one more wrong PIN; log in by hand with the right one first.");
        var limit = info.MaxSessionCount;
        if (limit != EffectivelyInfinite && limit <= int.MaxValue && limit < (ulong)sessions + 1)
            throw new HsmException(HsmFault.TokenUnusable, $"The token '{label}' allows {limit} sessions; {sessions} and one to hold the login are configured.");
    }

    private static void Login(ISession session, byte[] pin)
    {
        try
        {
            session.Login(CKU.CKU_USER, pin);
        }
        catch (Pkcs11Exception e) when (e.RV == CKR.CKR_USER_ALREADY_LOGGED_IN)
        {
            // Login belongs to the token and the process: another user of the same token has done it.
        }
    }

    private static void CloseQuietly(ISession session)
    {
        try
        {
            session.Dispose();
        }
        catch (Pkcs11Exception)
        {
            // It is gone already, and a session has nothing to lose.
        }
    }

    // A test signature must verify with the public key that we know the key by, or it is another key.
    private IObjectHandle Bind(Pkcs11Key key)
    {
        var found = Find(key.Label)
            ?? throw new HsmException(HsmFault.KeyMissing, $"The token '{key.Token}' no longer has the key '{key.Label}'.");
        if (!found.SubjectPublicKeyInfo.AsSpan().SequenceEqual(key.SubjectPublicKeyInfo))
            throw new HsmException(HsmFault.KeyMissing, $"The key '{key.Label}' of the token '{key.Token}' is not the key that it was.");
        return _handles[key] = found.Handle;
    }

    private void TestSign(TokenKey found)
    {
        var signature = SignInSession(found.Kind, found.Handle, SignatureTest.Input(found.Kind));
        if (!SignatureTest.Verifies(found.Kind, found.SubjectPublicKeyInfo, signature))
            throw new HsmException(HsmFault.KeyUnusable, $"The private key '{found.Label}' of the token does not belong to the public key of the same CKA_ID.");
    }

    private byte[] SignInSession(CaKeyKind kind, IObjectHandle handle, byte[] input)
    {
        var session = Sessions.Rent();
        try
        {
            return session.Sign(kind.IsRsa() ? _module.RsaPkcs : _module.Ecdsa, handle, input);
        }
        finally
        {
            Sessions.Return(session);
        }
    }
}
