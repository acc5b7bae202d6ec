using CaServer.Acme;
using CaServer.Validation;
using CaServer.Web;

namespace CaServer.Tests.Acme;

public sealed class HtmlTests
{
    [Theory]
    [InlineData("<b>", "&lt;b&gt;")]
    [InlineData("\" onload='x", "&quot; onload=&#x27;x")]
    [InlineData("&amp;", "&amp;amp;")]
    [InlineData("\u202e\0", "&#x202E;&#x0;")]
    [InlineData(null, "")]
    public void Text_is_escaped(string? text, string markup) => Assert.Equal($"<p title=\"{markup}\">", Html.Of($"<p title=\"{text}\">").ToString());

    [Fact]
    public void Text_is_capped() => Assert.Equal(1000 + "&#x2026;".Length, Html.Of($"{new string('a', 5000)}").ToString().Length);

    [Fact]
    public void Markup_goes_into_markup_as_it_is() => Assert.Equal("<p><b>&lt;</b></p>", Html.Of($"<p>{Html.Of($"<b>{"<"}</b>")}</p>").ToString());

    [Fact]
    public void Every_kind_of_step_has_its_words()
    {
        CheckStep[] steps =
        [
            new CheckStep.Resolved("a.example", "127.0.0.1:53", ["192.0.2.1"], null),
            new CheckStep.Resolved("a.example", "127.0.0.1:53", [], "SERVFAIL"),
            new CheckStep.Refused("169.254.169.254", "it is link-local"),
            new CheckStep.Connected("192.0.2.1:80", null),
            new CheckStep.Connected("192.0.2.1:80", "it was refused"),
            new CheckStep.Answered("http://a.example/", "192.0.2.1:80", 200, "x", null),
            new CheckStep.Answered("http://a.example/", "192.0.2.1:80", null, null, "answer-timeout"),
            new CheckStep.Redirected(302, "http://b.example/"),
            new CheckStep.Shaken("192.0.2.1:443", "a.example", "TLS 1.3", "acme-tls/1", "00", null),
            new CheckStep.Shaken("192.0.2.1:443", "a.example", null, null, null, "tls-alert"),
            new CheckStep.Texts("_acme-challenge.a.example", "127.0.0.1:53", "b.example", ["v"], 1, null),
            new CheckStep.Texts("_acme-challenge.a.example", "127.0.0.1:53", null, [], 0, "SERVFAIL"),
            new CheckStep.CaaLookedUp("a.example", "127.0.0.1:53", "example", null, ["0 issue \";\""], 1, ["mailto:x@example"], CaServer.Domain.DnssecState.Secure, CaServer.Domain.CaaState.Forbidden, null),
            new CheckStep.AliasLookedUp("_pki-validation.a.example", "127.0.0.1:53", "x.ca.example", null),
            new CheckStep.AliasLookedUp("_pki-validation.a.example", "127.0.0.1:53", null, "SERVFAIL"),
            new CheckStep.ContactsLookedUp("a.example", "CAA", "127.0.0.1:53", "example", ["x@example"], null),
            new CheckStep.ContactsLookedUp("a.example", "CAA", "127.0.0.1:53", null, [], "SERVFAIL"),
            new CheckStep.Omitted(3),
        ];
        Assert.Equal(
            typeof(CheckStep).GetNestedTypes().Where(t => t.IsAssignableTo(typeof(CheckStep))).Select(t => t.Name).Order(StringComparer.Ordinal),
            steps.Select(s => s.GetType().Name).Distinct().Order(StringComparer.Ordinal));
        Assert.All(steps, s => Assert.NotEqual(s.GetType().Name, StepText.Of(s).ToString()));
    }
}
