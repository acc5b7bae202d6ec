using System.Text.Json;
using CaServer.Domain;
using CaServer.Pki.Jose;

namespace CaServer.Acme;

/// <summary>Contact URLs of accounts (RFC 8555 §7.3).</summary>
internal static class Contacts
{
    private const int MaxContacts = 10;
    private const int MaxLength = 254;
    private const string Scheme = "mailto:";

    /// <summary>The contacts of a payload, checked; null if it has none.</summary>
    public static IReadOnlyList<string>? Read(JsonElement payload)
    {
        if (Payload.Array(payload, "contact", MaxContacts) is not { } entries)
            return null;
        var contacts = new List<string>(entries.Count);
        foreach (var entry in entries)
        {
            var contact = StrictJson.Text(entry, "Each contact");
            Require(contact);
            contacts.Add(contact);
        }
        return contacts;
    }

    private static void Require(string contact)
    {
        if (!contact.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            throw new AcmeException(ProblemType.UnsupportedContact, "Only mailto: contacts are supported.");
        var address = contact[Scheme.Length..];
        // RFC 8555 §7.3: no hfields, one address at most.
        if (address.AsSpan().IndexOfAny(",?%") >= 0)
            throw new AcmeException(ProblemType.InvalidContact, "A mailto: contact must be one plain address, without header fields, escapes or a list.");
        var at = address.LastIndexOf('@');
        if (address.Length > MaxLength
            || at <= 0
            || address.Any(c => c <= ' ' || c == 0x7f || c is '<' or '>' or '"')
            || !Identifier.TryParse(IdentifierType.Dns, address[(at + 1)..], out var domain, out _)
            || domain.IsWildcard)
        {
            throw new AcmeException(ProblemType.InvalidContact, "A contact is no e-mail address of the form mailto:someone@example.org; an internationalised domain goes in its xn-- form.");
        }
    }
}
