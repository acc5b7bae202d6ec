using System.Text.Json.Serialization;

namespace CaServer.Pki.X509;

/// <summary>The kinds of keys that may be certified or sign certificates (BR §6.1.5).</summary>
public enum KeyKind
{
    /// <summary>RSA.</summary>
    [JsonStringEnumMemberName("rsa")] Rsa,

    /// <summary>ECDSA on NIST P-256.</summary>
    [JsonStringEnumMemberName("p256")] P256,

    /// <summary>ECDSA on NIST P-384.</summary>
    [JsonStringEnumMemberName("p384")] P384,

    /// <summary>ECDSA on NIST P-521.</summary>
    [JsonStringEnumMemberName("p521")] P521,
}
