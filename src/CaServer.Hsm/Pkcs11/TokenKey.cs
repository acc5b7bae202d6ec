using System.Security.Cryptography;
using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.HighLevelAPI;

namespace CaServer.Hsm.Pkcs11;

/// <summary>A key pair as found in a token; the handle is good for one connection.</summary>
internal sealed record TokenKey(string Label, CaKeyKind Kind, byte[] SubjectPublicKeyInfo, IObjectHandle Handle)
{
    private const int IdLength = 16;

    private static readonly byte[] s_publicExponent = [0x01, 0x00, 0x01];

    /// <summary>
    /// The private key with this label and the public key of the same CKA_ID, or null. A key that could leave the token, is
    /// ambiguous, or cannot sign by itself is refused.
    /// </summary>
    public static TokenKey? Find(ISession session, string label)
    {
        var handles = FindObjects(session, CKO.CKO_PRIVATE_KEY, (CKA.CKA_LABEL, label));
        if (handles.Count == 0)
            return null;
        if (handles.Count > 1)
            throw Unusable(label, $"there are {handles.Count} private keys with this label");
        using var key = AttributeValues.Read(session, handles[0],
            CKA.CKA_ID, CKA.CKA_KEY_TYPE, CKA.CKA_SENSITIVE, CKA.CKA_EXTRACTABLE, CKA.CKA_SIGN, CKA.CKA_ALWAYS_AUTHENTICATE);
        if (key.Bool(CKA.CKA_EXTRACTABLE) != false)
            throw Unusable(label, "it is extractable");
        if (key.Bool(CKA.CKA_SENSITIVE) != true)
            throw Unusable(label, "it is not sensitive");
        if (key.Bool(CKA.CKA_SIGN) != true)
            throw Unusable(label, "it may not sign");
        if (key.Bool(CKA.CKA_ALWAYS_AUTHENTICATE) == true)
            throw Unusable(label, "it wants a PIN for each signature");
        var id = key.Bytes(CKA.CKA_ID) is { Length: > 0 } value ? value : throw Unusable(label, "it has no CKA_ID");
        var publicKeys = FindObjects(session, CKO.CKO_PUBLIC_KEY, (CKA.CKA_ID, id));
        if (publicKeys.Count != 1)
            throw Unusable(label, $"there are {publicKeys.Count} public keys with its CKA_ID, where one is needed");
        var (kind, spki) = key.Number(CKA.CKA_KEY_TYPE) switch
        {
            (ulong)CKK.CKK_EC => TokenPublicKey.ReadEc(session, publicKeys[0], label),
            (ulong)CKK.CKK_RSA => TokenPublicKey.ReadRsa(session, publicKeys[0], label),
            _ => throw Unusable(label, "it is neither an EC nor an RSA key"),
        };
        return new TokenKey(label, kind, spki, handles[0]);
    }

    /// <summary>
    /// Makes a key pair inside the token that can sign and nothing else, and never leaves it. The session must be read-write.
    /// </summary>
    public static void Generate(ISession session, string label, CaKeyKind kind)
    {
        if (FindObjects(session, CKO.CKO_PRIVATE_KEY, (CKA.CKA_LABEL, label)).Count > 0)
            throw new HsmException(HsmFault.KeyExists, $"The token has a key '{label}' already.");
        var id = RandomNumberGenerator.GetBytes(IdLength);
        using var publicTemplate = new AttributeTemplate(session.Factories)
            .Add(CKA.CKA_TOKEN, true)
            .Add(CKA.CKA_PRIVATE, false)
            .Add(CKA.CKA_LABEL, label)
            .Add(CKA.CKA_ID, id)
            .Add(CKA.CKA_VERIFY, true);
        using var privateTemplate = new AttributeTemplate(session.Factories)
            .Add(CKA.CKA_TOKEN, true)
            .Add(CKA.CKA_PRIVATE, true)
            .Add(CKA.CKA_SENSITIVE, true)
            .Add(CKA.CKA_EXTRACTABLE, false)
            .Add(CKA.CKA_LABEL, label)
            .Add(CKA.CKA_ID, id)
            .Add(CKA.CKA_SIGN, true)
            .Add(CKA.CKA_SIGN_RECOVER, false)
            .Add(CKA.CKA_DECRYPT, false)
            .Add(CKA.CKA_UNWRAP, false)
            .Add(CKA.CKA_DERIVE, false);
        if (kind.IsRsa())
        {
            publicTemplate
                .Add(CKA.CKA_ENCRYPT, false)
                .Add(CKA.CKA_WRAP, false)
                .Add(CKA.CKA_MODULUS_BITS, (ulong)kind.Bits())
                .Add(CKA.CKA_PUBLIC_EXPONENT, s_publicExponent);
        }
        else
        {
            publicTemplate.Add(CKA.CKA_EC_PARAMS, TokenPublicKey.CurveParameters(kind));
        }
        using var mechanism = session.Factories.MechanismFactory.Create(kind.IsRsa() ? CKM.CKM_RSA_PKCS_KEY_PAIR_GEN : CKM.CKM_EC_KEY_PAIR_GEN);
        session.GenerateKeyPair(mechanism, publicTemplate.Attributes, privateTemplate.Attributes, out _, out _);
    }

    /// <summary>A key that the CA does not sign with, and why.</summary>
    internal static HsmException Unusable(string label, string reason) =>
        new(HsmFault.KeyUnusable, $"The key '{label}' cannot be used: {reason}.");

    private static List<IObjectHandle> FindObjects<T>(ISession session, CKO objectClass, (CKA Type, T Value) attribute)
    {
        using var template = new AttributeTemplate(session.Factories)
            .Add(CKA.CKA_CLASS, (ulong)objectClass)
            .Add(CKA.CKA_TOKEN, true);
        _ = attribute.Value switch
        {
            string text => template.Add(attribute.Type, text),
            byte[] bytes => template.Add(attribute.Type, bytes),
            _ => throw new ArgumentException("Not a kind of attribute that is searched for.", nameof(attribute)),
        };
        return session.FindAllObjects(template.Attributes);
    }
}
