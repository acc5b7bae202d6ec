using System.Text.Json;
using CaServer.Acme;
using CaServer.Domain;
using CaServer.Pki.X509;
using CaServer.TestKit.Storage;

namespace CaServer.Tests.Acme;

/// <summary>draft-ietf-acme-profiles §4.</summary>
public sealed class ProfileChoiceTests : IDisposable
{
    private readonly PublicIds _ids = new(new byte[PublicIds.KeyLength]);

    public void Dispose() => _ids.Dispose();

    [Fact]
    public void An_order_whose_profile_was_withdrawn_is_invalidProfile()
    {
        var order = new Order
        {
            Id = new OrderId(1),
            AccountId = new AccountId(1),
            Status = OrderStatus.Ready,
            Identifiers = [],
            Authorizations = [],
            Profile = "gone",
            Expires = StorageSamples.Now,
            CreatedAt = StorageSamples.Now,
        };
        var account = new Account
        {
            Id = new AccountId(1),
            Status = AccountStatus.Valid,
            Jwk = "{}",
            Thumbprint = "t",
            Contacts = [],
            TermsAgreedAt = null,
            CreatedAt = StorageSamples.Now,
        };
        var problem = Assert.Throws<AcmeException>(() => ProfileChoice.RequireStillOpen(order, account, Settings(("dv", false)))).Problem;
        Assert.Equal((ProblemType.InvalidProfile, 400), (problem.Type, problem.Status));
        ProfileChoice.RequireStillOpen(order with { Profile = "dv" }, account, Settings(("dv", false)));
        Assert.Throws<AcmeException>(() => ProfileChoice.RequireStillOpen(order with { Profile = "dv" }, account, Settings(("dv", true))));
        ProfileChoice.RequireStillOpen(order with { Profile = "dv" }, account with { Binding = new ExternalBinding(new EabKeyId(1), "{}") }, Settings(("dv", true)));
    }

    [Fact]
    public void Where_no_profile_is_open_to_the_account_the_refusal_says_what_to_do()
    {
        var problem = Assert.Throws<AcmeException>(() => ProfileChoice.Read(JsonElement.Parse("{}"), Settings(("dv", true), ("other", true)), limits: null)).Problem;
        Assert.Equal(ProblemType.InvalidProfile, problem.Type);
        Assert.Contains("make an account with them", problem.Detail, StringComparison.Ordinal);
    }

    private FrontEndSettings Settings(params (string Name, bool ExternalAccountRequired)[] profiles) => new()
    {
        OrderLifetime = TimeSpan.FromDays(7),
        FinalizeWait = TimeSpan.Zero,
        Urls = new AcmeUrls(new Uri("https://ca.example.org"), _ids),
        Names = new NamePolicy(PolicyPreset.Private, []),
        Profiles = profiles.ToDictionary(
            p => p.Name, p => new CertificateProfile(p.Name, new CertificateProfileOptions { ExternalAccountRequired = p.ExternalAccountRequired }, PolicyPreset.Private)),
        CaaIdentities = [],
        Offered = new OfferedMethods([ValidationMethod.Http01], [], PlainAccountUri: false),
        ChainsPem = [""],
        MaxIdentifiers = 100,
        CorsOrigins = [],
        IssuerKeyIdentifier = [],
    };
}
