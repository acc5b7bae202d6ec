using System.Security.Cryptography;
using System.Text;
using CaServer.Storage;

namespace CaServer.Status;

/// <summary>The CA certificates in the forms that people and programs ask for, by path.</summary>
internal static class CaDocuments
{
    private const string DerType = "application/pkix-cert";
    private const string PemType = "application/x-pem-file";

    // They never change; a day lets a fault in one be put right.
    private static readonly TimeSpan s_age = TimeSpan.FromDays(1);

    /// <summary>All documents.</summary>
    public static Dictionary<string, StatusFile> Of(IReadOnlyList<Issuer> issuers)
    {
        var files = new Dictionary<string, StatusFile>(StringComparer.Ordinal);
        if (issuers.FirstOrDefault(i => i.Role == IssuerRole.Root) is not { } root)
            return files;
        foreach (var issuer in issuers)
        {
            // RFC 5280 §4.2.2.1: caIssuers leads to one DER certificate.
            files[$"/ca/{issuer.Name}.der"] = new StatusFile(issuer.Certificate, DerType, issuer.CreatedAt, s_age);
            files[$"/ca/{issuer.Name}.pem"] = new StatusFile(Encoding.ASCII.GetBytes(Pem(issuer)), PemType, issuer.CreatedAt, s_age);
        }
        var issuing = issuers.Where(i => i.Role == IssuerRole.Issuing).ToList();
        var newest = issuers.Max(i => i.CreatedAt);
        files["/ca/chain.pem"] = new StatusFile(Encoding.ASCII.GetBytes(string.Concat(issuing.Append(root).Select(Pem))), PemType, newest, s_age);
        files["/ca/root.mobileconfig"] = new StatusFile(AppleProfile.Of(root.Certificate), "application/x-apple-aspen-config", root.CreatedAt, s_age);
        var page = new StatusFile(InstallPage.Of(root, issuing), "text/html; charset=utf-8", newest, s_age);
        files["/"] = page;
        files["/ca/"] = page;
        return files;
    }

    private static string Pem(Issuer issuer) => PemEncoding.WriteString("CERTIFICATE", issuer.Certificate) + "\n";
}
