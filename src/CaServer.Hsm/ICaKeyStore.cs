namespace CaServer.Hsm;

/// <summary>Where CA keys are made and kept: a PKCS#11 token or encrypted files. May be used by many threads at once.</summary>
public interface ICaKeyStore : IDisposable
{
    /// <summary>
    /// Makes a key and keeps it durably. <see cref="HsmFault.KeyExists"/> when the label is taken: a CA key is never replaced.
    /// </summary>
    CaKey Generate(string label, CaKeyKind kind);

    /// <summary>
    /// The key with this label, or null. <see cref="HsmFault.KeyUnusable"/> when there is more than one, or when the key is not
    /// protected as a CA key must be.
    /// </summary>
    CaKey? Find(string label);
}
