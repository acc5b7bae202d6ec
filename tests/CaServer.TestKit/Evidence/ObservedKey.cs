using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CaServer.TestKit.Evidence;

/// <summary>A CA key that remembers what it signed and that a test can let misbehave like a broken token.</summary>
public sealed class ObservedKey(X509SignatureGenerator key) : X509SignatureGenerator
{
    private readonly Lock _lock = new();
    private readonly List<byte[]> _signed = [];

    /// <summary>Everything it was asked to sign.</summary>
    public IReadOnlyList<byte[]> SignedData => _signed;

    /// <summary>Changes a signature on its way out, or throws.</summary>
    public Func<byte[], byte[]>? Fault { get; set; }

    public override byte[] GetSignatureAlgorithmIdentifier(HashAlgorithmName hashAlgorithm) => key.GetSignatureAlgorithmIdentifier(hashAlgorithm);

    public override byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm)
    {
        lock (_lock)
            _signed.Add([.. data]);
        var signature = key.SignData(data, hashAlgorithm);
        return Fault is null ? signature : Fault(signature);
    }

    protected override PublicKey BuildPublicKey() => key.PublicKey;
}
