using System.Text.RegularExpressions;
using CaServer.Conformance.Suite;
using static CaServer.Conformance.Suite.ConformanceCase;

namespace CaServer.Conformance.Cases;

/// <summary>The directory (RFC 8555 §7.1.1) and what holds for all resources.</summary>
internal static partial class DirectoryCases
{
    private static readonly string[] s_required = ["newNonce", "newAccount", "newOrder", "revokeCert", "keyChange"];

    public static readonly Section Section = new("Directory",
        Must("RFC 8555 §7.1.1 (1)", "A GET of the directory is answered with 200 and a JSON object", async t =>
        {
            var answer = (await t.GetAsync(t.Server.Target.Directory.AbsoluteUri)).Is(200);
            _ = answer.Object;
        }),
        Must("RFC 8555 §7.1.1 (2)", "The directory is sent as application/json", async t =>
        {
            var answer = await t.GetAsync(t.Server.Target.Directory.AbsoluteUri);
            answer.Expect(answer.MediaType == "application/json", $"Content-Type application/json rather than {answer.ContentType}");
        }),
        Must("RFC 8555 §7.1.1 (3)", "The directory has newNonce, newAccount, newOrder, revokeCert and keyChange, each an absolute URL", t =>
        {
            foreach (var resource in s_required)
                t.Url(resource);
            return Task.CompletedTask;
        }),
        Must("RFC 8555 §7.1.1 (4)", "The resources of the directory have different URLs, and none is the directory's", t =>
        {
            string[] urls = [t.Server.Target.Directory.AbsoluteUri, .. s_required.Select(t.Url)];
            return Holds(urls.Distinct().Count() == urls.Length, "all URLs to be different");
        }),
        Must("RFC 8555 §7.1.1 (5)", "\"meta\", if it is there, is an object", t =>
        {
            _ = RequireMeta(t);
            return Task.CompletedTask;
        }),
        Must("RFC 8555 §7.1.1 (6)", "meta.termsOfService, if it is there, is a URL", t =>
        {
            if (!RequireMeta(t).Has("termsOfService"))
                throw new NotApplicable("meta has no termsOfService");
            return Holds(Uri.TryCreate(RequireMeta(t).Text("termsOfService"), UriKind.Absolute, out _), "an absolute URL in meta.termsOfService");
        }),
        Must("RFC 8555 §7.1.1 (7)", "meta.website, if it is there, is an http or https URL", t =>
        {
            if (!RequireMeta(t).Has("website"))
                throw new NotApplicable("meta has no website");
            RequireMeta(t).Url("website");
            return Task.CompletedTask;
        }),
        Must("RFC 8555 §7.1.1 (8)", "meta.caaIdentities, if it is there, has lower-case host names", t =>
        {
            if (!RequireMeta(t).Has("caaIdentities"))
                throw new NotApplicable("meta has no caaIdentities");
            var others = RequireMeta(t).Texts("caaIdentities").Where(name => !HostName().IsMatch(name)).ToArray();
            return Holds(others.Length == 0, $"lower-case host names rather than {string.Join(", ", others)}");
        }),
        Must("RFC 8555 §7.1.1 (9)", "meta.externalAccountRequired, if it is there, is a boolean", t =>
        {
            if (!RequireMeta(t).Has("externalAccountRequired"))
                throw new NotApplicable("meta has no externalAccountRequired");
            RequireMeta(t).Flag("externalAccountRequired");
            return Task.CompletedTask;
        }),
        Must("RFC 8555 §6.1 (1)", "All resources are at https URLs", t =>
            Holds(s_required.Select(t.Url).All(url => url.StartsWith("https://", StringComparison.OrdinalIgnoreCase)), "https URLs only")),
        May("RFC 8555 §6.1 (2)", "Web pages of other origins may use the server (Access-Control-Allow-Origin: *)", async t =>
        {
            var answer = await t.GetAsync(t.Server.Target.Directory.AbsoluteUri);
            answer.Expect(answer.Header("Access-Control-Allow-Origin") == "*", "Access-Control-Allow-Origin: *");
        }),
        Must("RFC 8555 §6.3 (1)", "The directory is also read by POST-as-GET", async t =>
        {
            var account = await t.AccountAsync();
            var answer = (await t.ReadAsync(account, t.Server.Target.Directory.AbsoluteUri)).Is(200);
            answer.Object.Url("newNonce");
        }));

    private static Task Holds(bool holds, string expected) => holds ? Task.CompletedTask : throw new Nonconformity($"expected {expected}");

    private static Acme.AcmeObject RequireMeta(Trial t) => t.Meta ?? throw new NotApplicable("the directory has no meta");

    [GeneratedRegex(@"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$")]
    private static partial Regex HostName();
}
