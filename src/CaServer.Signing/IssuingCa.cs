using CaServer.Pki.X509;

namespace CaServer.Signing;

/// <summary>An issuing CA: its certificate and the key that goes with it.</summary>
public sealed class IssuingCa
{
    private readonly Lazy<SigningKey> _lintKey;

    /// <summary>Joins a certificate and its key.</summary>
    /// <param name="name">The name by which URLs and records know the issuer: lower-case letters, digits and hyphens.</param>
    /// <param name="certificate">Its certificate.</param>
    /// <param name="key">Its key.</param>
    /// <exception cref="ArgumentException">The name cannot stand in a URL, or the key is not the one in the certificate.</exception>
    public IssuingCa(string name, IssuerCertificate certificate, SigningKey key)
    {
        if (name.Length is 0 or > 64 || !name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))
            throw new ArgumentException("An issuer's name consists of 1 to 64 lower-case letters, digits and hyphens.", nameof(name));
        if (!certificate.PublicKey.IsSameAs(key.PublicKey))
            throw new ArgumentException($"The key of the issuer '{name}' is not the one in its certificate.", nameof(key));
        Name = name;
        Certificate = certificate;
        Key = key;
        // Making an RSA key takes up to a second, which a start need not wait for.
        _lintKey = new Lazy<SigningKey>(key.NewThrowAway);
    }

    /// <summary>The issuer's name in URLs and records.</summary>
    public string Name { get; }

    /// <summary>The issuer's certificate.</summary>
    public IssuerCertificate Certificate { get; }

    internal SigningKey Key { get; }

    /// <summary>The throw-away key whose signatures the linter reads.</summary>
    internal SigningKey LintKey => _lintKey.Value;
}
