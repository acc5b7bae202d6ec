using CaServer.Pki.X509;
using CaServer.Storage;

namespace CaServer.Status;

/// <summary>A responder's certificate as it is served.</summary>
/// <param name="Id">Its row.</param>
/// <param name="Issuer">The issuer that it answers for.</param>
/// <param name="Template">Puts its responses together.</param>
internal sealed record ServedResponder(long Id, ServedIssuer Issuer, OcspTemplate Template);

/// <summary>An issuer that OCSP is answered for.</summary>
/// <param name="Name">Its name in URLs.</param>
/// <param name="Hashes">How requests name it.</param>
internal sealed record ServedIssuer(string Name, OcspIssuer Hashes);

/// <summary>The issuers that OCSP is answered for, and the certificates of their responders; read again when an unknown one turns up.</summary>
internal sealed class OcspResponders(IssuerStore issuers, OcspStore store, TimeProvider clock)
{
    private volatile ServedIssuer[] _issuers = [];

    // Records name responders by their index, so none is ever removed or moved.
    private volatile ServedResponder[] _responders = [];

    /// <summary>The issuer with this name; null if OCSP is not answered for it.</summary>
    public ServedIssuer? FindIssuer(ReadOnlySpan<char> name)
    {
        foreach (var issuer in _issuers)
        {
            if (name.SequenceEqual(issuer.Name))
                return issuer;
        }
        return null;
    }

    /// <summary>The responder with this index.</summary>
    public ServedResponder At(int index) => _responders[index];

    /// <summary>The index of a row; -1 if it is not known yet.</summary>
    public int IndexOf(long id) => Array.FindIndex(_responders, r => r.Id == id);

    /// <summary>Reads them again. One caller at a time.</summary>
    public async Task RefreshAsync(CancellationToken ct)
    {
        var known = _issuers.ToList();
        foreach (var issuer in await issuers.ListAsync(ct))
        {
            if (issuer.Role != IssuerRole.Issuing || known.Exists(i => i.Name == issuer.Name))
                continue;
            using var certificate = IssuerCertificate.Parse(issuer.Certificate);
            known.Add(new ServedIssuer(issuer.Name, new OcspIssuer(certificate)));
        }
        var responders = _responders.ToList();
        foreach (var stored in await store.RespondersAsync(clock.GetUtcNow(), ct))
        {
            if (!responders.Exists(r => r.Id == stored.Id) && known.Find(i => i.Name == stored.Issuer) is { } issuer)
                responders.Add(new ServedResponder(stored.Id, issuer, new OcspTemplate(issuer.Hashes, stored.Certificate)));
        }
        _issuers = [.. known];
        _responders = [.. responders];
    }
}
