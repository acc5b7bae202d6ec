using System.Runtime.Versioning;
using System.Security.Cryptography;
using CaServer.TestKit.Processes;
using CaServer.Validation;

namespace CaServer.Tests.Validation;

[UnsupportedOSPlatform("windows")]
public sealed class PerspectiveKeyTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly ScratchDirectory _scratch = new();

    [Fact]
    public void A_key_is_made_once_for_its_owner_alone_and_is_then_the_same()
    {
        var path = _scratch.File("lab.pem");
        using var made = PerspectiveKey.LoadOrCreate(path);
        using var read = PerspectiveKey.LoadOrCreate(path);

        Assert.Equal(made.ExportSubjectPublicKeyInfo(), read.ExportSubjectPublicKeyInfo());
        Assert.Equal(256, read.KeySize);
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(path));
        Assert.StartsWith("-----BEGIN PRIVATE KEY-----", File.ReadAllText(path), StringComparison.Ordinal);
        Assert.Equal([path], Directory.GetFiles(_scratch.Path));
    }

    [Fact]
    public async Task Of_many_that_make_it_at_once_all_get_the_same()
    {
        var path = _scratch.File("lab.pem");
        var keys = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() =>
        {
            using var key = PerspectiveKey.LoadOrCreate(path);
            return Convert.ToHexString(key.ExportSubjectPublicKeyInfo());
        })));

        Assert.Single(keys.Distinct());
        Assert.Single(Directory.GetFiles(_scratch.Path));
    }

    [Fact]
    public void A_key_that_others_may_read_is_refused()
    {
        var path = _scratch.File("lab.pem");
        PerspectiveKey.LoadOrCreate(path).Dispose();
        File.SetUnixFileMode(path, OwnerOnly | UnixFileMode.GroupRead);

        var e = Assert.Throws<InvalidDataException>(() => PerspectiveKey.LoadOrCreate(path));
        Assert.Contains("chmod 600", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")]
    public void A_file_that_is_no_key_is_refused_and_kept(string content)
    {
        var path = WriteOwnerOnly(content);
        Assert.Throws<InvalidDataException>(() => PerspectiveKey.LoadOrCreate(path));
        Assert.Equal(content, File.ReadAllText(path));
    }

    [Fact]
    public void A_key_on_another_curve_and_a_public_key_are_refused()
    {
        using var p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var p256 = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Assert.Throws<InvalidDataException>(() => PerspectiveKey.LoadOrCreate(WriteOwnerOnly(p384.ExportPkcs8PrivateKeyPem())));
        Assert.Throws<InvalidDataException>(() => PerspectiveKey.LoadOrCreate(WriteOwnerOnly(p256.ExportSubjectPublicKeyInfoPem())));
    }

    [Fact]
    public void The_public_key_is_taken_back_from_its_PEM_and_nothing_else_is()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var back = PerspectiveKey.ImportPublic(PerspectiveKey.PublicPem(key));

        Assert.Equal(key.ExportSubjectPublicKeyInfo(), back.ExportSubjectPublicKeyInfo());
        foreach (var bad in (string[])["", "x", key.ExportPkcs8PrivateKeyPem(), p384.ExportSubjectPublicKeyInfoPem()])
            Assert.Throws<InvalidDataException>(() => PerspectiveKey.ImportPublic(bad));
    }

    public void Dispose() => _scratch.Dispose();

    private string WriteOwnerOnly(string content)
    {
        var path = _scratch.File(Convert.ToHexString(RandomNumberGenerator.GetBytes(4)) + ".pem");
        File.WriteAllText(path, content);
        File.SetUnixFileMode(path, OwnerOnly);
        return path;
    }
}
