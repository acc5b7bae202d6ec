using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using System.Net;
using System.Numerics;
using CaServer.Domain;

namespace CaServer.Pki.X509;

/// <summary>
/// A PKCS#10 certification request (RFC 2986) as RFC 8555 §7.4 uses it: a key, proof that the sender has its private half, and
/// names. Everything else that it asks for, such as other extensions (TLS feature among them) and other parts of the subject,
/// is ignored: the profile decides what is in a certificate.
/// </summary>
public sealed class CertificateSigningRequest
{
    /// <summary>Longest request that is read, in octets: some hundred long names and an RSA key fit.</summary>
    public const int MaxLength = 32 * 1024;

    /// <summary>Most names that are read.</summary>
    public const int MaxNames = 1000;

    private const int MaxAttributes = 32;
    private const int MaxExtensions = 64;
    private const int MaxSubjectAttributes = 64;

    // One order shows its CSR several times: to the front end, and to a signing core in the same process. Of the largest requests
    // these are some ten mebibytes.
    private const int Remembered = 128;

    private static readonly Asn1Tag s_attributes = Asn1Tags.Context(0);
    private static readonly VerdictCache<CertificateSigningRequest> s_good = new(Remembered);

    private CertificateSigningRequest(SubjectPublicKey publicKey, IReadOnlyList<Identifier> names)
    {
        PublicKey = publicKey;
        Names = names;
    }

    /// <summary>The key, whose private half made the request's signature. <see cref="KeyChecks"/> has not been asked.</summary>
    public SubjectPublicKey PublicKey { get; }

    /// <summary>
    /// The names asked for, canonical and distinct: those of the subjectAltName in their order, then common names that are not
    /// among them (RFC 8555 §7.4).
    /// </summary>
    public IReadOnlyList<Identifier> Names { get; }

    /// <summary>
    /// Reads a request and checks its signature. That takes importing a key and a verification, so good requests are remembered
    /// for a while by their SHA-256: the answer to the same octets is the same, whoever asks.
    /// </summary>
    /// <param name="der">The DER encoding, with nothing after it.</param>
    /// <param name="csr">The request.</param>
    /// <param name="fault">Otherwise one sentence for the subscriber.</param>
    public static bool TryParse(
        ReadOnlyMemory<byte> der, [NotNullWhen(true)] out CertificateSigningRequest? csr, [NotNullWhen(false)] out string? fault)
    {
        try
        {
            csr = Read(der);
            fault = null;
            return true;
        }
        catch (FormatException e)
        {
            fault = e.Message;
        }
        catch (AsnContentException)
        {
            fault = "The CSR is not a DER certification request (RFC 2986).";
        }
        csr = null;
        return false;
    }

    private static CertificateSigningRequest Read(ReadOnlyMemory<byte> der)
    {
        if (der.Length > MaxLength)
            throw new FormatException($"The CSR is longer than {MaxLength} octets.");
        var digest = Sha256Digest.Of(der.Span);
        if (s_good.Find(digest) is { } known)
            return known;
        var csr = Parse(der);
        s_good.Remember(digest, csr);
        return csr;
    }

    private static CertificateSigningRequest Parse(ReadOnlyMemory<byte> der)
    {
        if (!SignedObject.TrySplit(der, out var parts))
            throw new AsnContentException();

        var outer = new AsnReader(parts.ToBeSigned, AsnEncodingRules.DER);
        var info = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        if (info.ReadInteger() != BigInteger.Zero)
            throw new FormatException("The CSR has a version other than 1 (RFC 2986 §4.1).");
        var names = new NameSet();
        var commonNames = ReadCommonNames(info.ReadSequence());
        var spki = info.ReadEncodedValue();
        if (info.HasData)
            ReadAttributes(info.ReadSetOf(skipSortOrderValidation: true, s_attributes), names);
        info.ThrowIfNotEmpty();
        foreach (var commonName in commonNames)
            names.AddCommonName(commonName);
        if (names.Count == 0)
            throw new FormatException("The CSR has no names; put them in a subjectAltName extension.");

        if (!SubjectPublicKey.TryRead(spki, out var key, out var fault))
            throw new FormatException(fault);
        // Last, as it costs the most. Unlike an issuer a subscriber may pair any curve with any of these hashes.
        var algorithm = SignatureAlgorithm.Find(parts.AlgorithmIdentifier.Span)
            ?? throw new FormatException("The CSR's signature algorithm is not supported; use SHA-256, SHA-384 or SHA-512 with ECDSA or RSA.");
        if (!key.Verifies(parts.ToBeSigned.Span, algorithm, parts.Signature.Span))
            throw new FormatException("The CSR's signature does not verify with its own public key.");
        return new CertificateSigningRequest(key, names.ToArray());
    }

    private static List<string> ReadCommonNames(AsnReader subject)
    {
        var found = new List<string>();
        for (var count = 0; subject.HasData; count++)
        {
            if (count >= MaxSubjectAttributes)
                throw new FormatException($"The CSR's subject has more than {MaxSubjectAttributes} parts.");
            var rdn = subject.ReadSetOf(skipSortOrderValidation: true);
            for (var inner = 0; rdn.HasData; inner++)
            {
                if (inner >= MaxSubjectAttributes)
                    throw new FormatException($"The CSR's subject has more than {MaxSubjectAttributes} parts.");
                var attribute = rdn.ReadSequence();
                if (attribute.ReadObjectIdentifier() == Oids.CommonName)
                    found.Add(ReadDirectoryString(attribute));
            }
        }
        return found;
    }

