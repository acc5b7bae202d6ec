using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using CaServer.Conformance.Acme;
using CaServer.Conformance.Suite;
using static CaServer.Conformance.Suite.ConformanceCase;

namespace CaServer.Conformance.Cases;

/// <summary>The form of requests (RFC 8555 §6.2–6.4). Each fault is the only difference to a request that succeeds.</summary>
internal static class SignedRequestCases
{
    // An update that changes little, with a length that calls for padding.
    private const string Update = """{"contact":["mailto:conformance@example.com"]}""";
    private static readonly string[] s_algorithmOrMalformed = ["badSignatureAlgorithm", "malformed", "unauthorized", "badPublicKey"];

    public static readonly Section Section = new("Requests",
        Must("RFC 8555 §6.2 (1)", "Content-Type application/json is refused with 415", async t =>
            (await FaultAsync(t, r => r.ContentType = "application/json")).IsRefusedWith(415)),
        Must("RFC 8555 §6.2 (2)", "A request without Content-Type is refused with 415", async t =>
            (await FaultAsync(t, r => r.ContentType = null)).IsRefusedWith(415)),
        Must("RFC 8555 §6.2 (3)", "ES256 is understood", t => SignsAsync(t, SigningKey.Ec())),
        Should("RFC 8555 §6.2 (4)", "EdDSA with Ed25519 is understood", t => SignsAsync(t, SigningKey.Ed25519())),
        May("RFC 8555 §6.2 (5)", "RS256 is understood", t => SignsAsync(t, SigningKey.Rsa())),
        May("RFC 8555 §6.2 (6)", "ES384 is understood", t => SignsAsync(t, SigningKey.Ec384())),
        May("RFC 8555 §6.2 (7)", "ES512 is understood", t => SignsAsync(t, SigningKey.Ec521())),
        Must("RFC 8555 §6.2 (8)", "alg \"none\" is refused", async t =>
            (await FaultAsync(t, r =>
            {
                r.Header["alg"] = "none";
                r.Signature = _ => [];
            })).IsRefused(s_algorithmOrMalformed)),
        Must("RFC 8555 §6.2 (9)", "HS256 with the account's public key as MAC key is refused", async t =>
        {
            foreach (var secret in new Func<EcSigningKey, byte[]>[]
            {
                key => Encoding.ASCII.GetBytes(key.Key.ExportSubjectPublicKeyInfoPem()),
                key => key.Key.ExportSubjectPublicKeyInfo(),
                key => Encoding.UTF8.GetBytes(key.Jwk.ToJsonString()),
            })
            {
                (await FaultAsync(t, r =>
                {
                    r.Header["alg"] = "HS256";
                    r.Signature = input => HMACSHA256.HashData(secret((EcSigningKey)r.Key), input);
                })).IsRefused(s_algorithmOrMalformed);
            }
        }),
        Must("RFC 8555 §6.2 (10)", "An algorithm that the server does not know is refused with 400 and badSignatureAlgorithm", async t =>
            (await FaultAsync(t, r => r.Header["alg"] = "XS256")).IsRefusedWith(400, "badSignatureAlgorithm")),
        Must("RFC 8555 §6.2 (11)", "badSignatureAlgorithm comes with the list of algorithms, ES256 among them", async t =>
        {
            var refused = await FaultAsync(t, r => r.Header["alg"] = "XS256");
            if (refused.ProblemType != "badSignatureAlgorithm")
                throw new NotApplicable("the refusal is of another type");
            refused.Expect(refused.Object.Texts("algorithms").Contains("ES256"), "\"algorithms\" with ES256");
        }),
        Must("RFC 8555 §6.2 (12)", "RS256 said of an EC key is refused", async t =>
            (await FaultAsync(t, r => r.Header["alg"] = "RS256")).IsRefused(s_algorithmOrMalformed)),
        Must("RFC 8555 §6.2 (13)", "A protected header without alg is refused", async t =>
            (await FaultAsync(t, r => r.Header.Remove("alg"))).IsRefused()),
        Must("RFC 8555 §6.2 (14)", "Both jwk and kid in the header are refused", async t =>
            (await FaultAsync(t, r => r.Header["jwk"] = r.Key.Jwk)).IsRefused()),
        Must("RFC 8555 §6.2 (15)", "Neither jwk nor kid in the header is refused", async t =>
            (await FaultAsync(t, r => r.Header.Remove("kid"))).IsRefused()),
        Must("RFC 8555 §6.2 (16)", "jwk where kid must stand is refused", async t =>
            (await FaultAsync(t, r =>
            {
                r.Header.Remove("kid");
                r.Header["jwk"] = r.Key.Jwk;
            })).IsRefused()),
        Must("RFC 8555 §6.2 (17)", "kid where jwk must stand (newAccount) is refused", async t =>
        {
            var account = await SubjectAsync(t);
            (await t.PostAsync(account, t.Url("newAccount"), """{"termsOfServiceAgreed":true}""")).IsRefused();
        }),
        Must("RFC 8555 §6.2 (18)", "kid of no account is refused", async t =>
            (await FaultAsync(t, r => r.Header["kid"] = NoAccount(r.Header["kid"]!))).IsRefused()),
        Should("RFC 8555 §6.2 (19)", "kid of no account is refused with accountDoesNotExist", async t =>
            (await FaultAsync(t, r => r.Header["kid"] = NoAccount(r.Header["kid"]!))).IsRefused("accountDoesNotExist")),
        Must("RFC 8555 §6.2 (20)", "kid that is not the account's whole URL is refused", async t =>
            (await FaultAsync(t, r => r.Header["kid"] = new Uri(r.Header["kid"]!.GetValue<string>()).AbsolutePath.Split('/')[^1])).IsRefused()),
        Must("RFC 8555 §6.2 (21)", "kid that is not a string is refused", async t =>
            (await FaultAsync(t, r => r.Header["kid"] = 1)).IsRefused()),
        Must("RFC 8555 §6.2 (22)", "kid of another account than the one that signed is refused", async t =>
        {
            var stranger = await t.StrangerAsync();
            (await FaultAsync(t, r => r.Header["kid"] = stranger.Url)).IsRefused();
        }),
        Must("RFC 8555 §6.2 (23)", "A signature by another key is refused", async t =>
            (await FaultAsync(t, r => r.Key = SigningKey.Ec())).IsRefused()),
        Must("RFC 8555 §6.2 (24)", "A signature with one bit changed is refused", async t =>
            (await FaultAsync(t, r => r.Signature = input => Changed(r.Key.Sign(input)))).IsRefused()),
        Must("RFC 8555 §6.2 (25)", "An empty signature is refused", async t =>
            (await FaultAsync(t, r => r.Signature = _ => [])).IsRefused()),
        Must("RFC 8555 §6.2 (26)", "A payload that was exchanged after signing is refused", async t =>
            (await FaultAsync(t, r => r.Envelope = e => e["payload"] = JwsRequest.Encode("""{"status":"deactivated"}"""))).IsRefused()),
        Must("RFC 8555 §6.2 (27)", "A JWS with an unprotected header is refused", async t =>
            (await FaultAsync(t, r => r.Envelope = e => e["header"] = new JsonObject { ["note"] = "x" })).IsRefused()),
        Must("RFC 8555 §6.2 (28)", "nonce and url in the unprotected header do not count", async t =>
            (await FaultAsync(t, r =>
            {
                var (nonce, url) = (r.Header["nonce"]!.DeepClone(), r.Header["url"]!.DeepClone());
                r.Header.Remove("nonce");
                r.Header.Remove("url");
                r.Envelope = e => e["header"] = new JsonObject { ["nonce"] = nonce, ["url"] = url };
                r.IsRetried = false;
            })).IsRefused()),
        Must("RFC 8555 §6.2 (29)", "The general serialization, even with one signature, is refused", async t =>
            (await FaultAsync(t, r => r.Envelope = e => ToGeneral(e, signatures: 1))).IsRefused()),
        Must("RFC 8555 §6.2 (30)", "Several signatures are refused", async t =>
            (await FaultAsync(t, r => r.Envelope = e => ToGeneral(e, signatures: 2))).IsRefused()),
        Must("RFC 8555 §6.2 (31)", "The flattened serialization with further signatures beside it is refused", async t =>
            (await FaultAsync(t, r => r.Envelope = e => e["signatures"] = new JsonArray(Signature(e)))).IsRefused()),
        Must("RFC 8555 §6.2 (32)", "The compact serialization is refused", async t =>
            (await FaultAsync(t, r => r.Body = text => Compact(JsonNode.Parse(text)!))).IsRefused()),
        Must("RFC 8555 §6.2 (33)", "An unencoded payload (b64=false, RFC 7797) is refused", async t =>
            (await FaultAsync(t, Update, r =>
            {
                r.Header["b64"] = false;
                r.Header["crit"] = new JsonArray("b64");
                r.PayloadCode = _ => Update;
            })).IsRefused()),
        Must("RFC 8555 §6.2 (34)", "A detached payload is refused", async t =>
            (await FaultAsync(t, Update, r => r.Envelope = e => e.Remove("payload"))).IsRefused()),
        Must("RFC 7515 §4.1.11 (1)", "crit with an extension that nobody knows is refused", async t =>
            (await FaultAsync(t, r =>
            {
                r.Header["crit"] = new JsonArray("https://example.test/unheard-of");
                r.Header["https://example.test/unheard-of"] = true;
            })).IsRefused()),
        Must("RFC 7515 §4.1.11 (2)", "crit with a name that the header does not have is refused", async t =>
            (await FaultAsync(t, r => r.Header["crit"] = new JsonArray("absent"))).IsRefused()),
        May("RFC 7515 §4.1.11 (3)", "crit that is empty is refused", async t =>
            (await FaultAsync(t, r => r.Header["crit"] = new JsonArray())).IsRefused()),
        Must("RFC 7518 §3.4 (1)", "An ECDSA signature in DER is refused", async t =>
            (await FaultAsync(t, r => r.Signature = input => ((EcSigningKey)r.Key).SignDer(input))).IsRefused()),
        Must("RFC 7518 §3.4 (2)", "An ECDSA signature that is too long by a zero octet is refused", async t =>
            (await FaultAsync(t, r => r.Signature = input => [0, .. r.Key.Sign(input)])).IsRefused()),
        Must("RFC 7518 §3.4 (3)", "An ECDSA signature that is too short is refused", async t =>
            (await FaultAsync(t, r => r.Signature = input => r.Key.Sign(input)[..63])).IsRefused()),
        Must("RFC 7518 §3.4 (4)", "An ECDSA signature of zeros is refused", async t =>
            (await FaultAsync(t, r => r.Signature = _ => new byte[64])).IsRefused()),
        Must("RFC 7518 §3.4 (5)", "An ECDSA signature followed by something else is refused", async t =>
            (await FaultAsync(t, r => r.Signature = input => [.. r.Key.Sign(input), 0, 0])).IsRefused()),
        Must("RFC 8555 §6.1 (3)", "A padded header (base64url with \"=\") is refused", async t =>
            (await FaultAsync(t, r =>
            {
                // White space after the object, so that the length calls for padding.
                r.HeaderText = text => Encoding.UTF8.GetByteCount(text) % 3 == 0 ? text + " " : text;
                r.HeaderCode = Padded;
            })).IsRefused()),
        Must("RFC 8555 §6.1 (4)", "A padded payload is refused", async t =>
            (await FaultAsync(t, Update, r => r.PayloadCode = Padded)).IsRefused()),
        Must("RFC 8555 §6.1 (5)", "A padded signature is refused", async t =>
            (await FaultAsync(t, r => r.Envelope = e => e["signature"] = Padded(e["signature"]!.GetValue<string>()))).IsRefused()),
        Must("RFC 7515 §2 (1)", "Base64 with + and / instead of base64url is refused", async t =>
            (await FaultAsync(t, r =>
            {
                r.Signature = input => SignUntil(r.Key, input, signature => Base64Url.EncodeToString(signature).AsSpan().ContainsAny('-', '_'));
                r.Envelope = e => e["signature"] = e["signature"]!.GetValue<string>().Replace('-', '+').Replace('_', '/');
            })).IsRefused()),
        Must("RFC 7515 §2 (2)", "White space within base64url is refused", async t =>
            (await FaultAsync(t, r => r.HeaderCode = code => code.Insert(8, "\n"))).IsRefused()),
        May("RFC 7515 §2 (3)", "Base64url whose last character has surplus bits is refused", async t =>
            (await FaultAsync(t, r => r.Envelope = e => e["signature"] = WithSurplusBits(e["signature"]!.GetValue<string>()))).IsRefused()),
        Must("RFC 7515 §4 (1)", "Of two url members in the header only the last can count, or the request is refused", async t =>
            (await FaultAsync(t, r => r.AppendToHeader("\"url\":\"https://elsewhere.example/\""))).IsRefused()),
        Must("RFC 7515 §4 (2)", "Of two alg members in the header only the last can count, or the request is refused", async t =>
            (await FaultAsync(t, r => r.AppendToHeader("\"alg\":\"none\""))).IsRefused()),
        May("RFC 7515 §4 (3)", "A header with a duplicate member is refused", async t =>
            (await FaultAsync(t, r => r.AppendToHeader($"\"url\":{r.Header["url"]!.ToJsonString()}"))).IsRefused()),
        May("RFC 7515 §10.12 (1)", "A body with a duplicate member is refused", async t =>
            (await FaultAsync(t, r => r.Body = text => $"{text[..^1]},\"payload\":\"\"}}")).IsRefused()),
        Must("RFC 7515 §10.12 (2)", "A body with something after the JSON is refused", async t =>
            (await FaultAsync(t, r => r.Body = text => text + "}")).IsRefused()),
        Must("RFC 7515 §10.12 (3)", "A header with something after the JSON is refused", async t =>
            (await FaultAsync(t, r => r.HeaderText = text => text + ",")).IsRefused()),
        Must("RFC 7515 §10.12 (4)", "A header that is not UTF-8 is refused", async t =>
            (await FaultAsync(t, r => r.HeaderCode = code =>
            {
                var text = Base64Url.DecodeFromChars(code);
                return Base64Url.EncodeToString([.. text[..^1], .. ",\"x\":\""u8, 0xC3, 0x28, .. "\"}"u8]);
            })).IsRefused()),
        Must("RFC 8555 §6.2 (35)", "A body that is not JSON is refused as malformed", async t =>
            (await FaultAsync(t, r => r.Body = _ => "hello")).IsRefused("malformed")),
        Must("RFC 8555 §6.2 (36)", "An empty body is refused as malformed", async t =>
            (await FaultAsync(t, r => r.Body = _ => "")).IsRefused("malformed")),
        Must("RFC 8555 §6.2 (37)", "A protected header that is no object is refused", async t =>
            (await FaultAsync(t, r => r.HeaderText = text => $"[{text}]")).IsRefused()),
        Must("RFC 8555 §6.2 (38)", "A payload that is not JSON where an object is wanted is refused as malformed", async t =>
        {
            var account = await SubjectAsync(t);
            (await t.PostAsync(account, t.Url("newOrder"), "hello")).IsRefused("malformed");
        }),
        Must("RFC 8555 §6.2 (39)", "A payload that is an array where an object is wanted is refused as malformed", async t =>
        {
            var account = await SubjectAsync(t);
            (await t.PostAsync(account, t.Url("newOrder"), "[]")).IsRefused("malformed");
        }),
        Must("RFC 8555 §6.4 (1)", "A url that is not the request's is refused as unauthorized", async t =>
            (await FaultAsync(t, r => r.Header["url"] = t.Url("newOrder"))).IsRefused("unauthorized")),
        Must("RFC 8555 §6.4 (2)", "A url with a query that the request has not is refused as unauthorized", async t =>
            (await FaultAsync(t, r => r.Header["url"] = r.Header["url"]!.GetValue<string>() + "?a=b")).IsRefused("unauthorized")),
        Must("RFC 8555 §6.4 (3)", "A url of another host is refused as unauthorized", async t =>
            (await FaultAsync(t, r => r.Header["url"] = OfAnotherHost(r.Header["url"]!.GetValue<string>()))).IsRefused("unauthorized")),
        Must("RFC 8555 §6.4 (4)", "A request without url is refused", async t =>
            (await FaultAsync(t, r => r.Header.Remove("url"))).IsRefused()),
        Must("RFC 8555 §6.4.1 (1)", "A url that is not a string is refused", async t =>
            (await FaultAsync(t, r => r.Header["url"] = new JsonArray(r.Header["url"]!.DeepClone()))).IsRefused()),
        Must("RFC 8555 §6.2 (40)", "newAccount with an EC key whose point is not on the curve is refused", async t =>
            (await NewKeyFaultAsync(t, SigningKey.Ec(), jwk => jwk["y"] = jwk["x"]!.DeepClone())).IsRefused("badPublicKey", "malformed")),
        Must("RFC 8555 §6.2 (41)", "newAccount with a symmetric key and HS256 is refused", async t =>
            (await t.NewAccountAsync(SigningKey.Ec(), _ => { }, r =>
            {
                var secret = RandomNumberGenerator.GetBytes(32);
                r.Header["alg"] = "HS256";
                r.Header["jwk"] = new JsonObject { ["kty"] = "oct", ["k"] = Base64Url.EncodeToString(secret) };
                r.Signature = input => HMACSHA256.HashData(secret, input);
            })).IsRefused(s_algorithmOrMalformed)),
        Must("RFC 8555 §6.2 (42)", "newAccount with a jwk of a type that nobody knows is refused", async t =>
            (await NewKeyFaultAsync(t, SigningKey.Ec(), jwk => jwk["kty"] = "XX")).IsRefused(s_algorithmOrMalformed)),
        Must("RFC 8555 §6.2 (43)", "newAccount with a jwk that lacks a coordinate is refused", async t =>
            (await NewKeyFaultAsync(t, SigningKey.Ec(), jwk => jwk.Remove("y"))).IsRefused("badPublicKey", "malformed")),
        Should("RFC 8555 §6.2 (44)", "newAccount with a 1024-bit RSA key is refused with badPublicKey", async t =>
            (await t.NewAccountAsync(SigningKey.Rsa(1024), _ => { })).IsRefused("badPublicKey")));

