using System.Text.Json;
using CaServer.Acme;
using CaServer.Composition;
using CaServer.Domain;
using CaServer.Pki.Jose;
using CaServer.Storage;
using CaServer.TestKit.Acme;
using CaServer.TestKit.Processes;
using CaServer.TestKit.Storage;
using Microsoft.Extensions.Time.Testing;

namespace CaServer.Tests.Acme;

public sealed class ExternalAccountsTests : IDisposable
{
    private const string Url = "https://ca.example.org/acme/new-account";

    private readonly ScratchDirectory _scratch = new();
    private readonly FakeTimeProvider _clock = new(StorageSamples.Now);
    private readonly TestAccountKey _account = TestAccountKey.Create();
    private readonly TestBinding _binding = new("k1", new byte[64]);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private MacKeyFile File => new(_scratch.File("eab.key"));

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public async Task A_key_binds_until_it_expires()
    {
        await using var test = await TestDatabase.OpenAsync(DatabaseKind.Sqlite);
        await CreateAsync(test, "k1");

        Assert.NotNull(await VerifyAsync(test));
        _clock.Advance(TimeSpan.FromDays(1));
        var problem = (await Assert.ThrowsAsync<AcmeException>(() => VerifyAsync(test))).Problem;
        Assert.Equal((ProblemType.Unauthorized, "The external account key has expired; ask the operator for another."), (problem.Type, problem.Detail));
    }

    [Fact]
    public async Task A_MAC_key_that_was_encrypted_for_another_identifier_is_refused()
    {
        await using var test = await TestDatabase.OpenAsync(DatabaseKind.Sqlite);
        await CreateAsync(test, "k2");

        Assert.Contains("is not the file that", (await Assert.ThrowsAsync<OperatorFaultException>(() => VerifyAsync(test))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_sealed_is_unsealed_and_never_twice_the_same()
    {
        File.MakeIfMissing();
        var (first, second) = (File.Seal("k", [1, 2, 3]), File.Seal("k", [1, 2, 3]));
        Assert.NotEqual(first, second);
        Assert.Equal([1, 2, 3], File.Unseal("k", first));
        File.MakeIfMissing();
        Assert.Equal([1, 2, 3], File.Unseal("k", second));
        first[^1] ^= 1;
        Assert.Throws<OperatorFaultException>(() => File.Unseal("k", first));
        Assert.Throws<OperatorFaultException>(() => File.Unseal("k", []));
    }

    [Fact]
    public async Task Of_many_that_make_the_file_at_once_each_can_read_what_another_sealed()
    {
        var sealedKeys = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(() =>
        {
            File.MakeIfMissing();
            return File.Seal("k", [(byte)i]);
        })));

        Assert.Equal(Enumerable.Range(0, 16), sealedKeys.Select(k => (int)Assert.Single(File.Unseal("k", k))));
        Assert.Single(Directory.GetFiles(_scratch.Path));
    }

    [Theory]
    [InlineData("")]
    [InlineData("AAAA")]
    [InlineData("no base64 at all")]
    public void A_file_that_is_no_key_is_told(string contents)
    {
        File.MakeIfMissing();
        System.IO.File.WriteAllText(File.Path, contents);
        Assert.Contains("is not 32 octets", Assert.Throws<OperatorFaultException>(() => File.Seal("k", [1])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_missing_or_that_others_may_read_is_told()
    {
        Assert.Contains("cannot be read", Assert.Throws<OperatorFaultException>(() => File.Seal("k", [1])).Message, StringComparison.Ordinal);
        File.MakeIfMissing();
        System.IO.File.SetUnixFileMode(File.Path, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        Assert.Contains("chmod 600", Assert.Throws<OperatorFaultException>(() => File.Seal("k", [1])).Message, StringComparison.Ordinal);
    }

    // Stored for k1, whatever it was sealed for.
    private async Task CreateAsync(TestDatabase test, string sealedFor)
    {
        File.MakeIfMissing();
        await new EabStore(test.Database).CreateAsync(
            new NewEabKey { Kid = "k1", SealedMacKey = File.Seal(sealedFor, _binding.MacKey), CreatedAt = StorageSamples.Now, ExpiresAt = StorageSamples.Now.AddDays(1) },
            StorageSamples.Leaf("eabCreated"),
            Ct);
    }

    private async Task<ExternalBinding?> VerifyAsync(TestDatabase test)
    {
        using var ids = new PublicIds(new byte[PublicIds.KeyLength]);
        var settings = new FrontEndSettings
        {
            OrderLifetime = TimeSpan.FromDays(7),
            FinalizeWait = TimeSpan.Zero,
            Urls = new AcmeUrls(new Uri("https://ca.example.org"), ids),
            Names = new NamePolicy(PolicyPreset.Private, []),
            Profiles = new Dictionary<string, CaServer.Pki.X509.CertificateProfile>(),
            CaaIdentities = [],
            Offered = new OfferedMethods([ValidationMethod.Http01], [], PlainAccountUri: false),
            ChainsPem = [""],
            MaxIdentifiers = 100,
            CorsOrigins = [],
            IssuerKeyIdentifier = [],
        };
        var payload = JsonElement.Parse($$"""{"externalAccountBinding":{{_binding.Jws(_account, Url)}}}""");
        var outer = FlattenedJws.Parse(System.Text.Encoding.UTF8.GetBytes(_account.Jws(AcmeSession.Header(_account, Url, "AAAA", null), "{}")));
        return (await new ExternalAccounts(new EabStore(test.Database), File, settings, _clock).VerifyAsync(outer, payload, Ct))?.Binding;
    }
}
