using System.Security.Cryptography;
using CaServer.Configuration;
using CaServer.Domain;
using CaServer.Hsm;
using CaServer.Signing;
using CaServer.Storage;
using StoredLeaf = CaServer.Storage.LogLeaf;

namespace CaServer.Composition;

/// <summary>
/// Makes the CA where there is none: tokens, keys, root and issuing certificate, the root's first CRL. It can be cut short at any
/// point: the next start finds the keys that exist and goes on, and what the ceremony signs is stored in one transaction. There
/// are never two roots.
/// </summary>
internal sealed class FirstStart(CaServerSettings settings, IssuerStore issuers, KeyStores keys, TimeProvider clock)
{
    /// <summary>Name of the root in URLs and records.</summary>
    public const string RootName = "root";

    /// <summary>Name of the issuing CA in URLs and records.</summary>
    public const string IssuingName = "issuing";

    /// <summary>Label of the root's key.</summary>
    public const string RootKeyLabel = "caserver-root";

    /// <summary>Label of the issuing CA's key.</summary>
    public const string IssuingKeyLabel = "caserver-issuing";

    /// <summary>Label of the key of the issuing CA's OCSP responder.</summary>
    public const string ResponderKeyLabel = "caserver-issuing-ocsp";

    private readonly string _marker = Path.Combine(settings.Data.Root, "first-start");

    /// <summary>Makes what is missing; true if it made the CA.</summary>
    /// <exception cref="OperatorFaultException">Something is in the way.</exception>
    public async Task<bool> RunAsync(CancellationToken ct)
    {
        var made = false;
        if (await issuers.FindAsync(RootName, ct) is not { } root)
        {
            await PerformAsync(ct);
            made = true;
            root = await issuers.FindAsync(RootName, ct) ?? throw new InvalidOperationException("The root was stored but is not found.");
        }
        WriteRootCertificate(root.Certificate);
        File.Delete(_marker);
        return made;
    }

    private async Task PerformAsync(CancellationToken ct)
    {
        if (settings.Policy.Preset == PolicyPreset.WebPki && settings.Authority.Root.Country is null)
            throw new OperatorFaultException("Authority:Country", "must be set under webpki, where a CA's name has its country (BR §7.1.2.10.2): two letters, such as DE", null);
        if (File.Exists(settings.Data.RootCertificate))
            throw Lost($"{settings.Data.RootCertificate} exists");
        var isResumed = File.Exists(_marker);
        keys.MakeMissing();
        using var rootStore = keys.OpenRoot();
        using var issuingStore = keys.OpenIssuing();
        if (!isResumed)
        {
            using var strayRoot = Find(rootStore, RootKeyLabel, isRoot: true);
            using var strayIssuing = Find(issuingStore, IssuingKeyLabel, isRoot: false);
            if ((strayRoot ?? strayIssuing) is { } stray)
                throw Lost($"the key '{stray.Label}' exists");
            // From here on, keys without a certificate are those of this first start.
            PrivateDirectory.Write(_marker, "The first start is under way; the next start goes on with it.\n", isSecret: false);
        }
        using var rootKey = FindOrGenerate(rootStore, RootKeyLabel, CaKeyKind.P384, isRoot: true);
        using var issuingKey = FindOrGenerate(issuingStore, IssuingKeyLabel, CaKeyKind.P256, isRoot: false);
        ct.ThrowIfCancellationRequested();
        var now = DateTimeOffset.FromUnixTimeSeconds(clock.GetUtcNow().ToUnixTimeSeconds());
        var plan = Plan();
        var result = Ceremony.Perform(
            plan, new SigningKey(rootKey.SignatureGenerator, rootKey.Hash), new SigningKey(issuingKey.SignatureGenerator, issuingKey.Hash), now);
        await StoreAsync(result, now, now + plan.RootCrlValidity, ct);
    }

    private CeremonyPlan Plan() => new()
    {
        RootName = RootName,
        RootSubject = settings.Authority.Root,
        IssuingName = IssuingName,
        IssuingSubject = settings.Authority.Issuing,
        StatusUrls = new StatusUrls(settings.Server.StatusUrl),
        Preset = settings.Policy.Preset,
    };

    private async Task StoreAsync(CeremonyResult result, DateTimeOffset now, DateTimeOffset nextCrl, CancellationToken ct)
    {
        var stored = await issuers.AddHierarchyAsync(
            new Issuer { Name = RootName, Role = IssuerRole.Root, Certificate = result.RootCertificate, CreatedAt = now },
            new Issuer { Name = IssuingName, Role = IssuerRole.Issuing, Certificate = result.IssuingCertificate, CreatedAt = now },
            new StoredCrl { Issuer = RootName, Shard = 0, Number = 1, ThisUpdate = now, NextUpdate = nextCrl, Der = result.RootCrl },
            [.. result.LogLeaves.Select(leaf => new StoredLeaf(WireName.Of(LogLeafKind.Ceremony), now, leaf))],
            ct);
        if (!stored)
            throw new OperatorFaultException("Database:ConnectionString: another server made its CA in this database at the same moment; start again to use that one");
    }

    private void WriteRootCertificate(byte[] der)
    {
        var pem = PemEncoding.WriteString("CERTIFICATE", der) + "\n";
        if (!File.Exists(settings.Data.RootCertificate) || File.ReadAllText(settings.Data.RootCertificate) != pem)
            PrivateDirectory.Write(settings.Data.RootCertificate, pem, isSecret: false);
    }

    private static OperatorFaultException Lost(string what) => new(
        "Data:Directory",
        $"{what}, but the database knows no CA, so this is not the database that goes with it; restore that one from a backup, or give a new CA a directory and tokens of its own",
        null);

    private static CaKey FindOrGenerate(ICaKeyStore store, string label, CaKeyKind kind, bool isRoot)
    {
        try
        {
            return store.Find(label) ?? store.Generate(label, kind);
        }
        catch (HsmException e)
        {
            throw HsmFaults.Of(e, isRoot);
        }
    }

    private static CaKey? Find(ICaKeyStore store, string label, bool isRoot)
    {
        try
        {
            return store.Find(label);
        }
        catch (HsmException e)
        {
            throw HsmFaults.Of(e, isRoot);
        }
    }
}
