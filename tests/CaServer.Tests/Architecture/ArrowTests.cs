using System.Reflection;
using System.Text.RegularExpressions;
using CaServer.TestKit.Processes;

namespace CaServer.Tests.Architecture;

/// <summary>
/// The rules that project references cannot express: which packages a project may see, and what its code may not do. The arrows
/// between projects are enforced by the references themselves, which are not transitive.
/// </summary>
public sealed partial class ArrowTests
{
    private static readonly Dictionary<string, string[]> s_mayReference = new()
    {
        ["CaServer.Domain"] = [],
        ["CaServer.Pki"] = ["CaServer.Domain", "BouncyCastle.Cryptography"],
        ["CaServer.Hsm"] = ["CaServer.Pki", "Pkcs11Interop"],
        ["CaServer.Signing"] = ["CaServer.Domain", "CaServer.Pki"],
        ["CaServer.Validation"] = ["CaServer.Domain", "DnsClient"],
        ["CaServer.Storage"] = ["CaServer.Domain", "Dapper", "dbup-core", "dbup-postgresql", "dbup-sqlite", "Microsoft.Data.Sqlite", "Npgsql", "SQLitePCLRaw.core"],
    };

    [Theory]
    [InlineData("CaServer.Domain")]
    [InlineData("CaServer.Pki")]
    [InlineData("CaServer.Hsm")]
    [InlineData("CaServer.Signing")]
    [InlineData("CaServer.Validation")]
    [InlineData("CaServer.Storage")]
    public void A_project_uses_only_what_the_design_lets_it_see(string project)
    {
        var allowed = s_mayReference[project];
        var used = Assembly.Load(project).GetReferencedAssemblies().Select(a => a.Name!).Where(n => !IsPlatform(n));
        var offences = used.Where(n => !allowed.Any(a => Matches(a, n))).ToArray();
        Assert.Empty(offences);

        static bool Matches(string package, string assembly) =>
            package.Replace("-", "", StringComparison.Ordinal).Equals(assembly.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("CaServer.Domain")]
    [InlineData("CaServer.Pki")]
    [InlineData("CaServer.Signing")]
    public void The_inner_projects_know_no_clock_no_network_and_no_files(string project)
    {
        var offences = Sources(project).SelectMany(file => Lines(file, ForbiddenInside()));
        Assert.Empty(offences);
    }

    [Fact]
    public void Only_the_validation_opens_outbound_connections()
    {
        string[] projects = ["CaServer.Domain", "CaServer.Pki", "CaServer.Hsm", "CaServer.Signing", "CaServer.Storage", "CaServer"];
        Assert.Empty(projects.SelectMany(Sources).SelectMany(file => Lines(file, Outbound())));
    }

    [Fact]
    public void Only_the_storage_has_SQL()
    {
        string[] projects = ["CaServer.Domain", "CaServer.Pki", "CaServer.Hsm", "CaServer.Signing", "CaServer.Validation", "CaServer"];
        Assert.Empty(projects.SelectMany(Sources).SelectMany(file => Lines(file, Sql())));
    }

    [Fact]
    public void No_code_asks_for_the_name_of_its_environment() =>
        Assert.Empty(s_mayReference.Keys.Append("CaServer").SelectMany(Sources).SelectMany(file => Lines(file, EnvironmentName())));

    [Fact]
    public void No_type_has_a_name_that_says_nothing()
    {
        var types = s_mayReference.Keys.Append("caserver").SelectMany(p => Assembly.Load(p).GetTypes());
        Assert.Empty(types.Where(t => EmptyName().IsMatch(t.Name)).Select(t => t.FullName));
    }

    [Fact]
    public void An_interface_is_a_port_to_hardware_storage_network_or_time()
    {
        string[] ports = ["CaServer.Hsm.ICaKeyStore", "CaServer.Signing.IIssuanceJournal"];
        var interfaces = s_mayReference.Keys.Append("caserver").SelectMany(p => Assembly.Load(p).GetTypes())
            .Where(t => t.IsInterface && t.IsPublic && t.Namespace?.StartsWith("CaServer", StringComparison.Ordinal) == true)
            .Select(t => t.FullName!);
        Assert.Empty(interfaces.Except(ports));
    }

    private static bool IsPlatform(string name) =>
        name.StartsWith("System.", StringComparison.Ordinal) || name is "System" or "netstandard" or "mscorlib" || name.StartsWith("Microsoft.Win32.", StringComparison.Ordinal);

    private static IEnumerable<string> Sources(string project) =>
        Directory.EnumerateFiles(Path.Combine(Repository.Root, "src", project), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal));

    private static IEnumerable<string> Lines(string file, Regex pattern) =>
        File.ReadLines(file)
            .Select((text, index) => (Text: text.Trim(), Number: index + 1))
            .Where(line => !line.Text.StartsWith("//", StringComparison.Ordinal) && pattern.IsMatch(line.Text))
            .Select(line => $"{Path.GetRelativePath(Repository.Root, file)}:{line.Number}: {line.Text}");

    [GeneratedRegex(@"\b(TimeProvider|Stopwatch|HttpClient|Socket|TcpClient|File\.(Read|Write|Open|Exists)|Environment\.GetEnvironmentVariable)\b")]
    private static partial Regex ForbiddenInside();

    [GeneratedRegex(@"\b(HttpClient|SocketsHttpHandler|TcpClient|UdpClient|LookupClient|Dns\.GetHost)\b")]
    private static partial Regex Outbound();

    [GeneratedRegex(@"\b(SELECT\s+\w+.*\bFROM\b|INSERT INTO|UPDATE\s+\w+\s+SET|DELETE FROM)\b")]
    private static partial Regex Sql();

    [GeneratedRegex(@"IsDevelopment|IsProduction|EnvironmentName|ASPNETCORE_ENVIRONMENT|DOTNET_ENVIRONMENT")]
    private static partial Regex EnvironmentName();

    [GeneratedRegex(@"(Manager|Helper|Helpers|Util|Utils|Utilities)$")]
    private static partial Regex EmptyName();
}
