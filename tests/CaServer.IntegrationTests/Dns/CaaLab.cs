using System.Security.Cryptography;
using CaServer.Domain;
using CaServer.IntegrationTests.Dns;
using CaServer.TestKit.Dns;
using CaServer.Validation;

[assembly: AssemblyFixture(typeof(CaaLab))]

namespace CaServer.IntegrationTests.Dns;

/// <summary>Zones of every kind, served by a real name server and validated by a real resolver, shared by the tests of CAA and DNSSEC.</summary>
public sealed class CaaLab : IAsyncLifetime
{
    public const string Issuer = "ca.corp.example";
    public const string AccountUrl = "https://ca.corp.example/acme/account/1";
    public const string Token = "evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA";
    public const string Thumbprint = "LPJNul-wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ";

    private static readonly string TextValue = Dns01.RecordValue($"{Token}.{Thumbprint}");
    private static readonly string Proof = $"_acme-challenge 60 IN TXT \"{TextValue}\"\n";

    private static readonly LabZone[] Zones =
    [
        new("secure", Proof + $"""
            www 60 IN A 127.0.0.1
            ours 60 IN CAA 0 issue "{Issuer}"
            ours 60 IN CAA 0 iodef "mailto:security@corp.example"
            other 60 IN CAA 0 issue "other.example"
            several 60 IN CAA 0 issue "other.example"
            several 60 IN CAA 0 issue "{Issuer}"
            nobody 60 IN CAA 0 issue ";"
            critical 60 IN CAA 128 tbs "unknown"
            critical 60 IN CAA 0 issue "{Issuer}"
            uncritical 60 IN CAA 0 tbs "unknown"
            malformed 60 IN CAA 0 issue "{Issuer}; =broken"
            notwild 60 IN CAA 0 issue "{Issuer}"
            notwild 60 IN CAA 0 issuewild ";"
            onlywild 60 IN CAA 0 issue ";"
            onlywild 60 IN CAA 0 issuewild "{Issuer}"
            account 60 IN CAA 0 issue "{Issuer}; accounturi={AccountUrl}"
            method 60 IN CAA 0 issue "{Issuer}; validationmethods=dns-01"
            brmethod 60 IN CAA 0 issue "{Issuer}; validationmethods=ca-tbr-7"
            both 60 IN CAA 0 issue "{Issuer}; accounturi={AccountUrl}; validationmethods=http-01"
            alias.ours 60 IN CNAME other
            emptyalias.ours 60 IN CNAME www
            leaf.moved 60 IN CAA 0 issue ";"
            tree 60 IN DNAME moved
            """),
        new("plain", Proof + $"""
            @ 60 IN CAA 0 issue "{Issuer}"
            www 60 IN A 127.0.0.1
            """) { Signing = LabSigning.None },
        new("bogus", Proof + $"""
            @ 60 IN CAA 0 issue "other.example"
            """) { Signing = LabSigning.Changed, ChangedAfterSigning = ("\"other.example\"", $"\"{Issuer}\"") },
        new("forged", """
            _acme-challenge 60 IN TXT "some other value"
            """) { Signing = LabSigning.Changed, ChangedAfterSigning = ("some other value", TextValue) },
        new("expired", Proof + $"""
            @ 60 IN CAA 0 issue "{Issuer}"
            """) { Signing = LabSigning.Expired },
        new("lame", "") { Signing = LabSigning.None, Serving = LabServing.Refused },
        new("lamesigned", "") { Serving = LabServing.Refused },
        new("silent", "") { Signing = LabSigning.None, Serving = LabServing.Silent },
        new("silentsigned", "") { Serving = LabServing.Silent },
    ];

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private DnsLab? _dns;

    /// <summary>The servers.</summary>
    public DnsLab Dns => _dns!;

    /// <summary>A perspective that believes the resolver and requires CAA.</summary>
    public PerspectiveSettings Settings => new()
    {
        Name = "lab",
        Resolvers = [Dns.Resolver],
        Dnssec = true,
        IssuerNames = [Issuer],
        DnsTimeout = TimeSpan.FromSeconds(1),
        Timeout = TimeSpan.FromSeconds(30),
    };

    /// <summary>Looks CAA up as for http-01.</summary>
    public async Task<CaaOutcome> CaaAsync(
        string name, ValidationMethod method = ValidationMethod.Http01, string account = AccountUrl, PerspectiveSettings? settings = null)
    {
        var identifier = Identifier.Dns(name);
        using var perspective = new Perspective(settings ?? Settings, _key, TimeProvider.System);
        return await perspective.CheckCaaAsync(
            new CaaRequest { Identifier = identifier.WithoutWildcard(), Wildcard = identifier.IsWildcard, Method = method, AccountUrl = account },
            TestContext.Current.CancellationToken);
    }

    /// <summary>Checks dns-01.</summary>
    public async Task<ValidationOutcome> Dns01Async(string name, PerspectiveSettings? settings = null)
    {
        using var perspective = new Perspective(settings ?? Settings, _key, TimeProvider.System);
        return await perspective.CheckAsync(
            new ValidationRequest { Identifier = Identifier.Dns(name), Method = ValidationMethod.Dns01, Token = Token, Thumbprint = Thumbprint, AccountUrl = AccountUrl },
            TestContext.Current.CancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask InitializeAsync() => _dns = await DnsLab.StartAsync(Zones, TestContext.Current.CancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_dns is not null)
            await _dns.DisposeAsync();
        _key.Dispose();
    }
}
