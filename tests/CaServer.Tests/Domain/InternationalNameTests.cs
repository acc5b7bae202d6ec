using CaServer.Domain;

namespace CaServer.Tests.Domain;

/// <summary>RFC 5890 to 5893, RFC 3492, UTS #39.</summary>
public sealed class InternationalNameTests
{
    private static readonly NamePolicy s_policy = new(PolicyPreset.Private, []);

    [Theory]
    [InlineData("bücher.example", "xn--bcher-kva.example")]
    [InlineData("Straße.example", "xn--strae-oqa.example")]
    [InlineData("BÜCHER.Example", "xn--bcher-kva.example")]
    [InlineData("bu\u0308cher.example", "xn--bcher-kva.example")]
    [InlineData("*.bücher.example", "*.xn--bcher-kva.example")]
    [InlineData("пример.испытание", "xn--e1afmkfd.xn--80akhbyknj4f")]
    [InlineData("例え.テスト", "xn--r8jz45g.xn--zckzah")]
    [InlineData("他们为什么不说中文.example", "xn--ihqwcrb4cv8a8dqg056pqjye.example")]
    public void A_U_label_is_refused_with_the_name_to_send(string sent, string wanted)
    {
        Assert.False(Identifier.TryParse(IdentifierType.Dns, sent, out _, out var fault));
        Assert.Contains($"send {wanted.TrimStart('*', '.')},", fault, StringComparison.Ordinal);
        Assert.Null(s_policy.Refusal(Identifier.Dns(wanted)));
    }

    [Theory]
    [InlineData("☃.example", "U+2603")]
    [InlineData("😀.example", "U+1F600")]
    [InlineData("a\ud800.example", "U+FFFD")]
    public void A_U_label_that_no_name_can_have_is_refused_with_the_code_point(string sent, string codePoint)
    {
        Assert.False(Identifier.TryParse(IdentifierType.Dns, sent, out _, out var fault));
        Assert.Contains(codePoint, fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("xn--bcher-kva")] // bücher
    [InlineData("XN--BCHER-KVA")]
    [InlineData("xn--strae-oqa")] // straße, which IDNA2003 did not have
    [InlineData("xn--0cabcdefg-y6a")] // decoded and encoded again
    [InlineData("xn--4dbrk0ce")] // Hebrew
    [InlineData("xn--mgberp4a5d4ar")] // Arabic
    [InlineData("xn--hqbpi0jcw")] // Thaana, which ends in a mark: IDNA2003 refused it
    [InlineData("xn--wgv71a119e")] // Japanese in Han alone
    [InlineData("xn--11b4c3d")] // Devanagari
    public void A_good_A_label_is_taken(string label)
    {
        if (!Identifier.TryParse(IdentifierType.Dns, label + ".example", out var identifier, out _))
            Assert.Fail($"{label} is not well formed");
        Assert.Null(s_policy.Refusal(identifier));
    }

    [Theory]
    [InlineData("xn--")]
    [InlineData("xn--abc-")]
    [InlineData("xn--bcher-kva8")]
    [InlineData("xn--99999999")]
    [InlineData("xn--bcher-kva-")]
    public void What_is_not_the_Punycode_of_a_U_label_is_malformed(string label)
    {
        Assert.False(Identifier.TryParse(IdentifierType.Dns, label + ".example", out _, out var fault));
        Assert.NotNull(fault);
    }

    [Theory]
    [InlineData("\u2603", "U+2603")] // snowman
    [InlineData("\u0080", "U+0080")] // a control character
    [InlineData("\U0001F4A9", "U+1F4A9")] // emoji
    [InlineData("\u00DCber", "U+00DC")] // capital letter
    [InlineData("a\u00AD", "U+00AD")] // soft hyphen
    [InlineData("\u0301a", "combining mark")]
    [InlineData("a\u0308\u0301", "normalization form C")] // ä is a code point of its own
    [InlineData("\u00E9\u0323", "normalization form C")] // the marks are in the wrong order
    [InlineData("a\u200Cb", "U+200C")] // a joiner between letters that do not join
    [InlineData("a\u00B7b", "U+00B7")] // the Catalan dot where there is no l
    [InlineData("\u30FB\u00E9", "U+30FB")] // the Katakana dot without Japanese
    [InlineData("\u0627\u0661\u06F1", "U+0661")] // two kinds of Arabic digits
    [InlineData("ab--\u00FC", "hyphen")]
    [InlineData("\u05D0a", "RFC 5893")] // Hebrew and Latin in one label
    [InlineData("1\u05D0", "RFC 5893")]
    public void A_U_label_that_IDNA2008_forbids_is_refused_as_A_label(string label, string why)
    {
        int[] codePoints = [.. label.EnumerateRunes().Select(r => r.Value)];
        var name = Identifier.Dns($"xn--{Punycode.Encode(codePoints)}.example");
        Assert.Contains(why, s_policy.Refusal(name), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("l\u00B7l")]
    [InlineData("\u0375\u03B1")]
    [InlineData("\u05D0\u05F3")]
    [InlineData("\u30FB\u30C6")]
    [InlineData("\u0915\u094D\u200D\u0937")] // a joiner after a virama
    [InlineData("\u0646\u0627\u0645\u0647\u200C\u0627\u06CC")] // Persian, a non-joiner between letters that join
    public void What_depends_on_its_neighbours_may_stand_where_they_are_right(string label)
    {
        int[] codePoints = [.. label.EnumerateRunes().Select(r => r.Value)];
        Assert.Null(s_policy.Refusal(Identifier.Dns($"xn--{Punycode.Encode(codePoints)}.example")));
    }

    [Theory]
    [InlineData("p\u0430yp\u0430l", "Cyrl Latn")]
    [InlineData("g\u03BFogle", "Grek Latn")]
    [InlineData("\u0430\u03B2", "Cyrl Grek")]
    [InlineData("b\u00FCcher-24", "")]
    [InlineData("\u043F\u0440\u0438\u043C\u0435\u0440", "")]
    [InlineData("web\u30C6\u30B9\u30C8\u4F8B", "")] // Latin in Japanese is usual
    [InlineData("k\uD55C\u6F22", "")]
    public void A_label_that_mixes_scripts_as_no_language_does_is_told(string label, string scripts)
    {
        int[] codePoints = [.. label.EnumerateRunes().Select(r => r.Value)];
        var mixed = InternationalName.MixedLabels(Identifier.Dns($"www.xn--{Punycode.Encode(codePoints)}.example"));
        Assert.Equal(scripts, string.Join(' ', mixed.SelectMany(m => m.Scripts)));
    }

    [Fact]
    public void Any_label_decodes_and_encodes_without_a_fault_of_ours()
    {
        var random = new byte[40];
        for (var i = 0; i < 20_000; i++)
        {
            System.Security.Cryptography.RandomNumberGenerator.Fill(random);
            var text = string.Concat(random.Take(1 + (random[0] % 39)).Select(b => "abcdefghijklmnopqrstuvwxyz0123456789-"[b % 37]));
            if (Punycode.TryDecode(text, out var codePoints))
                Assert.True(Punycode.Encode(codePoints).Length <= text.Length + 1, text);
            if (Identifier.TryParse(IdentifierType.Dns, $"xn--{text}.example", out var identifier, out _))
                _ = s_policy.Refusal(identifier);
        }
    }
}
