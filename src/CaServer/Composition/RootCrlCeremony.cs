using CaServer.Configuration;
using CaServer.Domain;
using CaServer.Hsm;
using CaServer.Pki.X509;
using CaServer.Signing;
using CaServer.Storage;
using StoredLeaf = CaServer.Storage.LogLeaf;

namespace CaServer.Composition;

/// <summary>Signs the root's next CRL and stores it with a log leaf. It revokes nothing: what the root issued is one CA, in use.</summary>
internal sealed class RootCrlCeremony(CaServerSettings settings, Database database, TimeProvider clock)
{
    // BR §4.9.7 allows twelve months; a month of reserve is kept for the next one.
    private static readonly TimeSpan s_validity = TimeSpan.FromDays(335);

    /// <summary>Signs and stores; what was stored.</summary>
    /// <exception cref="OperatorFaultException">There is no CA, the root's key is not there, or another process was faster.</exception>
    public async Task<StoredCrl> RunAsync(CancellationToken ct)
    {
        var root = await new IssuerStore(database).FindAsync(FirstStart.RootName, ct) ?? throw new OperatorFaultException(
            "Data:Directory", "has no CA yet; make it with 'caserver init' first", null);
        var crls = new CrlStore(database);
        var present = await crls.FindAsync(root.Name, 0, ct);
        var now = DateTimeOffset.FromUnixTimeSeconds(clock.GetUtcNow().ToUnixTimeSeconds());
        var crl = new StoredCrl
        {
            Issuer = root.Name,
            Shard = 0,
            Number = (present?.Number ?? 0) + 1,
            ThisUpdate = now,
            NextUpdate = now + s_validity,
            Der = default,
        };
        crl = crl with { Der = Sign(root, crl) };
        var leaf = Signing.LogLeaf.RootCrl(root.Name, crl.Number, crl.Der.ToArray(), now);
        if (!await crls.StoreAsync(crl, new StoredLeaf(WireName.Of(LogLeafKind.Ceremony), now, leaf), ct))
            throw new OperatorFaultException("Database:ConnectionString", "has got another CRL of the root at the same moment; look at it before you sign one more", null);
        return crl;
    }

    private byte[] Sign(Issuer root, StoredCrl crl)
    {
        try
        {
            using var store = KeyStores.Locate(settings.Hsm, settings.Data, clock).OpenRoot();
            using var key = store.Find(FirstStart.RootKeyLabel) ?? throw new HsmException(
                HsmFault.KeyMissing, $"The key '{FirstStart.RootKeyLabel}' of the root is not there.");
            using var certificate = IssuerCertificate.Parse(root.Certificate);
            var signer = new CrlSigner(new IssuingCa(root.Name, certificate, new SigningKey(key.SignatureGenerator, key.Hash)), CrlScope.CaCertificates);
            return signer.Sign(new RevocationListContents { Number = crl.Number, ThisUpdate = crl.ThisUpdate, NextUpdate = crl.NextUpdate });
        }
        catch (HsmException e)
        {
            throw HsmFaults.Of(e, isRoot: true);
        }
        catch (Exception e) when (e is ArgumentException or RefusedException)
        {
            throw new OperatorFaultException("Hsm:RootToken", $"{e.Message.Split(" (Parameter")[0].TrimEnd('.')}; give the token of this CA's root", e);
        }
    }
}
