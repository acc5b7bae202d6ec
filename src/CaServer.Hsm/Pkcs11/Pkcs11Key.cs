using System.Security.Cryptography;

namespace CaServer.Hsm.Pkcs11;

/// <summary>A key in a token. It survives the loss of the token: its handle belongs to the connection, not to it.</summary>
internal sealed class Pkcs11Key(Pkcs11Token token, TokenKey found) : CaKey(found.Label, found.Kind, found.SubjectPublicKeyInfo)
{
    /// <summary>Label of the token, for messages.</summary>
    public string Token => token.Label;

    internal override byte[] SignHash(ReadOnlySpan<byte> hash, HashAlgorithmName name)
    {
        var signature = token.Sign(this, SignatureInput.Of(Kind, hash, name));
        return Kind.IsRsa() ? signature : EcdsaSignature.ToDer(signature);
    }

    protected override void Dispose(bool disposing) => token.Forget(this);
}
