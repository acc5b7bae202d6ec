using System.Text;
using CaServer.TestKit.Acme;

namespace CaServer.IntegrationTests.Acme;

/// <summary>
/// Requests that no client sends by mistake (RFC 8555 §6, RFC 7515, RFC 8259). Each is refused with the right problem type, and the
/// connection that it came by is as good as before.
/// </summary>
public sealed class HostileRequestTests(AcmeServer acme)
{
    private const string Malformed = "malformed";
    private const string BadAlgorithm = "badSignatureAlgorithm";
    private const string BadNonce = "badNonce";

    private static readonly byte[] s_mark = [0xef, 0xbb, 0xbf];

    private static readonly Dictionary<string, (string Type, Func<SpoiledRequest, byte[]> Body)> s_cases = new()
    {
        // The body.
        ["no body"] = (Malformed, r => []),
        ["a body that is no JSON"] = (Malformed, r => "hello"u8.ToArray()),
        ["a body that is an array"] = (Malformed, r => Utf8($"[{r.Body}]")),
        ["a body that is null"] = (Malformed, r => "null"u8.ToArray()),
        ["the compact serialization"] = (Malformed, r => "e30.e30.AA"u8.ToArray()),
        ["something after the body"] = (Malformed, r => Utf8(r.Body + "{}")),
        ["a byte order mark before the body"] = (Malformed, r => [.. s_mark, .. Utf8(r.Body)]),
        ["a body that is not UTF-8"] = (Malformed, r => [.. Utf8(r.Body[..^1]), .. ",\"x\":\""u8, 0xff, .. "\"}"u8]),
        ["a member twice in the body"] = (Malformed, r => Utf8(r.Body[..^1] + ",\"payload\":\"\"}")),
        ["a member twice in the body, once written with an escape"] = (Malformed, r => Utf8(r.Body[..^1] + ",\"\\u0070ayload\":\"\"}")),
        ["a member whose name is half a character"] = (Malformed, r => Utf8(r.Body[..^1] + ""","\ud800":1}""")),
        ["a comment in the body"] = (Malformed, r => Utf8(r.Body[..^1] + "/**/}")),
        ["a comma too many in the body"] = (Malformed, r => Utf8(r.Body[..^1] + ",}")),
        ["a deep body"] = (Malformed, r => Utf8(r.Body[..^1] + ",\"x\":" + Deep + "}")),
        ["several signatures"] = (Malformed, r => Utf8(r.Body[..^1] + ",\"signatures\":[]}")),
        ["the general serialization"] = (Malformed, r => Utf8($$"""{"payload":"e30","signatures":[{{r.Body}}]}""")),
        ["an unprotected header"] = (Malformed, r => Utf8(r.Body[..^1] + ",\"header\":{\"kid\":\"x\"}}")),
        ["a member that is no text"] = (Malformed, r => Utf8("""{"protected":1,"payload":"","signature":""}""")),
        ["no signature"] = (Malformed, r => Utf8(r.Body[..r.Body.IndexOf(",\"signature\"", StringComparison.Ordinal)] + "}")),

        // Its base64url.
        ["a protected header with padding"] = (Malformed, r => r.WithSpelling("protected", t => t + "=")),
        ["a protected header with a blank"] = (Malformed, r => r.WithSpelling("protected", t => t[..4] + " " + t[4..])),
        ["a payload with padding"] = (Malformed, r => r.WithSpelling("payload", t => t + "==")),
        ["a payload with a line end"] = (Malformed, r => r.WithSpelling("payload", t => t + "\\n")),
        ["a payload in the other alphabet"] = (Malformed, r => r.WithSpelling("payload", t => t + "+/8A")),
        ["a signature with padding"] = (Malformed, r => r.WithSpelling("signature", t => t + "==")),
        ["a signature with bits beyond the last octet"] = (Malformed, r => r.WithSpelling("signature", SpoiledRequest.NotCanonical)),

        // The protected header.
        ["a protected header that is an array"] = (Malformed, r => r.WithHeader("[]")),
        ["something after the protected header"] = (Malformed, r => r.WithHeader(r.Header + " x")),
        ["a byte order mark before the protected header"] = (Malformed, r => r.WithHeader([.. s_mark, .. Utf8(r.Header)])),
        ["a protected header that is not UTF-8"] = (Malformed, r => r.WithHeader([.. Utf8(r.Header[..^1]), .. ",\"x\":\""u8, 0xc3, .. "\"}"u8])),
        ["a deep protected header"] = (Malformed, r => r.WithMember("\"x\":" + Deep)),
        ["alg twice"] = (Malformed, r => r.WithMember("\"alg\":\"ES256\"")),
        ["crit"] = (Malformed, r => r.WithMember("\"crit\":[\"exp\"],\"exp\":1")),
        ["an empty crit"] = (Malformed, r => r.WithMember("\"crit\":[]")),
        ["b64"] = (Malformed, r => r.WithMember("\"b64\":false,\"crit\":[\"b64\"]")),
        ["b64 without crit"] = (Malformed, r => r.WithMember("\"b64\":false")),
        ["both kid and jwk"] = (Malformed, r => r.WithMember("\"jwk\":" + r.Account.Key.Jwk)),
        ["neither kid nor jwk"] = (Malformed, r => r.WithHeader(r.Header.Replace("\"kid\"", "\"kin\"", StringComparison.Ordinal))),
        ["a jwk where only an account may ask"] = (Malformed, r => r.WithHeader(AcmeSession.Header(r.Account.Key, r.Url, r.Nonce, null))),
        ["a kid that is no text"] = (Malformed, r => r.WithHeader(r.Header.Replace($"\"{r.Account.Url}\"", "null", StringComparison.Ordinal))),
        ["a kid without end"] = ("accountDoesNotExist", r => r.WithHeader(r.Header.Replace(r.Account.Url, r.Account.Url + new string('A', 20_000), StringComparison.Ordinal))),
        ["no url"] = (Malformed, r => r.WithHeader(r.Header.Replace("\"url\"", "\"uri\"", StringComparison.Ordinal))),
        ["a url with a slash too many"] = ("unauthorized", r => r.WithHeader(r.Header.Replace(r.Url, r.Url + "/", StringComparison.Ordinal))),
        ["a url of another host"] = ("unauthorized", r => r.WithHeader(r.Header.Replace("localhost", "LOCALHOST", StringComparison.Ordinal))),
        ["a url without end"] = (Malformed, r => r.WithHeader(r.Header.Replace(r.Url, r.Url + new string('a', 20_000), StringComparison.Ordinal))),
        ["no nonce"] = (BadNonce, r => r.WithHeader(r.Header.Replace("\"nonce\"", "\"once\"", StringComparison.Ordinal))),
        ["a nonce without end"] = (BadNonce, r => r.WithHeader(r.Header.Replace(r.Nonce, new string('A', 20_000), StringComparison.Ordinal))),
        ["a nonce with padding"] = (Malformed, r => r.WithHeader(r.Header.Replace(r.Nonce, r.Nonce + "=", StringComparison.Ordinal))),
        ["a nonce that is no text"] = (Malformed, r => r.WithHeader(r.Header.Replace($"\"{r.Nonce}\"", "1", StringComparison.Ordinal))),

        // The algorithm.
        ["alg none"] = (BadAlgorithm, r => r.WithAlgorithm("\"none\"")),
        ["alg None"] = (BadAlgorithm, r => r.WithAlgorithm("\"None\"")),
        ["no alg"] = (Malformed, r => r.WithHeader(r.Header.Replace("\"alg\"", "\"gal\"", StringComparison.Ordinal))),
        ["an alg that is no text"] = (Malformed, r => r.WithAlgorithm("[\"ES256\"]")),
        ["alg in other letters"] = (BadAlgorithm, r => r.WithAlgorithm("\"es256\"")),
        ["alg of another curve"] = (BadAlgorithm, r => r.WithAlgorithm("\"ES384\"")),
        ["alg of another kind of key"] = (BadAlgorithm, r => r.WithAlgorithm("\"RS256\"")),
        ["alg that is not offered"] = (BadAlgorithm, r => r.WithAlgorithm("\"PS256\"")),
        ["a MAC with the public JWK as its key"] = (BadAlgorithm, r => r.WithMac(Utf8(r.Account.Key.Jwk))),
        ["a MAC with the public key's DER as its key"] = (BadAlgorithm, r => r.WithMac(r.Account.Key.Ecdsa!.ExportSubjectPublicKeyInfo())),

        // The signature.
        ["an empty signature"] = (Malformed, r => r.WithSignature(_ => [])),
        ["a signature of zeros"] = (Malformed, r => r.WithSignature(_ => SpoiledRequest.With([], SpoiledRequest.Zero, SpoiledRequest.Zero))),
        ["r of zero"] = (Malformed, r => r.WithSignature(s => SpoiledRequest.With(s, r: SpoiledRequest.Zero))),
        ["s of zero"] = (Malformed, r => r.WithSignature(s => SpoiledRequest.With(s, s: SpoiledRequest.Zero))),
        ["r as large as the order"] = (Malformed, r => r.WithSignature(s => SpoiledRequest.With(s, r: SpoiledRequest.Order))),
        ["s as large as the order"] = (Malformed, r => r.WithSignature(s => SpoiledRequest.With(s, s: SpoiledRequest.Order))),
        ["a signature in DER"] = (Malformed, r => r.WithSignature(SpoiledRequest.Der)),
        ["a signature that is too short"] = (Malformed, r => r.WithSignature(s => s[..^1])),
        ["a signature that is too long"] = (Malformed, r => r.WithSignature(s => [.. s, 0])),
        ["a signature with a longer r"] = (Malformed, r => r.WithSignature(s => [0, .. s])),
        ["one bit of the signature"] = (Malformed, r => r.WithSignature(s => [(byte)(s[0] ^ 1), .. s[1..]])),
        ["the payload of another request"] = (Malformed, r => Utf8(r.Body.Replace(Encode(SpoiledRequest.Payload), Encode("{}"), StringComparison.Ordinal))),

        // The payload.
        ["an empty payload"] = (Malformed, r => r.WithPayload("")),
        ["a payload that is an array"] = (Malformed, r => r.WithPayload("[]")),
        ["something after the payload"] = (Malformed, r => r.WithPayload(SpoiledRequest.Payload + "1")),
        ["a byte order mark before the payload"] = (Malformed, r => r.WithPayload([.. s_mark, .. Utf8(SpoiledRequest.Payload)])),
        ["a payload that is not UTF-8"] = (Malformed, r => r.WithPayload([.. "{\"x\":\""u8, 0xed, 0xa0, 0x80, .. "\"}"u8])),
        ["a payload that is UTF-16"] = (Malformed, r => r.WithPayload(Encoding.Unicode.GetBytes(SpoiledRequest.Payload))),
        ["a deep payload"] = (Malformed, r => r.WithPayload($$"""{"identifiers":{{Deep}}}""")),
        ["identifiers twice"] = (Malformed, r => r.WithPayload(SpoiledRequest.Payload[..^1] + ",\"identifiers\":[]}")),
        ["a type twice"] = (Malformed, r => r.WithPayload("""{"identifiers":[{"type":"dns","type":"ip","value":"hostile.localhost"}]}""")),
        ["a name with half a character"] = (Malformed, r => r.WithPayload("""{"identifiers":[{"type":"dns","value":"\udc00.localhost"}]}""")),
        ["a name with a NUL"] = (Malformed, r => r.WithPayload("""{"identifiers":[{"type":"dns","value":"good.localhost\u0000.evil"}]}""")),
        ["a name that is too long"] = (Malformed, r => r.WithPayload(Names(string.Join('.', Enumerable.Repeat("abcdefghi", 26))))),
        ["a name as long as the body may be"] = (Malformed, r => r.WithPayload(Names(new string('a', 30_000)))),
        ["a label that is too long"] = (Malformed, r => r.WithPayload(Names(new string('a', 64) + ".localhost"))),
        ["more names than there may be"] = (Malformed, r => r.WithPayload(Names([.. Enumerable.Range(0, 101).Select(i => $"n{i}.localhost")]))),
        ["very many names"] = (Malformed, r => r.WithPayload(Names([.. Enumerable.Repeat("a", 900)]))),
        ["an address with leading zeros"] = (Malformed, r => r.WithPayload("""{"identifiers":[{"type":"ip","value":"127.000.0.1"}]}""")),
        ["an address with a zone"] = (Malformed, r => r.WithPayload("""{"identifiers":[{"type":"ip","value":"fe80::1%eth0"}]}""")),
        ["another kind of identifier"] = ("unsupportedIdentifier", r => r.WithPayload("""{"identifiers":[{"type":"email","value":"a@b"}]}""")),
        ["a profile without end"] = ("invalidProfile", r => r.WithPayload($$"""{{SpoiledRequest.Payload[..^1]}},"profile":"{{new string('a', 20_000)}}"}""")),
        ["a certificate without end to replace"] = (Malformed, r => r.WithPayload($$"""{{SpoiledRequest.Payload[..^1]}},"replaces":"{{new string('a', 20_000)}}"}""")),
    };

