using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;

namespace CaServer.Web;

/// <summary>
/// Markup. What is put into it with <see cref="Of"/> is escaped and capped, unless it is markup itself; there is no other way for text
/// to become markup, so what a stranger's server said cannot.
/// </summary>
internal readonly record struct Html
{
    private readonly string? _markup;

    private Html(string markup) => _markup = markup;

    /// <summary>Nothing.</summary>
    public static Html Empty => default;

    /// <summary>Markup with values in it, such as <c>$"&lt;p&gt;{text}&lt;/p&gt;"</c>.</summary>
    public static Html Of(Builder text) => new(text.ToMarkup());

    /// <summary>Markup that stands in the program.</summary>
    public static Html OfConstant([ConstantExpected] string markup) => new(markup);

    /// <summary>One piece of markup after the other.</summary>
    public static Html Concat(params IEnumerable<Html> pieces) => new(string.Concat(pieces));

    /// <inheritdoc/>
    public override string ToString() => _markup ?? "";

    /// <summary>Collects the parts of an interpolated string: what the program says as it is, values escaped.</summary>
    [InterpolatedStringHandler]
    public readonly struct Builder
    {
        // The longest that an honest value is are a few hundred: a record of dns-persist-01, a URL.
        private const int MaxLength = 1000;

        private readonly StringBuilder _markup;

        /// <summary>Begins; called by the compiler.</summary>
        public Builder(int literalLength, int formattedCount) => _markup = new StringBuilder(literalLength + formattedCount * 16);

        /// <summary>What stands in the program.</summary>
        public void AppendLiteral(string markup) => _markup.Append(markup);

        /// <summary>Markup.</summary>
        public void AppendFormatted(Html markup) => _markup.Append(markup.ToString());

        /// <summary>Text.</summary>
        public void AppendFormatted(string? text) =>
            _markup.Append(HtmlEncoder.Default.Encode(text is null or { Length: <= MaxLength } ? text ?? "" : text[..MaxLength] + "…"));

        /// <summary>A number.</summary>
        public void AppendFormatted(int number) => _markup.Append(System.Globalization.CultureInfo.InvariantCulture, $"{number}");

        internal string ToMarkup() => _markup.ToString();
    }
}
