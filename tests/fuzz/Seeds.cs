using System.Buffers.Text;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Text;
using CaServer.Domain;
using CaServer.Pki.X509;
using CaServer.TestKit.Acme;
using CaServer.TestKit.Tls;

namespace CaServer.Fuzz;

/// <summary>First inputs for every target: what an honest client or server sends, which the fuzzer then spoils.</summary>
internal static class Seeds
{
    private static readonly string[] s_algorithms = ["ES256", "ES384", "ES512", "RS256", "EdDSA"];

    /// <summary>Writes them below a folder, one folder for each target.</summary>
    internal static void Write(string folder)
    {
        foreach (var (target, inputs) in All())
        {
            var place = Directory.CreateDirectory(Path.Combine(folder, target)).FullName;
            foreach (var (name, octets) in inputs)
                File.WriteAllBytes(Path.Combine(place, name), octets);
        }
    }

    private static Dictionary<string, Dictionary<string, byte[]>> All() => new()
    {
        ["jws"] = Jws(),
        ["jwk"] = s_algorithms.ToDictionary(a => a, a => Utf8(TestAccountKey.Create(a).Jwk)),
        ["base64url"] = new() { ["text"] = "YW55LW9jdGV0cw"u8.ToArray(), ["whole"] = "-_-_"u8.ToArray() },
        ["account"] = Accounts(),
        ["order"] = Orders(),
        ["new-authz"] = Authorizations(),
        ["finalize"] = new() { ["csr"] = Csr(), ["payload"] = Utf8($$"""{"csr":"{{Base64Url.EncodeToString(Csr())}}"}""") },
        ["revoke"] = new() { ["leaf"] = Leaf(), ["payload"] = Utf8($$"""{"certificate":"{{Base64Url.EncodeToString(Leaf())}}","reason":4}""") },
        ["key-change"] = KeyChanges(),
        ["csr"] = SigningRequests(),
        ["lint"] = Signed(),
        ["ocsp"] = Ocsp(),
        ["ocsp-path"] = Ocsp().ToDictionary(o => o.Key, o => Utf8(Uri.EscapeDataString(Convert.ToBase64String(o.Value)))),
        ["challenge-certificate"] = ChallengeCertificates(),
        ["validation-answer"] = Answers(),
    };

    private static Dictionary<string, byte[]> Jws() => new()
    {
        ["kid"] = Utf8(Requests.Key.Jws(AcmeSession.Header(Requests.Key, Requests.Urls.NewOrder, "bm9uY2U", Requests.AccountUrl), "{}")),
        ["jwk"] = Utf8(Requests.Key.Jws(AcmeSession.Header(Requests.Key, Requests.Urls.NewAccount, "bm9uY2U", null), "{}")),
        ["header-kid"] = Utf8(AcmeSession.Header(Requests.Key, Requests.Urls.NewOrder, "bm9uY2U", Requests.AccountUrl)),
        ["header-jwk"] = Utf8(AcmeSession.Header(Requests.Key, Requests.Urls.NewAccount, "bm9uY2U", null)),
        ["header-extended"] = Utf8("""{"alg":"RS256","crit":["b64"],"b64":false,"url":"https://ca.example/","kid":"k","jwk":{}}"""),
        ["general"] = Utf8("""{"payload":"e30","signatures":[{"protected":"e30","header":{"kid":"k"},"signature":"AA"}]}"""),
    };

    private static Dictionary<string, byte[]> Accounts()
    {
        var binding = new TestBinding("k1", new byte[32]);
        var url = Requests.Urls.NewAccount;
        return new()
        {
            ["new"] = Utf8("""{"contact":["mailto:admin@example.org","mailto:x@xn--bcher-kva.example"],"termsOfServiceAgreed":true}"""),
            ["existing"] = Utf8("""{"onlyReturnExisting":true}"""),
            ["deactivated"] = Utf8("""{"status":"deactivated"}"""),
            ["bound"] = Utf8($$"""{"termsOfServiceAgreed":true,"externalAccountBinding":{{binding.Jws(Requests.Key, url)}}}"""),
            ["bound-512"] = Utf8($$"""{"externalAccountBinding":{{binding.Jws(Requests.Key, url, "HS512")}}}"""),
        };
    }

