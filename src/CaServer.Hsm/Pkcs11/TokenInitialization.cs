using System.Text;
using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.HighLevelAPI;

namespace CaServer.Hsm.Pkcs11;

/// <summary>C_InitToken and C_InitPIN; never on a token that somebody has initialised, for that destroys its keys.</summary>
internal static class TokenInitialization
{
    /// <summary>Makes the token, or completes one that lacks only its user PIN. Nobody else may be inside the module.</summary>
    public static void Run(Pkcs11Module module, string label, string soPin, string pin)
    {
        if (TokenSlot.TryFind(module, label) is { } existing)
        {
            if (existing.Info.TokenFlags.UserPinInitialized)
                throw new HsmException(HsmFault.TokenAmbiguous, $"There is a token labelled '{label}' already; it is not overwritten.");
        }
        else
        {
            var blank = TokenSlot.FindBlank(module)
                ?? throw new HsmException(HsmFault.TokenUnusable, $"The module {module.Path} has no blank slot for a new token; make the token with the tools of its vendor.");
            RequireLength(blank.GetTokenInfo(), soPin, pin);
            blank.InitToken(soPin, label);
        }
        SetUserPin(TokenSlot.Find(module, label).Slot, soPin, pin);
    }

    private static void SetUserPin(ISlot slot, string soPin, string pin)
    {
        using var session = slot.OpenSession(SessionType.ReadWrite);
        session.Login(CKU.CKU_SO, soPin);
        try
        {
            session.InitPin(pin);
        }
        finally
        {
            session.Logout();
        }
    }

    private static void RequireLength(ITokenInfo info, params ReadOnlySpan<string> pins)
    {
        foreach (var pin in pins)
        {
            var length = (ulong)Encoding.UTF8.GetByteCount(pin);
            if (length < info.MinPinLen || length > info.MaxPinLen)
                throw new HsmException(HsmFault.PinUnusable, $"The token takes PINs of {info.MinPinLen} to {info.MaxPinLen} octets; this one has {length}.");
        }
    }
}