    private static Task<AcmeAnswer> FaultAsync(Trial t, Action<JwsRequest> fault) => FaultAsync(t, "", fault);

    private static async Task<AcmeAnswer> FaultAsync(Trial t, string payload, Action<JwsRequest> fault)
    {
        var account = await SubjectAsync(t);
        return await t.PostAsync(account, account.Url, payload, fault);
    }

    // Whose requests succeed when nothing is wrong with them; without that a refusal says nothing.
    private static Task<Account> SubjectAsync(Trial t) => t.Server.SharedAccountAsync("requests", async () =>
    {
        var account = await t.NewAccountAsync();
        (await t.ReadAsync(account, account.Url)).Prepared("the same request without a fault");
        (await t.PostAsync(account, account.Url, Update)).Prepared("the same request without a fault");
        return account;
    });

    private static async Task SignsAsync(Trial t, SigningKey key)
    {
        var created = (await t.NewAccountAsync(key, _ => { })).Is(201);
        var account = new Account(key, created.Location ?? throw new Undecidable("newAccount gave no Location"));
        (await t.ReadAsync(account, account.Url)).Is(200);
    }

    private static Task<AcmeAnswer> NewKeyFaultAsync(Trial t, SigningKey key, Action<JsonObject> fault) =>
        t.NewAccountAsync(key, _ => { }, r => fault(r.Header["jwk"]!.AsObject()));

