namespace CaServer.Fuzz;

/// <summary>Every reader of octets that strangers choose.</summary>
internal static class FuzzTargets
{
    private const int Small = 4 * 1024;
    private const int Large = 64 * 1024;

    internal static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("jws", Large, JoseTargets.Jws),
        new("jwk", Small, JoseTargets.Jwk),
        new("base64url", Small, JoseTargets.Base64),
        new("account", Large, RequestTargets.Account),
        new("order", Large, RequestTargets.Order),
        new("new-authz", Large, RequestTargets.Authorization),
        new("finalize", Large, RequestTargets.Finalize),
        new("revoke", Large, RequestTargets.Revoke),
        new("key-change", Large, RequestTargets.KeyChange),
        new("csr", Large, CertificateTargets.Request),
        new("lint", Large, CertificateTargets.Lint),
        new("ocsp", Large, StatusTargets.Request),
        new("ocsp-path", Small, StatusTargets.Path),
        new("challenge-certificate", Large, ValidationTargets.Certificate),
        new("validation-answer", Large, ValidationTargets.Answer),
    ];

    internal static FuzzTarget? Find(string name) => All.FirstOrDefault(t => t.Name == name);
}