    private static string Deep => string.Concat(Enumerable.Repeat("[", 5000)) + string.Concat(Enumerable.Repeat("]", 5000));

    public static TheoryData<string> Cases => [.. s_cases.Keys];

    [Theory, MemberData(nameof(Cases))]
    public async Task A_newOrder_that_is_spoiled_is_refused_and_its_connection_serves_on(string what)
    {
        await using var client = new CountedClient(acme.Server);
        var account = await (await client.OpenAsync()).CreateAccountAsync();
        var url = account.Session.Url("newOrder");
        var (type, body) = s_cases[what];
        var request = new SpoiledRequest(account, url, await account.Session.NonceAsync());

        var answer = await account.Session.SendAsync(HttpMethod.Post, url, body(request));

        Assert.True((answer.Status, answer.ProblemType) is (400 or 403, { } t) && t == type, answer.ToString());
        Assert.InRange(answer["detail"]!.Length, 1, 2048);
        Assert.NotNull(answer.Nonce);
        Assert.Equal(201, (await account.OrderAsync("hostile.localhost")).Status);
        Assert.Equal(1, client.Connections);
    }

    [Fact]
    public async Task An_unspoiled_request_is_good()
    {
        var account = await acme.NewAccountAsync();
        var url = account.Session.Url("newOrder");
        var request = new SpoiledRequest(account, url, await account.Session.NonceAsync());
        Assert.Equal(201, (await account.Session.SendAsync(HttpMethod.Post, url, Utf8(request.Body))).Status);
        // The same once more is a replay.
        var answer = await account.Session.SendAsync(HttpMethod.Post, url, Utf8(request.Body));
        Assert.Equal((400, BadNonce), (answer.Status, answer.ProblemType));
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private static string Encode(string text) => System.Buffers.Text.Base64Url.EncodeToString(Utf8(text));

    private static string Names(params string[] names) =>
        $$"""{"identifiers":[{{string.Join(',', names.Select(n => $$"""{"type":"dns","value":"{{n}}"}"""))}}]}""";
}