    private static Dictionary<string, byte[]> Orders() => new()
    {
        ["names"] = Utf8("""{"identifiers":[{"type":"dns","value":"www.example.com"},{"type":"dns","value":"*.Example.com"},{"type":"dns","value":"xn--bcher-kva.example"}]}"""),
        ["addresses"] = Utf8("""{"identifiers":[{"type":"ip","value":"192.0.2.1"},{"type":"ip","value":"2001:db8::1"}]}"""),
        ["members"] = Utf8("""{"identifiers":[{"type":"dns","value":"a.example.com"}],"profile":"dv","replaces":"AQIDBA.UFESExQVFhcYGRobHB0eHw","notBefore":"2027-01-31T12:00:00Z","notAfter":"2027-02-01T12:00:00.5+01:00"}"""),
        ["ancestor"] = Utf8("""{"identifiers":[{"type":"dns","value":"www.example.com","ancestorDomain":"example.com"}]}"""),
        ["identifier"] = "AQIDBA.UFESExQVFhcYGRobHB0eHw"u8.ToArray(),
    };

    private static Dictionary<string, byte[]> Authorizations() => new()
    {
        ["name"] = Utf8("""{"identifier":{"type":"dns","value":"www.example.com"}}"""),
        ["address"] = Utf8("""{"identifier":{"type":"ip","value":"2001:db8::1"},"subdomainAuthAllowed":true}"""),
        ["domain"] = Utf8("""{"identifier":{"type":"dns","value":"Example.com"},"subdomainAuthAllowed":true}"""),
        ["domain-draft"] = Utf8("""{"identifier":{"type":"dns","value":"xn--bcher-kva.example","subdomainAuthAllowed":true},"subdomainAuthAllowed":false}"""),
        ["suffix"] = Utf8("""{"identifier":{"type":"dns","value":"co.uk"},"subdomainAuthAllowed":true}"""),
        ["wildcard"] = Utf8("""{"identifier":{"type":"dns","value":"*.example.com"},"subdomainAuthAllowed":true}"""),
        ["with-ancestor"] = Utf8("""{"identifier":{"type":"dns","value":"a.example.com","ancestorDomain":"example.com","subdomainAuthAllowed":true}}"""),
        ["order"] = Utf8("""{"identifiers":[{"type":"dns","value":"a.b.example.com","ancestorDomain":"Example.com"},{"type":"dns","value":"*.b.example.com","ancestorDomain":"b.example.com"}]}"""),
        ["order-mixed"] = Utf8("""{"identifiers":[{"type":"dns","value":"www.example.co.uk","ancestorDomain":"co.uk"},{"type":"dns","value":"example.com"},{"type":"ip","value":"192.0.2.1"}]}"""),
        ["order-not-below"] = Utf8("""{"identifiers":[{"type":"dns","value":"a.example.org","ancestorDomain":"example.com"}]}"""),
    };

    private static Dictionary<string, byte[]> KeyChanges()
    {
        var payload = $$"""{"account":"{{Requests.AccountUrl}}","oldKey":{{Requests.Key.Jwk}}}""";
        var header = $$"""{"alg":"ES256","jwk":{{Requests.NextKey.Jwk}},"url":"{{Requests.Urls.KeyChange}}"}""";
        return new() { ["payload"] = Utf8(payload), ["inner"] = Utf8(Requests.NextKey.Jws(header, payload)) };
    }

    private static Dictionary<string, byte[]> SigningRequests()
    {
        using var rsa = RSA.Create(2048);
        using var p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        return new()
        {
            ["names"] = Csr(),
            ["p384"] = Base64Url.DecodeFromChars(TestCsr.For(p384, "*.example.com", "2001:db8::1")),
            ["rsa"] = Base64Url.DecodeFromChars(TestCsr.For(rsa, "www.example.com")),
            ["key-p256"] = Requests.FixedKey("certificate").ExportSubjectPublicKeyInfo(),
            ["key-rsa"] = rsa.ExportSubjectPublicKeyInfo(),
        };
    }

