using System.Security.Cryptography;

namespace CaServer.Configuration;

/// <summary>A chain of CA certificates in a PEM file, lowest first. Whether it fits the CA is seen at start.</summary>
/// <param name="Key">The setting that names the file.</param>
/// <param name="File">The file.</param>
/// <param name="Certificates">The certificates, DER.</param>
internal sealed record ChainFile(string Key, string File, IReadOnlyList<byte[]> Certificates)
{
    private const int MaxLength = 64 * 1024;
    private const int MaxCertificates = 5;
    private const string Label = "CERTIFICATE";

    /// <summary>The certificates as they follow a leaf in a download, PEM.</summary>
    public string Pem => string.Concat(Certificates.Select(c => PemEncoding.WriteString(Label, c) + "\n"));

    /// <summary>Reads the file; null and a fault if it has no chain.</summary>
    public static ChainFile? Read(string key, string file, SettingFaults faults)
    {
        try
        {
            if (new FileInfo(file).Length > MaxLength)
            {
                faults.Add(key, $"names '{file}', which is too large to be a chain; give a PEM file with the issuing CA's other certificate and those above it");
                return null;
            }
            var certificates = Split(System.IO.File.ReadAllText(file));
            if (certificates.Count is > 0 and <= MaxCertificates)
                return new ChainFile(key, file, certificates);
            faults.Add(key, $"names '{file}', which has {certificates.Count} certificates; give a PEM file with 1 to {MaxCertificates}, the issuing CA's other certificate first");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            faults.Add(key, $"names '{file}', which cannot be read ({e.Message.TrimEnd('.')}); give the path of a readable PEM file");
        }
        return null;
    }

    private static List<byte[]> Split(string text)
    {
        var certificates = new List<byte[]>();
        var rest = text.AsSpan();
        while (PemEncoding.TryFind(rest, out var block))
        {
            if (rest[block.Label].SequenceEqual(Label))
                certificates.Add(Convert.FromBase64String(rest[block.Base64Data].ToString()));
            rest = rest[block.Location.End..];
        }
        return certificates;
    }
}
