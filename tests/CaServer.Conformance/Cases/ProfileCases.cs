using System.Text.Json;
using CaServer.Conformance.Acme;
using CaServer.Conformance.Suite;
using static CaServer.Conformance.Suite.ConformanceCase;

namespace CaServer.Conformance.Cases;

/// <summary>Profiles (draft-ietf-acme-profiles), which a server may offer.</summary>
internal static class ProfileCases
{
    public static readonly Section Section = new("Profiles",
        Must("draft-ietf-acme-profiles §3 (1)", "meta.profiles describes each profile by a text", t =>
        {
            var others = Profiles(t).Json.EnumerateObject().Where(p => p.Value.ValueKind != JsonValueKind.String).Select(p => p.Name).ToArray();
            return others.Length == 0 ? Task.CompletedTask : throw new Nonconformity($"expected texts; {others[0]} has none");
        }),
        Must("draft-ietf-acme-profiles §4 (1)", "An order for a profile shows it", async t =>
        {
            var (account, profile) = (await t.AccountAsync(), First(t));
            var answer = (await OrderAsync(t, account, profile)).Is(201);
            answer.Expect(answer.Object.Text("profile") == profile, $"\"profile\" {profile}");
        }),
        Must("draft-ietf-acme-profiles §4 (2)", "A profile that is not in the directory is refused with invalidProfile", async t =>
        {
            First(t);
            (await OrderAsync(t, await t.AccountAsync(), "unheard-of-profile")).IsRefused("invalidProfile");
        }),
        Must("draft-ietf-acme-profiles §4 (3)", "A certificate is issued for a profile", async t =>
        {
            var profile = First(t);
            t.RequireProofs();
            var account = await t.AccountAsync();
            await t.IssueAsync(account, await t.MakeReadyAsync(account, Order.Of(await OrderAsync(t, account, profile))));
        }));

    private static AcmeObject Profiles(Trial t) =>
        t.Meta is { } meta && meta.Has("profiles") ? meta.Object("profiles") : throw new NotApplicable("meta has no profiles");

    private static string First(Trial t)
    {
        var names = Profiles(t).Json.EnumerateObject().Select(p => p.Name).ToArray();
        return names.Length > 0 ? names[0] : throw new NotApplicable("meta.profiles is empty");
    }

    private static async Task<AcmeAnswer> OrderAsync(Trial t, Account account, string profile) =>
        await t.NewOrderAsync(account, [("dns", await t.NewNameAsync())], payload => payload["profile"] = profile);
}
