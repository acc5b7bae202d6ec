using System.Text.Json;
using CaServer.TestKit.Processes;

namespace CaServer.IntegrationTests.Clients;

/// <summary>zlint, the linter of the public CAs: RFC 5280 and its relatives, the CA/Browser Forum's baseline requirements, root programs.</summary>
internal static class Zlint
{
    // test.sh unpacks it here where the Debian release has no package of it.
    private static readonly ExternalProgram Program = ExternalProgram.Find("zlint", Path.Combine(
        Environment.GetEnvironmentVariable("XDG_CACHE_HOME") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"),
        "caserver-tests", "trixie", "bin"));

    // All sources are asked. A lint is listed here only where it states a rule that does not hold, with the reason.
    private static readonly string[] Exceptions =
    [
        // BR §7.1.2.10.2: a public CA's name has its operator's country. The names that the private preset gives the CA say nothing of the operator.
        "e_ca_country_name_missing",
        // BR §7.1.2.7.7: optional since version 2.0.1 (ballot SC-063); zlint 3.6 has the older text. Revocation is in the CRL.
        "e_sub_cert_aia_does_not_contain_ocsp_url",
    ];

    /// <summary>Fails the test if a lint of any source finds an error in the first certificate of the file.</summary>
    // The lint concerns every certificate; that it passed shows that those of RFC 5280 were asked.
    public static Task AcceptsAsync(string pemFile) => AcceptsAsync(pemFile, "e_serial_number_not_positive");

    /// <summary>The same for a CRL.</summary>
    public static Task AcceptsCrlAsync(string pemFile) => AcceptsAsync(pemFile, "e_crl_has_next_update");

    private static async Task AcceptsAsync(string pemFile, string lintThatPasses)
    {
        var result = await Program.RunAsync(["-format", "pem", pemFile], cancellation: TestContext.Current.CancellationToken);
        using var report = JsonDocument.Parse(result.Succeeded().Output);
        var results = report.RootElement.EnumerateObject().ToDictionary(lint => lint.Name, lint => lint.Value.GetProperty("result").GetString());
        Assert.Equal("pass", results[lintThatPasses]);
        var errors = results.Where(lint => lint.Value is "error" or "fatal" && !Exceptions.Contains(lint.Key)).Select(lint => lint.Key);
        Assert.True(!errors.Any(), $"zlint finds fault with {Path.GetFileName(pemFile)}: {string.Join(", ", errors)}\n{File.ReadAllText(pemFile)}");
    }
}
