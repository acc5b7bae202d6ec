using System.Net;
using System.Security.Cryptography;
using CaServer.Domain;
using CaServer.TestKit.Dns;
using CaServer.TestKit.Http;
using CaServer.Validation;

namespace CaServer.Tests.Validation;

/// <summary>A perspective with a name server and a responder of its own, all on loopback.</summary>
internal sealed class CheckRig : IAsyncDisposable
{
    internal const string Name = "www.corp.example";
    internal const string Token = "evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA";
    internal const string Thumbprint = "LPJNul-wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ";
    internal const string KeyAuthorization = Token + "." + Thumbprint;
    internal const string ChallengePath = "/.well-known/acme-challenge/" + Token;

    internal static readonly ECDsa Key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private static readonly IPNetwork[] s_loopback = [IPNetwork.Parse("127.0.0.1/32"), IPNetwork.Parse("::1/128")];

    /// <summary>A rig whose responder does this; <see cref="Name"/> has the address 127.0.0.1.</summary>
    internal CheckRig(Func<HttpExchange, Task> answer, System.Security.Cryptography.X509Certificates.X509Certificate2? certificate = null)
    {
        Responder = new Responder(answer, certificate: certificate);
        Settings = new PerspectiveSettings
        {
            Name = "lab",
            Resolvers = [Dns.Endpoint],
            Http01Port = Responder.Port,
            AllowedNetworks = s_loopback,
        };
        Dns.With(Name, "127.0.0.1");
    }

    internal Responder Responder { get; }

    internal ScriptedDnsServer Dns { get; } = new();

    internal PerspectiveSettings Settings { get; set; }

    /// <summary>A responder that does as it should.</summary>
    internal static CheckRig Good() => new(x => x.AnswerAsync(200, KeyAuthorization));

    internal static ValidationRequest Request(Identifier identifier, ValidationMethod method = ValidationMethod.Http01) =>
        new() { Identifier = identifier, Method = method, Token = Token, Thumbprint = Thumbprint };

    internal Task<ValidationOutcome> CheckAsync(string name = Name) => CheckAsync(Identifier.Dns(name));

    internal async Task<ValidationOutcome> CheckAsync(Identifier identifier)
    {
        using var perspective = new Perspective(Settings, Key, TimeProvider.System);
        return await perspective.CheckAsync(Request(identifier), TestContext.Current.CancellationToken);
    }

    internal async Task<ControlStatement> ProvesAsync(string name = Name) => Statement(await CheckAsync(name));

    internal static ControlStatement Statement(ValidationOutcome outcome) => outcome switch
    {
        ValidationOutcome.Valid(var statement) => statement.Statement,
        ValidationOutcome.Failed(var problem) => throw new Xunit.Sdk.XunitException("The check failed: " + problem.Detail),
        _ => throw new InvalidOperationException(),
    };

    internal async Task<ValidationOutcome.Failed> FailsAsync(FailureCause cause, ProblemType type, string name = Name)
    {
        var failed = Assert.IsType<ValidationOutcome.Failed>(await CheckAsync(name));
        Assert.Equal((cause, type), (failed.Cause, failed.Problem.Type));
        return failed;
    }

    public async ValueTask DisposeAsync()
    {
        await Responder.DisposeAsync();
        await Dns.DisposeAsync();
    }
}