    private static Dictionary<string, byte[]> Signed() => new()
    {
        ["leaf"] = Leaf(),
        ["root"] = FixedCa.Certificate.Der.ToArray(),
        ["responder"] = FixedCa.Sign(ResponderCertificate.EncodeTbs(
            new ResponderContents
            {
                Subject = new CaSubject("CN", "Example Trust", "Example Issuing I1 OCSP"),
                Key = FixedCa.KeyOf(Requests.FixedKey("responder")),
                Serial = FixedCa.Serial,
                NotBefore = FixedCa.Now.AddHours(-1),
                NotAfter = FixedCa.Now.AddHours(-1).AddDays(30).AddSeconds(-1),
            },
            FixedCa.Certificate,
            FixedCa.Certificate.SignatureAlgorithm.Der.Span)),
        ["crl"] = FixedCa.Sign(RevocationList.EncodeTbs(
            new RevocationListContents
            {
                Number = 7,
                ThisUpdate = FixedCa.Now,
                NextUpdate = FixedCa.Now.AddDays(7),
                DistributionPoint = "http://status.example/crl/issuing/0.crl",
                Entries = [RevocationList.EncodeEntry(FixedCa.Serial, FixedCa.Now, RevocationReason.Superseded)],
            },
            FixedCa.Certificate,
            FixedCa.Certificate.SignatureAlgorithm.Der.Span)),
        ["response"] = OcspResponse.Encode(
            OcspResponse.EncodeTbs(
                [
                    new OcspSingle
                    {
                        CertId = new OcspIssuer(FixedCa.Certificate).EncodeCertId(OcspHash.Sha1, FixedCa.Serial),
                        Status = OcspStatus.Revoked,
                        RevokedAt = FixedCa.Now,
                        Reason = RevocationReason.KeyCompromise,
                        ThisUpdate = FixedCa.Now,
                        NextUpdate = FixedCa.Now.AddDays(4),
                    },
                ],
                OcspIssuer.KeyHash(FixedCa.Certificate.PublicKey),
                FixedCa.Now,
                new byte[32]),
            SignatureAlgorithm.OfIssuer(KeyKind.P256).Der.Span,
            new byte[70],
            FixedCa.Certificate.Der.Span),
    };

    private static Dictionary<string, byte[]> Ocsp()
    {
        var issuer = new OcspIssuer(FixedCa.Certificate);
        var (sha1, sha256) = (issuer.EncodeCertId(OcspHash.Sha1, FixedCa.Serial), issuer.EncodeCertId(OcspHash.Sha256, FixedCa.Serial));
        return new()
        {
            ["sha1"] = OcspRequestOf(null, sha1),
            ["sha256"] = OcspRequestOf(null, sha256),
            ["two-nonce"] = OcspRequestOf(new byte[32], sha1, sha256),
        };
    }

    private static byte[] OcspRequestOf(byte[]? nonce, params byte[][] ids)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            {
                foreach (var id in ids)
                {
                    using (writer.PushSequence())
                        writer.WriteEncodedValue(id);
                }
            }
            if (nonce is not null)
                WriteNonce(writer, nonce);
        }
        return writer.Encode();
    }

    private static void WriteNonce(AsnWriter writer, byte[] nonce)
    {
        using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 2)))
        using (writer.PushSequence())
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier("1.3.6.1.5.5.7.48.1.2");
            using (writer.PushOctetString())
                writer.WriteOctetString(nonce);
        }
    }

    private static Dictionary<string, byte[]> ChallengeCertificates()
    {
        using var rsa = RSA.Create(2048);
        var right = ChallengeCertificate.For("www.example.com", ValidationTargets.KeyAuthorization);
        return new()
        {
            ["ec"] = right.Create().RawData,
            ["rsa"] = (right with { RsaKey = rsa, Names = ["192.0.2.1"] }).Create().RawData,
            ["digest"] = ChallengeCertificate.Octets(new byte[32]),
        };
    }

    private static Dictionary<string, byte[]> Answers() => new()
    {
        ["key-authorization"] = Utf8(ValidationTargets.KeyAuthorization),
        ["redirect"] = "https://other.example:443/path?query#fragment"u8.ToArray(),
        ["redirect-relative"] = "//user@[2001:db8::1]:8080/../x"u8.ToArray(),
        ["dns-01"] = Utf8(Dns01.RecordValue(ValidationTargets.KeyAuthorization)),
        ["dns-persist-01"] = Utf8($"ca.example; accounturi={Requests.AccountUrl}; policy=wildcard; persistUntil=1800000000\nother.example; x=y"),
        ["page"] = "<html>404</html>"u8.ToArray(),
    };

    private static byte[] Csr() => Base64Url.DecodeFromChars(TestCsr.For(Requests.FixedKey("certificate"), "www.example.com", "192.0.2.1"));

    private static byte[] Leaf()
    {
        var profile = new CertificateProfile("dv", CertificateProfileOptions.Dv(), PolicyPreset.WebPki);
        var period = profile.PeriodAt(FixedCa.Now, FixedCa.Certificate);
        var contents = new LeafContents
        {
            Profile = profile,
            Key = FixedCa.KeyOf(Requests.FixedKey("certificate")),
            Names = [Identifier.Dns("www.example.com"), Identifier.Dns("*.example.com")],
            Serial = FixedCa.Serial,
            NotBefore = period.NotBefore,
            NotAfter = period.NotAfter,
            CaIssuersUrl = "http://status.example/ca/issuing.der",
            CrlUrl = "http://status.example/crl/issuing/0.crl",
        };
        return FixedCa.Sign(LeafCertificate.EncodeTbs(contents, FixedCa.Certificate, FixedCa.Certificate.SignatureAlgorithm.Der.Span));
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
