using System.Globalization;
using System.Net;
using CaServer.Domain;

namespace CaServer.Control;

/// <summary>The e-mail that asks the contact of a domain to confirm.</summary>
internal static class ControlMail
{
    /// <summary>Its text.</summary>
    /// <param name="request">What is to be confirmed.</param>
    /// <param name="account">For whom.</param>
    /// <param name="urls">Whose server it is.</param>
    /// <param name="authority">The CA's name.</param>
    /// <param name="value">The value that confirms it.</param>
    public static MailText Of(ControlRequest request, Account account, AcmeUrls urls, string authority, string value)
    {
        var (name, link) = (NameOf(request.Identifier), urls.At(ControlPage.PathOf(value)));
        var until = request.Expires.UtcDateTime.ToString("d MMMM yyyy, HH:mm 'UTC'", CultureInfo.InvariantCulture);
        (string Label, string Value)[] facts = [("Name", name), ("Account", urls.Account(account.Id)), ("Contact of the account", ContactsOf(account)), ("Certificate authority", authority)];
        var plain =
            $"""
            Somebody wants certificates for {name} from {authority}.
            You get this because your address is a contact of that domain.

            {string.Join('\n', facts.Select(f => $"{f.Label}: {f.Value}"))}

            If this is in order, open this page until {until}, and press "Confirm":
            {link}

            Or give this value to whoever asked you to confirm:
            {value}

            Whoever has the link or the value can confirm in your place. If you do not know of this, refuse on that page or do nothing: without
            you there is no certificate.

            """.ReplaceLineEndings("\r\n");
        var html =
            $"""
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><title>{Encode(Subject(name))}</title></head>
            <body>
            <p>Somebody wants certificates for <strong>{Encode(name)}</strong> from {Encode(authority)}. You get this because your address is a contact of that domain.</p>
            <table>
            {string.Join('\n', facts.Select(f => $"<tr><td>{Encode(f.Label)}</td><td>{Encode(f.Value)}</td></tr>"))}
            </table>
            <p>If this is in order, open this page until {Encode(until)}, and press “Confirm”:<br><a href="{Encode(link)}">{Encode(link)}</a></p>
            <p>Or give this value to whoever asked you to confirm:<br><code>{Encode(value)}</code></p>
            <p>Whoever has the link or the value can confirm in your place. If you do not know of this, refuse on that page or do nothing: without you there is no certificate.</p>
            </body></html>

            """.ReplaceLineEndings("\r\n");
        return new MailText(authority, Subject(name), plain, html);
    }

    /// <summary>A name as people read it, with its form in certificates where that differs.</summary>
    public static string NameOf(Identifier identifier)
    {
        var text = identifier.ToString();
        if (identifier.Type != IdentifierType.Dns || !text.Contains("xn--", StringComparison.Ordinal))
            return text;
        try
        {
            return $"{new IdnMapping().GetUnicode(text)} ({text})";
        }
        catch (ArgumentException)
        {
            return text;
        }
    }

    /// <summary>How an account's owner can be reached.</summary>
    public static string ContactsOf(Account account) =>
        account.Contacts.Count == 0 ? "none given" : string.Join(", ", account.Contacts.Select(c => c.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase) ? c["mailto:".Length..] : c));

    private static string Subject(string name) => $"Please confirm: certificates for {name}";

    private static string Encode(string text) => WebUtility.HtmlEncode(text);
}
