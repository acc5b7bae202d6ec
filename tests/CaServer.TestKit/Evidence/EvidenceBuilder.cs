using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using CaServer.Domain;
using CaServer.TestKit.Acme;

namespace CaServer.TestKit.Evidence;

/// <summary>
/// Makes evidence as an honest client, an honest front end and honest perspectives would, except for what a test changes. Each
/// method changes one thing and leaves everything else good, signatures included.
/// </summary>
public sealed class EvidenceBuilder(SigningWorld world)
{
    public const long AccountRow = 7;
    public const long OrderRow = 42;

    private readonly List<Func<TestAccountKey, string>> _keyChanges = [];
    private readonly List<TestAccountKey> _keys = [TestAccountKey.Create()];
    private readonly List<Func<EvidenceBuilder, IEnumerable<string>>> _statements = [];
    private readonly List<Func<EvidenceBuilder, IEnumerable<string>>> _caaStatements = [];
    private string[] _names = ["www.example.net"];
    private string[]? _csrNames;
    private AsymmetricAlgorithm? _csrKey;
    private TestAccountKey? _finalizeSigner;
    private string? _finalizeUrl;
    private string? _finalizeKid;
    private Func<string, string> _finalizePayload = csr => $$"""{"csr":"{{csr}}"}""";
    private string? _newAccount;
    private Func<EvidenceBundle, EvidenceBundle> _bundle = b => b;

    /// <summary>The account's current key.</summary>
    public TestAccountKey Account => _keys[^1];

    /// <summary>The account's URL.</summary>
    public string AccountUrl => world.Urls.Account(new AccountId(AccountRow));

    /// <summary>The order's finalize URL.</summary>
    public string FinalizeUrl => world.Urls.Finalize(new OrderId(OrderRow));

    /// <summary>The CSR's key.</summary>
    public AsymmetricAlgorithm CsrKey => _csrKey ??= ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public EvidenceBuilder For(params string[] names) => Do(() => _names = names);

    public EvidenceBuilder WithAccountKey(TestAccountKey key) => Do(() => _keys[^1] = key);

    public EvidenceBuilder WithCsrFor(params string[] names) => Do(() => _csrNames = names);

    public EvidenceBuilder WithCsrKey(AsymmetricAlgorithm key) => Do(() => _csrKey = key);

    public EvidenceBuilder FinalizedBy(TestAccountKey key) => Do(() => _finalizeSigner = key);

    public EvidenceBuilder FinalizedAt(string url) => Do(() => _finalizeUrl = url);

    public EvidenceBuilder FinalizedAs(string kid) => Do(() => _finalizeKid = kid);

    /// <summary>Sets the finalize payload; the argument is the CSR, base64url.</summary>
    public EvidenceBuilder WithFinalizePayload(Func<string, string> payload) => Do(() => _finalizePayload = payload);

    /// <summary>Sets the first request of the key history.</summary>
    public EvidenceBuilder WithNewAccount(string jws) => Do(() => _newAccount = jws);

    /// <summary>The account changes its key, as RFC 8555 §7.3.5 says.</summary>
    public EvidenceBuilder ChangeKey(TestAccountKey next) => ChangeKey(next, old => KeyChange(old, next));

    /// <summary>The account changes its key by a request of the test's own making; the argument is the key before.</summary>
    public EvidenceBuilder ChangeKey(TestAccountKey next, Func<TestAccountKey, string> request) => Do(() =>
    {
        _keyChanges.Add(request);
        _keys.Add(next);
    });

    /// <summary>Adds a good statement about every name by a perspective. Without any, the first perspective makes them.</summary>
    public EvidenceBuilder StatedBy(string perspective) => StatedBy(perspective, s => s);

    /// <summary>Adds a statement about every name by a perspective; the test changes it before it is signed.</summary>
    public EvidenceBuilder StatedBy(string perspective, Func<ControlStatement, ControlStatement> change) =>
        StatedBy(perspective, change, world.PerspectiveKey(perspective));

    /// <summary>Adds a statement about every name in the name of a perspective, signed by any key.</summary>
    public EvidenceBuilder StatedBy(string perspective, Func<ControlStatement, ControlStatement> change, ECDsa key) =>
        Do(() => _statements.Add(b => b.Subjects().Select(s => SignedControlStatement.Sign(change(b.Statement(perspective, s)), key).Compact)));

    /// <summary>Adds a CAA statement about every name by a perspective; the test changes it before it is signed.</summary>
    public EvidenceBuilder CaaStatedBy(string perspective, Func<CaaStatement, CaaStatement>? change = null, ECDsa? key = null) =>
        Do(() => _caaStatements.Add(b => b._names.Select(n => SignedCaaStatement.Sign(
            (change ?? (s => s))(b.CaaStatement(perspective, Parse(n))), key ?? world.PerspectiveKey(perspective)).Compact)));

    /// <summary>Adds a CAA statement as it is.</summary>
    public EvidenceBuilder CaaStated(string compact) => Do(() => _caaStatements.Add(_ => [compact]));

    /// <summary>Adds a statement as it is.</summary>
    public EvidenceBuilder Stated(string compact) => Do(() => _statements.Add(_ => [compact]));

    /// <summary>Leaves every statement out.</summary>
    public EvidenceBuilder Unstated() => Do(() => _statements.Add(_ => []));

    /// <summary>Changes the finished bundle: what somebody with access to the database can do.</summary>
    public EvidenceBuilder Tampered(Func<EvidenceBundle, EvidenceBundle> change) => Do(() =>
    {
        var before = _bundle;
        _bundle = b => change(before(b));
    });

