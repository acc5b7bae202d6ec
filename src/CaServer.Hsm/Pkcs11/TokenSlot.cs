using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.HighLevelAPI;

namespace CaServer.Hsm.Pkcs11;

/// <summary>Slots are found by the label of their token: slot numbers change from start to start.</summary>
internal static class TokenSlot
{
    private const int LabelsInAMessage = 8;

    /// <summary>The slot of the one token with this label, or null.</summary>
    public static (ISlot Slot, ITokenInfo Info)? TryFind(Pkcs11Module module, string label)
    {
        var found = Tokens(module).Where(token => token.Info.TokenFlags.TokenInitialized && token.Info.Label == label).Take(2).ToList();
        return found.Count switch
        {
            0 => null,
            1 => found[0],
            _ => throw new HsmException(HsmFault.TokenAmbiguous, $"More than one token of {module.Path} is labelled '{label}'."),
        };
    }

    /// <summary>The slot of the one token with this label; the exception names the labels there are.</summary>
    public static (ISlot Slot, ITokenInfo Info) Find(Pkcs11Module module, string label)
    {
        if (TryFind(module, label) is { } found)
            return found;
        var others = Tokens(module).Where(token => token.Info.TokenFlags.TokenInitialized).Take(LabelsInAMessage).Select(token => $"'{token.Info.Label}'").ToList();
        var seen = others.Count == 0 ? "it has no token" : "it has " + string.Join(", ", others);
        throw new HsmException(HsmFault.TokenMissing, $"No token of {module.Path} is labelled '{label}'; {seen}.");
    }

    /// <summary>A slot with a token that nobody has initialised, or null.</summary>
    public static ISlot? FindBlank(Pkcs11Module module) =>
        Tokens(module).FirstOrDefault(token => !token.Info.TokenFlags.TokenInitialized).Slot;

    private static IEnumerable<(ISlot Slot, ITokenInfo Info)> Tokens(Pkcs11Module module)
    {
        foreach (var slot in module.Library.GetSlotList(SlotsType.WithTokenPresent))
        {
            ITokenInfo info;
            try
            {
                info = slot.GetTokenInfo();
            }
            catch (Pkcs11Exception)
            {
                continue; // A token that cannot be read must not keep us from the others.
            }
            yield return (slot, info);
        }
    }
}
