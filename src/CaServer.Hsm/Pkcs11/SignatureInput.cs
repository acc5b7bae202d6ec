using System.Security.Cryptography;

namespace CaServer.Hsm.Pkcs11;

/// <summary>What a token signs: the bare hash with CKM_ECDSA, a DigestInfo with CKM_RSA_PKCS (RFC 8017 §9.2).</summary>
internal static class SignatureInput
{
    private static ReadOnlySpan<byte> Sha256Prefix => [0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20];

    private static ReadOnlySpan<byte> Sha384Prefix => [0x30, 0x41, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02, 0x05, 0x00, 0x04, 0x30];

    private static ReadOnlySpan<byte> Sha512Prefix => [0x30, 0x51, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03, 0x05, 0x00, 0x04, 0x40];

    /// <summary>
    /// The octets to hand to the token. The length of the hash is checked here, because SoftHSM signs anything that it is given.
    /// </summary>
    public static byte[] Of(CaKeyKind kind, ReadOnlySpan<byte> hash, HashAlgorithmName name)
    {
        var prefix = name.Name switch
        {
            "SHA256" => Sha256Prefix,
            "SHA384" => Sha384Prefix,
            "SHA512" => Sha512Prefix,
            _ => throw new ArgumentException($"CA keys do not sign with {name.Name}.", nameof(name)),
        };
        // The last octet of the prefix is the length of the hash that follows.
        if (hash.Length != prefix[^1] || (!kind.IsRsa() && name != kind.Hash()))
            throw new ArgumentException($"A {kind} key does not sign {hash.Length} octets as {name.Name}.", nameof(hash));
        if (!kind.IsRsa())
            return hash.ToArray();
        var input = new byte[prefix.Length + hash.Length];
        prefix.CopyTo(input);
        hash.CopyTo(input.AsSpan(prefix.Length));
        return input;
    }
}
