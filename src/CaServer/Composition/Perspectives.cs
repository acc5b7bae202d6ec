using System.Security.Cryptography;
using CaServer.Configuration;
using CaServer.Validation;

namespace CaServer.Composition;

/// <summary>
/// The perspectives' keys below the data directory: this process's own, <c>NAME.key.pem</c>, and the public keys that the signing
/// core believes, <c>NAME.pub.pem</c>. Its own public key is written there, too, to be copied to a signer elsewhere.
/// </summary>
internal sealed class Perspectives : IDisposable
{
    private const string KeySuffix = ".key.pem";
    private const string PublicSuffix = ".pub.pem";

    private readonly Dictionary<string, ECDsa> _publicKeys = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ECDsa> _furtherKeys = new(StringComparer.Ordinal);

    private Perspectives()
    {
    }

    /// <summary>The key of this process's perspective; null without the role validator.</summary>
    public ECDsa? OwnKey { get; private set; }

    /// <summary>The keys of the further perspectives of this process, by their names.</summary>
    public IReadOnlyDictionary<string, ECDsa> FurtherKeys => _furtherKeys;

    /// <summary>The public keys by the perspectives' names.</summary>
    public IReadOnlyDictionary<string, ECDsa> PublicKeys => _publicKeys;

    /// <summary>Where the key of a perspective lies.</summary>
    public static string KeyFileOf(DataDirectory data, string name) => Path.Combine(data.Perspectives, name + KeySuffix);

    /// <summary>Opens the directory and, for a validator, makes its key if there is none.</summary>
    /// <exception cref="OperatorFaultException">A file in it cannot be used.</exception>
    public static Perspectives Open(DataDirectory data, string ownName, IEnumerable<string> further, Roles roles)
    {
        var perspectives = new Perspectives();
        try
        {
            PrivateDirectory.Make(data.Perspectives);
            if (roles.HasFlag(Roles.Validator))
            {
                perspectives.OwnKey = OpenKey(data.Perspectives, ownName);
                foreach (var name in further)
                    perspectives._furtherKeys.Add(name, OpenKey(data.Perspectives, name));
            }
            foreach (var file in Directory.GetFiles(data.Perspectives, "*" + PublicSuffix))
                perspectives._publicKeys.Add(Path.GetFileName(file)[..^PublicSuffix.Length], PerspectiveKey.ImportPublic(File.ReadAllText(file)));
            return perspectives;
        }
        catch (InvalidDataException e)
        {
            perspectives.Dispose();
            throw new OperatorFaultException("Data:Directory", $"{data.Perspectives}: {e.Message}", e);
        }
        catch
        {
            perspectives.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        OwnKey?.Dispose();
        foreach (var key in _publicKeys.Values.Concat(_furtherKeys.Values))
            key.Dispose();
    }

    private static ECDsa OpenKey(string directory, string name)
    {
        var key = PerspectiveKey.LoadOrCreate(Path.Combine(directory, name + KeySuffix));
        var file = Path.Combine(directory, name + PublicSuffix);
        var pem = PerspectiveKey.PublicPem(key);
        if (!File.Exists(file) || File.ReadAllText(file) != pem)
            PrivateDirectory.Write(file, pem, isSecret: false);
        return key;
    }
}