    // X.520 DirectoryString, and IA5String, which some clients use.
    private static string ReadDirectoryString(AsnReader attribute)
    {
        var tag = attribute.PeekTag();
        var type = (UniversalTagNumber)tag.TagValue;
        if (tag.TagClass != TagClass.Universal || type is not (UniversalTagNumber.UTF8String or UniversalTagNumber.PrintableString
            or UniversalTagNumber.IA5String or UniversalTagNumber.T61String or UniversalTagNumber.BMPString))
            throw new FormatException("The CSR's common name is not a text.");
        return attribute.ReadCharacterString(type);
    }

    private static void ReadAttributes(AsnReader attributes, NameSet names)
    {
        var hasRequest = false;
        for (var count = 0; attributes.HasData; count++)
        {
            if (count >= MaxAttributes)
                throw new FormatException($"The CSR has more than {MaxAttributes} attributes.");
            var attribute = attributes.ReadSequence();
            if (attribute.ReadObjectIdentifier() != Oids.ExtensionRequest)
                continue;
            if (hasRequest)
                throw new FormatException("The CSR has more than one extensionRequest attribute.");
            hasRequest = true;
            var values = attribute.ReadSetOf(skipSortOrderValidation: true);
            ReadExtensions(values.ReadSequence(), names);
            values.ThrowIfNotEmpty();
            attribute.ThrowIfNotEmpty();
        }
    }

    private static void ReadExtensions(AsnReader extensions, NameSet names)
    {
        var hasNames = false;
        for (var count = 0; extensions.HasData; count++)
        {
            if (count >= MaxExtensions)
                throw new FormatException($"The CSR asks for more than {MaxExtensions} extensions.");
            var extension = extensions.ReadSequence();
            if (extension.ReadObjectIdentifier() != Oids.SubjectAltName)
                continue;
            if (hasNames)
                throw new FormatException("The CSR has more than one subjectAltName.");
            hasNames = true;
            if (extension.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean))
                extension.ReadBoolean();
            var value = new AsnReader(extension.ReadOctetString(), AsnEncodingRules.DER);
            extension.ThrowIfNotEmpty();
            ReadNames(value.ReadSequence(), names);
            value.ThrowIfNotEmpty();
        }
    }

    private static void ReadNames(AsnReader generalNames, NameSet names)
    {
        for (var count = 0; generalNames.HasData; count++)
        {
            if (count >= MaxNames)
                throw new FormatException($"The CSR has more than {MaxNames} names.");
            var tag = generalNames.PeekTag();
            if (tag.HasSameClassAndValue(ExtensionWriter.DnsName))
                names.Add(IdentifierType.Dns, generalNames.ReadCharacterString(UniversalTagNumber.IA5String, ExtensionWriter.DnsName));
            else if (tag.HasSameClassAndValue(ExtensionWriter.IpAddress))
                names.Add(IdentifierType.Ip, ReadAddress(generalNames));
            else
                throw new FormatException("The CSR's subjectAltName has an entry that is neither a DNS name nor an IP address.");
        }
    }

    private static string ReadAddress(AsnReader generalNames)
    {
        var octets = generalNames.ReadOctetString(ExtensionWriter.IpAddress);
        return octets.Length is 4 or 16
            ? new IPAddress(octets).ToString()
            : throw new FormatException("The CSR's subjectAltName has an IP address that is neither 4 nor 16 octets long.");
    }

    private sealed class NameSet
    {
        private readonly List<Identifier> _names = [];
        private readonly HashSet<Identifier> _seen = [];

        internal int Count => _names.Count;

        internal void Add(IdentifierType type, string text)
        {
            if (!Identifier.TryParse(type, text, out var name, out var fault))
                throw new FormatException($"The CSR's name '{Shown(text)}' {fault}.");
            if (_seen.Add(name))
                _names.Add(name);
        }

        // RFC 8555 §7.4: the CSR indicates exactly the order's identifiers, also in the common name. One that is no name at
        // all would have to be dropped, and the subscriber would wonder where it went.
        internal void AddCommonName(string text)
        {
            if (!Identifier.TryParse(IdentifierType.Ip, text, out var name, out _)
                && !Identifier.TryParse(IdentifierType.Dns, text, out name, out _))
                throw new FormatException($"The CSR's common name '{Shown(text)}' is neither a DNS name nor an IP address; leave it out.");
            if (_seen.Add(name))
                _names.Add(name);
        }

        internal Identifier[] ToArray() => [.. _names];

        private static string Shown(string text)
        {
            var shown = text.Length <= Identifier.MaxNameLength ? text : text[..Identifier.MaxNameLength] + "…";
            return string.Create(shown.Length, shown, static (span, source) =>
            {
                for (var i = 0; i < span.Length; i++)
                    span[i] = char.IsControl(source[i]) ? '?' : source[i];
            });
        }
    }
}
