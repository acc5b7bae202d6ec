using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using CaServer.Acme;
using CaServer.Domain;
using CaServer.Storage;
using CaServer.TestKit.Storage;
using CaServer.Validation;
using Microsoft.AspNetCore.Http;

namespace CaServer.Tests.Acme;

/// <summary>The page about the checks of an authorization, with more than one perspective and attempt.</summary>
public sealed partial class ChecksPageTests
{
    private static readonly DateTimeOffset s_now = StorageSamples.Now;
    private static readonly ChallengeId s_challenge = new(5);

    [Fact]
    public async Task The_latest_attempt_of_every_perspective_comes_first_and_earlier_ones_are_folded_away()
    {
        var page = await RenderAsync(
            AuthorizationStatus.Invalid,
            Check("paris", 1, passed: false), Check("tokyo", 1, passed: true), Check("paris", 2, passed: false), Check("tokyo", 2, passed: true));

        Assert.Equal(
            ["Attempt 2, perspective paris", "Attempt 2, perspective tokyo", "Attempt 1, perspective paris", "Attempt 1, perspective tokyo"],
            Headings().Matches(page).Select(m => m.Groups[1].Value));
        Assert.InRange(page.IndexOf("<details>", StringComparison.Ordinal), page.IndexOf("Attempt 2, perspective tokyo", StringComparison.Ordinal), page.IndexOf("Attempt 1, perspective paris", StringComparison.Ordinal));
        Assert.Contains("Earlier checks: 2", page, StringComparison.Ordinal);
        Assert.Contains("Not proved.", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_later_look_up_of_CAA_that_forbids_is_told_on_the_page_of_what_was_proved()
    {
        var page = await RenderAsync(
            AuthorizationStatus.Valid, Check("paris", 1, passed: true), Check("paris", PerspectiveCheck.CaaRenewal, passed: false) with { At = s_now.AddDays(1) });

        Assert.Equal(["CAA of a.example again, perspective paris", "Attempt 1, perspective paris"], Headings().Matches(page).Select(m => m.Groups[1].Value));
    }

    [Fact]
    public async Task Steps_of_a_newer_version_cost_the_steps_and_nothing_else()
    {
        var page = await RenderAsync(AuthorizationStatus.Invalid, Check("paris", 1, passed: false) with { Trace = """{"perspective":"paris","steps":[{"step":"teleported"}]}"""u8.ToArray() });

        Assert.Contains("What was seen.", page, StringComparison.Ordinal);
        Assert.Contains("another version of this server", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(AuthorizationStatus.Pending, "Not checked yet")]
    [InlineData(AuthorizationStatus.Deactivated, "Given up")]
    [InlineData(AuthorizationStatus.Expired, "Run out")]
    [InlineData(AuthorizationStatus.Revoked, "Taken away")]
    public async Task Without_checks_the_page_says_how_things_are(AuthorizationStatus status, string words) =>
        Assert.Contains(words, await RenderAsync(status), StringComparison.Ordinal);

    [Fact]
    public async Task The_policy_permits_the_pages_own_style_and_nothing_more()
    {
        var context = Context();
        await ChecksPage.NotFound().ExecuteAsync(context);
        var style = Style().Match(BodyOf(context)).Groups[1].Value;
        Assert.Equal(
            $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(style)))}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            context.Response.Headers.ContentSecurityPolicy);
        Assert.Equal(404, context.Response.StatusCode);
    }

    private static async Task<string> RenderAsync(AuthorizationStatus status, params PerspectiveCheck[] checks)
    {
        var authorization = new Authorization
        {
            Id = new AuthorizationId(1),
            AccountId = new AccountId(1),
            Identifier = Identifier.Dns("a.example"),
            Status = status,
            Expires = s_now.AddDays(7),
            Challenges =
            [
                new Challenge
                {
                    Id = s_challenge,
                    AuthorizationId = new AuthorizationId(1),
                    Method = ValidationMethod.Http01,
                    Status = checks.Length == 0 ? ChallengeStatus.Pending : status == AuthorizationStatus.Valid ? ChallengeStatus.Valid : ChallengeStatus.Invalid,
                    Token = "token",
                },
            ],
        };
        var context = Context();
        await ChecksPage.Of(authorization, checks.ToLookup(_ => s_challenge), s_now).ExecuteAsync(context);
        return BodyOf(context);
    }

    private static PerspectiveCheck Check(string perspective, int attempt, bool passed) => new()
    {
        Perspective = perspective,
        Attempt = attempt,
        Identifier = Identifier.Dns("a.example"),
        Passed = passed,
        Cause = passed ? null : "not-found",
        Diagnosis = passed ? null : "What was seen.",
        Remedy = passed ? null : "What to change.",
        Trace = new CheckTrace { Perspective = perspective, StartedAt = s_now, Milliseconds = 1, Steps = [new CheckStep.Connected("192.0.2.1:80", null)] }.Encode(),
        At = s_now.AddSeconds(attempt),
    };

    private static DefaultHttpContext Context() => new() { Response = { Body = new MemoryStream() } };

    private static string BodyOf(HttpContext context) => Encoding.UTF8.GetString(((MemoryStream)context.Response.Body).ToArray());

    [GeneratedRegex("<h3>(.+?):")]
    private static partial Regex Headings();

    [GeneratedRegex("<style>(.+?)</style>", RegexOptions.Singleline)]
    private static partial Regex Style();
}
