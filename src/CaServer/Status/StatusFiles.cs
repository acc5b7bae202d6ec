using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using CaServer.Storage;

namespace CaServer.Status;

/// <summary>
/// CA certificates and CRLs in memory, by path. What is there stays there when the database or the HSM cannot be reached: the last
/// good CRL is better than none.
/// </summary>
internal sealed class StatusFiles(IssuerStore issuers)
{
    /// <summary>The path of the root certificate, PEM.</summary>
    public const string RootPath = "/ca/root.pem";

    private const int Shard = 0;

    // CA certificates never change; a day lets a fault in one be put right.
    private static readonly TimeSpan s_certificateAge = TimeSpan.FromDays(1);

    // RFC 5280 leaves it open; an hour keeps a revocation from being hidden by caches for long.
    private static readonly TimeSpan s_crlAge = TimeSpan.FromHours(1);

    private volatile FrozenDictionary<string, StatusFile> _files = FrozenDictionary<string, StatusFile>.Empty;

    /// <summary>When the present CRL of each issuer ends.</summary>
    public IReadOnlyDictionary<string, DateTimeOffset> CrlEnds { get; private set; } = FrozenDictionary<string, DateTimeOffset>.Empty;

    /// <summary>The document at a path; null if there is none.</summary>
    public StatusFile? Find(string? path) => path is not null && _files.TryGetValue(path, out var file) ? file : null;

    /// <summary>Reads everything from the database again.</summary>
    public async Task RefreshAsync(CancellationToken ct)
    {
        var files = new Dictionary<string, StatusFile>(StringComparer.Ordinal);
        var ends = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        foreach (var issuer in await issuers.ListAsync(ct))
        {
            files[$"/ca/{issuer.Name}.der"] = new StatusFile(issuer.Certificate, "application/pkix-cert", issuer.CreatedAt, s_certificateAge);
            if (issuer.Role == IssuerRole.Root)
                files[RootPath] = new StatusFile(Pem(issuer.Certificate), "application/x-pem-file", issuer.CreatedAt, s_certificateAge);
            if (await issuers.FindCrlAsync(issuer.Name, Shard, ct) is not { } crl)
                continue;
            files[$"/crl/{issuer.Name}/{crl.Shard}.crl"] = new StatusFile(crl.Der, "application/pkix-crl", crl.ThisUpdate, s_crlAge);
            ends[issuer.Name] = crl.NextUpdate;
        }
        CrlEnds = ends;
        _files = files.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static byte[] Pem(byte[] der) => Encoding.ASCII.GetBytes(PemEncoding.WriteString("CERTIFICATE", der) + "\n");
}
