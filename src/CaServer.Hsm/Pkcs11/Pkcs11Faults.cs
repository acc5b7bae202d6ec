using Net.Pkcs11Interop.Common;

namespace CaServer.Hsm.Pkcs11;

/// <summary>What the return codes of a token mean for us (PKCS#11 v2.40 §5.1).</summary>
internal static class Pkcs11Faults
{
    /// <summary>
    /// Whether the code blames what was asked. Every other code may come from a lost session, login or token and is cured, if at
    /// all, by connecting anew; what a given event returns differs from module to module.
    /// </summary>
    public static bool BlamesTheRequest(CKR code) => code is
        CKR.CKR_DATA_INVALID or CKR.CKR_DATA_LEN_RANGE
        or CKR.CKR_MECHANISM_INVALID or CKR.CKR_MECHANISM_PARAM_INVALID or CKR.CKR_FUNCTION_NOT_SUPPORTED
        or CKR.CKR_KEY_TYPE_INCONSISTENT or CKR.CKR_KEY_FUNCTION_NOT_PERMITTED or CKR.CKR_KEY_SIZE_RANGE
        or CKR.CKR_TEMPLATE_INCOMPLETE or CKR.CKR_TEMPLATE_INCONSISTENT
        or CKR.CKR_ATTRIBUTE_READ_ONLY or CKR.CKR_ATTRIBUTE_TYPE_INVALID or CKR.CKR_ATTRIBUTE_VALUE_INVALID
        or CKR.CKR_CURVE_NOT_SUPPORTED or CKR.CKR_DOMAIN_PARAMS_INVALID or CKR.CKR_TOKEN_WRITE_PROTECTED;

    /// <summary>The fault of opening or using a token.</summary>
    public static HsmException Of(Pkcs11Exception e, string token) => e.RV switch
    {
        CKR.CKR_PIN_INCORRECT or CKR.CKR_PIN_INVALID or CKR.CKR_PIN_LEN_RANGE => new HsmException(
            HsmFault.PinIncorrect, $"The token '{token}' refused the PIN ({e.RV}); it is not tried again, because many tokens lock after three tries.", e),
        CKR.CKR_PIN_LOCKED => new HsmException(
            HsmFault.PinLocked, $"The PIN of the token '{token}' is locked; the security officer must set it anew.", e),
        CKR.CKR_PIN_EXPIRED => new HsmException(
            HsmFault.PinLocked, $"The PIN of the token '{token}' has expired; the security officer must set it anew.", e),
        CKR.CKR_USER_PIN_NOT_INITIALIZED => new HsmException(
            HsmFault.TokenUnusable, $"The token '{token}' has no user PIN.", e),
        CKR.CKR_SESSION_COUNT => new HsmException(
            HsmFault.TokenUnusable, $"The token '{token}' does not allow so many sessions.", e),
        CKR.CKR_TOKEN_NOT_PRESENT or CKR.CKR_TOKEN_NOT_RECOGNIZED => new HsmException(
            HsmFault.TokenMissing, $"The token '{token}' is not in its slot ({e.RV}).", e),
        var code when BlamesTheRequest(code) => new HsmException(
            HsmFault.KeyUnusable, $"The token '{token}' cannot do what is asked: {e.Method} gave {code}.", e),
        var code => new HsmException(
            HsmFault.Unavailable, $"The token '{token}' does not answer as it should: {e.Method} gave {code}.", e),
    };
}
