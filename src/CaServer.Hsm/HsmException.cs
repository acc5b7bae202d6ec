namespace CaServer.Hsm;

/// <summary>What is wrong with a key store, so that the host can name the configuration key to look at.</summary>
public enum HsmFault
{
    /// <summary>There is no file at the path of the PKCS#11 module.</summary>
    ModuleMissing,

    /// <summary>The file is not a PKCS#11 module, or it does not initialise.</summary>
    ModuleUnusable,

    /// <summary>No token has the label.</summary>
    TokenMissing,

    /// <summary>A token with the label exists already, or more than one does.</summary>
    TokenAmbiguous,

    /// <summary>The token cannot be used as it is: no user PIN, too few sessions, no slot for a new token.</summary>
    TokenUnusable,

    /// <summary>There is no PIN file.</summary>
    PinMissing,

    /// <summary>Others than its owner may read the PIN file.</summary>
    PinUnsafe,

    /// <summary>The PIN file is empty, too long or not text.</summary>
    PinUnusable,

    /// <summary>The token refused the PIN. It is not tried again: many tokens lock after three tries.</summary>
    PinIncorrect,

    /// <summary>The PIN is locked or about to lock; the security officer must set it anew.</summary>
    PinLocked,

    /// <summary>A key that was there is gone.</summary>
    KeyMissing,

    /// <summary>The label is taken.</summary>
    KeyExists,

    /// <summary>The key is not one that a CA may sign with, or it cannot do what is asked.</summary>
    KeyUnusable,

    /// <summary>The directory of keys or tokens cannot be written or read.</summary>
    StorageUnusable,

    /// <summary>The token does not answer as it should now. The next use after a back-off tries again.</summary>
    Unavailable,
}

/// <summary>A fault of a key store; the message is one sentence that never contains a PIN.</summary>
public sealed class HsmException : Exception
{
    /// <summary>Creates the exception.</summary>
    public HsmException(HsmFault fault, string sentence, Exception? inner = null)
        : base(sentence, inner) => Fault = fault;

    /// <summary>What is wrong.</summary>
    public HsmFault Fault { get; }
}
