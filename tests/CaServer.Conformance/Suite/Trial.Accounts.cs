using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using CaServer.Conformance.Acme;

namespace CaServer.Conformance.Suite;

internal sealed partial class Trial
{
    /// <summary>An account that other cases use too; for what does not change it.</summary>
    public Task<Account> AccountAsync() => server.SharedAccountAsync("any", () => NewAccountAsync());

    /// <summary>A second account that other cases use too.</summary>
    public Task<Account> StrangerAsync() => server.SharedAccountAsync("stranger", () => NewAccountAsync());

    /// <summary>An account of the case's own.</summary>
    public async Task<Account> NewAccountAsync(SigningKey? key = null)
    {
        key ??= SigningKey.Ec();
        var answer = (await NewAccountAsync(key, _ => { })).Prepared("newAccount");
        return new Account(key, answer.Location ?? throw new Undecidable($"newAccount gave no Location: {answer.Summary}"));
    }

    /// <summary>newAccount with the terms agreed to, and bound if a key was given and the server wants it.</summary>
    /// <param name="key">The account's key.</param>
    /// <param name="change">What else is in the payload.</param>
    /// <param name="request">What is to be done to the request.</param>
    public Task<AcmeAnswer> NewAccountAsync(SigningKey key, Action<JsonObject> change, Action<JwsRequest>? request = null)
    {
        var payload = new JsonObject { ["termsOfServiceAgreed"] = true };
        if (IsBindingRequired)
        {
            var external = server.Target.ExternalKey ?? throw new NotApplicable("the server wants an external account binding: give --eab-kid and --eab-key");
            payload["externalAccountBinding"] = Binding(external, key);
        }
        change(payload);
        return PostWithKeyAsync(key, Url("newAccount"), payload.ToJsonString(), request);
    }

    public bool IsBindingRequired => Meta is { } meta && meta.Has("externalAccountRequired") && meta.Flag("externalAccountRequired");

    /// <summary>The inner JWS of an external account binding (RFC 8555 §7.3.4), right but for the change.</summary>
    public JsonObject Binding(ExternalKey external, SigningKey account, Action<JsonObject>? header = null, string? payload = null, Func<byte[], byte[]>? mac = null)
    {
        var protectedHeader = new JsonObject { ["alg"] = "HS256", ["kid"] = external.Kid, ["url"] = Url("newAccount") };
        header?.Invoke(protectedHeader);
        var header64 = JwsRequest.Encode(protectedHeader.ToJsonString());
        var payload64 = JwsRequest.Encode(payload ?? account.Jwk.ToJsonString());
        var input = Encoding.ASCII.GetBytes($"{header64}.{payload64}");
        return new JsonObject
        {
            ["protected"] = header64,
            ["payload"] = payload64,
            ["signature"] = Base64Url.EncodeToString(mac is null ? HMACSHA256.HashData(external.MacKey, input) : mac(input)),
        };
    }
}
