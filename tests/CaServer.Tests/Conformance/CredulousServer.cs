using System.Net;
using System.Text;
using CaServer.TestKit.Processes;

namespace CaServer.Tests.Conformance;

/// <summary>A server that checks nothing and agrees to everything: no case that wants a refusal may pass here.</summary>
internal sealed class CredulousServer : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly string _base = $"http://127.0.0.1:{LoopbackPorts.Next()}";
    private int _nonces;

    public CredulousServer()
    {
        _listener.Prefixes.Add(_base + "/");
        _listener.Start();
        _ = ServeAsync();
    }

    public Uri Directory => new(_base + "/directory");

    public void Dispose() => ((IDisposable)_listener).Dispose();

    private async Task ServeAsync()
    {
        try
        {
            while (true)
                Answer(await _listener.GetContextAsync());
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private void Answer(HttpListenerContext context)
    {
        var path = context.Request.Url!.AbsolutePath;
        var body = Encoding.UTF8.GetBytes(Body(path));
        var response = context.Response;
        response.StatusCode = path is "/new-account" or "/new-order" ? 201 : 200;
        response.ContentType = "application/json";
        response.Headers["Replay-Nonce"] = $"nonce-{Interlocked.Increment(ref _nonces)}";
        response.Headers["Location"] = $"{_base}/{(path == "/new-order" ? "order" : "account")}/{_nonces}";
        response.Close(context.Request.HttpMethod == "HEAD" ? [] : body, willBlock: true);
    }

    private string Body(string path) => path == "/directory"
        ? $$"""
            {"newNonce":"{{_base}}/new-nonce","newAccount":"{{_base}}/new-account","newOrder":"{{_base}}/new-order",
             "revokeCert":"{{_base}}/revoke-cert","keyChange":"{{_base}}/key-change","newAuthz":"{{_base}}/new-authz",
             "meta":{"termsOfService":"{{_base}}/terms","externalAccountRequired":true,"profiles":{"any":"Any"} } }
            """
        : $$"""
            {"status":"{{(path.Contains("order", StringComparison.Ordinal) ? "ready" : "valid")}}","contact":[],"orders":"{{_base}}/orders",
             "identifiers":[{"type":"dns","value":"a.example.com"}],"authorizations":["{{_base}}/authz/1"],"finalize":"{{_base}}/finalize-order/1",
             "identifier":{"type":"dns","value":"a.example.com"},"challenges":[{"type":"http-01","status":"valid","url":"{{_base}}/challenge/1","token":"t"}]}
            """;
}