    public EvidenceBundle Build()
    {
        if (_statements.Count == 0)
            StatedBy(world.FirstPerspective);
        return _bundle(new EvidenceBundle
        {
            AccountUrl = AccountUrl,
            FinalizeUrl = FinalizeUrl,
            Order = OrderRow,
            Account = AccountRow,
            Names = [.. _names.Select(n => EvidenceName.Of(Parse(n)))],
            Profile = "dv",
            FinalizeJws = Encoding.UTF8.GetBytes(Finalize()),
            KeyHistory = [.. KeyHistory()],
            Statements = [.. _statements.SelectMany(s => s(this))],
            CaaStatements = _caaStatements.Count == 0 ? null : [.. _caaStatements.SelectMany(s => s(this))],
        });
    }

    /// <summary>A statement by a perspective about a name, true at <see cref="SigningWorld.Now"/>.</summary>
    public ControlStatement Statement(string perspective, Identifier subject) => new()
    {
        Perspective = perspective,
        IdentifierType = subject.Type,
        Identifier = subject.Value,
        Method = ValidationMethod.Http01,
        Section = subject.Type == IdentifierType.Dns ? "3.2.2.4.19" : "3.2.2.5.6",
        Thumbprint = Account.Thumbprint,
        Token = "evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA",
        CheckedAt = SigningWorld.Now.AddHours(-1).ToUnixTimeSeconds(),
        Address = "192.0.2.1:80",
        Dnssec = DnssecState.Insecure,
        Caa = CaaState.Absent,
        CaaCheckedAt = SigningWorld.Now.AddHours(-1).ToUnixTimeSeconds(),
    };

    /// <summary>A CAA statement by a perspective about a name, true at <see cref="SigningWorld.Now"/>.</summary>
    public CaaStatement CaaStatement(string perspective, Identifier subject) => new()
    {
        Perspective = perspective,
        Identifier = subject.Value,
        Wildcard = subject.IsWildcard,
        Method = ValidationMethod.Http01,
        AccountUrl = AccountUrl,
        Caa = CaaState.Permitted,
        CaaSet = subject.Value,
        CaaCheckedAt = SigningWorld.Now.AddMinutes(-1).ToUnixTimeSeconds(),
        CaaDnssec = DnssecState.Secure,
    };

    /// <summary>A newAccount request.</summary>
    public string NewAccount(TestAccountKey key, string payload = """{"termsOfServiceAgreed":true}""") =>
        key.Jws($$"""{"alg":"{{key.Algorithm}}","jwk":{{key.Jwk}},"nonce":"n1","url":"{{world.Urls.NewAccount}}"}""", payload);

    /// <summary>The inner request of a key change.</summary>
    public string InnerKeyChange(TestAccountKey old, TestAccountKey next, string? header = null, string? payload = null) => next.Jws(
        header ?? $$"""{"alg":"{{next.Algorithm}}","jwk":{{next.Jwk}},"url":"{{world.Urls.KeyChange}}"}""",
        payload ?? $$"""{"account":"{{AccountUrl}}","oldKey":{{old.Jwk}}}""");

    /// <summary>The outer request of a key change.</summary>
    public string OuterKeyChange(TestAccountKey signer, string inner, string? kid = null, string? url = null) =>
        signer.Jws($$"""{"alg":"{{signer.Algorithm}}","kid":"{{kid ?? AccountUrl}}","nonce":"n2","url":"{{url ?? world.Urls.KeyChange}}"}""", inner);

    private string KeyChange(TestAccountKey old, TestAccountKey next) => OuterKeyChange(old, InnerKeyChange(old, next));

    private IEnumerable<byte[]> KeyHistory()
    {
        yield return Encoding.UTF8.GetBytes(_newAccount ?? NewAccount(_keys[0]));
        for (var i = 0; i < _keyChanges.Count; i++)
            yield return Encoding.UTF8.GetBytes(_keyChanges[i](_keys[i]));
    }

    private string Finalize()
    {
        var signer = _finalizeSigner ?? Account;
        return signer.Jws(
            $$"""{"alg":"{{signer.Algorithm}}","kid":"{{_finalizeKid ?? AccountUrl}}","nonce":"n3","url":"{{_finalizeUrl ?? FinalizeUrl}}"}""",
            _finalizePayload(Base64Url.EncodeToString(Csr(CsrKey, _csrNames ?? _names))));
    }

    /// <summary>A DER certificate request made by the platform.</summary>
    public static byte[] Csr(AsymmetricAlgorithm key, params string[] names)
    {
        var request = key switch
        {
            ECDsa ec => new CertificateRequest("", ec, HashAlgorithmName.SHA256),
            RSA rsa => new CertificateRequest("", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
            _ => throw new ArgumentException("This kind of key makes no CSR.", nameof(key)),
        };
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            if (IPAddress.TryParse(name, out var address))
                alternatives.AddIpAddress(address);
            else
                alternatives.AddDnsName(name);
        }
        request.CertificateExtensions.Add(alternatives.Build());
        return request.CreateSigningRequest();
    }

    private IEnumerable<Identifier> Subjects() => _names.Select(n => Parse(n).WithoutWildcard()).Distinct();

    private static Identifier Parse(string name) => IPAddress.TryParse(name, out _) ? Identifier.Ip(name) : Identifier.Dns(name);

    private EvidenceBuilder Do(Action change)
    {
        change();
        return this;
    }
}
