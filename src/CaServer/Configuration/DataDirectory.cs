namespace CaServer.Configuration;

/// <summary>Section <c>Data</c>.</summary>
internal sealed class DataOptions
{
    /// <summary>Everything that the server writes lies below this directory.</summary>
    public string Directory { get; set; } = "data";
}

/// <summary>Where things lie in the data directory.</summary>
internal sealed record DataDirectory
{
    private DataDirectory(string root) => Root = root;

    /// <summary>Absolute path.</summary>
    public string Root { get; }

    /// <summary>The root certificate, for people and clients to trust.</summary>
    public string RootCertificate => Path.Combine(Root, "root.pem");

    /// <summary>Held while a process uses the directory.</summary>
    public string LockFile => Path.Combine(Root, "lock");

    /// <summary>SoftHSM2 configuration, tokens and PIN files, or encrypted keys where there is no token.</summary>
    public string Hsm => Path.Combine(Root, "hsm");

    /// <summary>The server's own TLS certificate and key.</summary>
    public string Tls => Path.Combine(Root, "tls");

    /// <summary>The keys that validation perspectives sign their statements with.</summary>
    public string Perspectives => Path.Combine(Root, "perspectives");

    /// <summary>What the MAC keys for external account binding are encrypted with.</summary>
    public string EabKey => Path.Combine(Root, "eab.key");

    /// <summary>The SQLite database.</summary>
    public string Database => Path.Combine(Root, "caserver.db");

    public static DataDirectory Parse(DataOptions options, SettingFaults faults)
    {
        if (options.Directory.Length == 0 || options.Directory.Contains('\0', StringComparison.Ordinal))
        {
            faults.Add("Data:Directory", "must be the path of a directory");
            return new DataDirectory("");
        }
        return new DataDirectory(Path.GetFullPath(options.Directory));
    }
}