    private static string NoAccount(JsonNode kid)
    {
        var url = kid.GetValue<string>();
        return url[..(url.LastIndexOf('/') + 1)] + "nobody-0123456789";
    }

    private static string OfAnotherHost(string url) => new UriBuilder(url) { Host = "elsewhere.example" }.Uri.AbsoluteUri;

    private static byte[] Changed(byte[] octets)
    {
        octets[^1] ^= 1;
        return octets;
    }

    // ECDSA signatures differ each time.
    private static byte[] SignUntil(SigningKey key, byte[] input, Func<byte[], bool> holds)
    {
        while (true)
        {
            var signature = key.Sign(input);
            if (holds(signature))
                return signature;
        }
    }

    private static string Padded(string code) => code.PadRight((code.Length + 3) / 4 * 4, '=');

    // 64 octets are 86 characters, the last of which carries two bits of its six.
    private static string WithSurplusBits(string code) => code[..^1] + code[^1] switch { 'A' => 'B', 'Q' => 'R', 'g' => 'h', 'w' => 'x', var c => c };

    private static JsonObject Signature(JsonObject envelope) =>
        new() { ["protected"] = envelope["protected"]!.DeepClone(), ["signature"] = envelope["signature"]!.DeepClone() };

    private static void ToGeneral(JsonObject envelope, int signatures)
    {
        envelope["signatures"] = new JsonArray([.. Enumerable.Range(0, signatures).Select(_ => Signature(envelope))]);
        envelope.Remove("protected");
        envelope.Remove("signature");
    }

    private static string Compact(JsonNode envelope) => $"{envelope["protected"]}.{envelope["payload"]}.{envelope["signature"]}";
}
