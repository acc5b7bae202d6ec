namespace CaServer.Pki.X509;

/// <summary>What the configuration says about a profile (<c>Profiles:NAME:…</c>); <see cref="CertificateProfile"/> is what is used.</summary>
public sealed class CertificateProfileOptions
{
    /// <summary>How long a certificate is valid, from the first second to the last.</summary>
    public TimeSpan Validity { get; set; } = TimeSpan.FromDays(90);

    /// <summary>How long before signing a certificate's validity begins, for clients whose clock is slow.</summary>
    public TimeSpan Backdate { get; set; } = TimeSpan.FromHours(1);

    /// <summary>The kinds of keys that are certified; empty means all.</summary>
    // Empty, since the configuration binder adds to a list of defaults where it should replace it.
    public IList<KeyKind> KeyTypes { get; } = [];

    /// <summary>Least bits of an RSA key.</summary>
    public int MinRsaBits { get; set; } = 2048;

    /// <summary>Most bits of an RSA key.</summary>
    public int MaxRsaBits { get; set; } = 4096;

    /// <summary>Whether the first name that is short enough is also the subject's common name (BR §7.1.4.3 advises against it).</summary>
    public bool CommonName { get; set; }

    /// <summary>The certificate policy, a dotted OID: domain validated unless a private CA says otherwise.</summary>
    public string PolicyOid { get; set; } = Oids.DomainValidated;

    /// <summary>Whether only accounts that are bound to an account elsewhere may order it (RFC 8555 §7.3.4).</summary>
    public bool ExternalAccountRequired { get; set; }

    /// <summary>The profile <c>dv</c>: 90 days.</summary>
    public static CertificateProfileOptions Dv() => new();

    /// <summary>The profile <c>shortlived</c>: 160 hours, a short-lived certificate of BR §1.6.1.</summary>
    public static CertificateProfileOptions ShortLived() => new() { Validity = TimeSpan.FromHours(160) };
}
