using CaServer.Hsm;

namespace CaServer.Composition;

/// <summary>Says which setting a fault of a key store leads to, and what to do.</summary>
internal static class HsmFaults
{
    /// <summary>The fault as a line for the operator.</summary>
    /// <param name="e">What the key store said.</param>
    /// <param name="isRoot">Whether it is about the root's token.</param>
    public static OperatorFaultException Of(HsmException e, bool isRoot)
    {
        var token = isRoot ? "Hsm:RootToken" : "Hsm:Token";
        var pinFile = isRoot ? "Hsm:RootPinFile" : "Hsm:PinFile";
        var (key, remedy) = e.Fault switch
        {
            HsmFault.ModuleMissing => ("Hsm:Module", "install it (SoftHSM2 on Debian: apt-get install softhsm2) or give the path of another module"),
            HsmFault.ModuleUnusable => ("Hsm:Module", "give the path of a PKCS#11 library that works on this machine"),
            HsmFault.TokenMissing => (token, "give the label of a token that the module has, attach that token, or restore it from a backup"),
            HsmFault.TokenAmbiguous => (token, "give the label of one token alone"),
            HsmFault.TokenUnusable => (token, "see to the token with its vendor's tools, or lower Hsm:Sessions if it allows too few"),
            HsmFault.PinMissing => (pinFile, "restore the file, or give the path of the file with the token's PIN"),
            HsmFault.PinUnsafe => (pinFile, "then start again"),
            HsmFault.PinUnusable => (pinFile, "write the PIN into it as one line of text"),
            HsmFault.PinIncorrect => (pinFile, "write the right PIN into that file"),
            HsmFault.PinLocked => (pinFile, "have the security officer set the PIN anew"),
            HsmFault.KeyMissing => (token, "restore the token from a backup, or give the label of the token that has the key"),
            HsmFault.KeyExists => (token, "use a token without that key"),
            HsmFault.KeyUnusable => (token, "use a token whose key is sensitive, not extractable and may sign"),
            HsmFault.StorageUnusable => ("Data:Directory", "make it writable for this user"),
            HsmFault.Unavailable => ("Hsm:Module", "see that the token is attached and its service runs, then start again"),
        };
        return new OperatorFaultException(key, $"{e.Message.TrimEnd('.')}; {remedy}", e);
    }
}
