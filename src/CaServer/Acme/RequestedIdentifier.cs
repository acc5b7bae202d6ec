using System.Text.Json;
using CaServer.Domain;
using CaServer.Pki.Jose;

namespace CaServer.Acme;

/// <summary>An identifier that a client asks for, read and held against what may be certified.</summary>
/// <param name="Identifier">The identifier.</param>
/// <param name="Domain">The domain, at or above it, that is to be proved with all names below (RFC 9444); null: only itself.</param>
internal sealed record RequestedIdentifier(Identifier Identifier, Identifier? Domain)
{
    /// <summary>
    /// Reads an identifier of newOrder (RFC 8555 §7.4). Its <c>ancestorDomain</c> is followed where the policy allows; where not,
    /// the identifier itself is to be proved, as RFC 9444 §4.3 says.
    /// </summary>
    /// <param name="entry">The member of the payload.</param>
    /// <param name="settings">What is offered.</param>
    /// <param name="limits">What bounds the account.</param>
    /// <param name="problems">Where it is noted why the identifier is refused.</param>
    /// <returns>Null if it is refused.</returns>
    public static RequestedIdentifier? Read(JsonElement entry, FrontEndSettings settings, EabKey? limits, List<AcmeSubproblem> problems)
    {
        if (Parse(entry, problems) is not { } identifier)
            return null;
        var quoted = Quoted(identifier.ToString());
        var domain = ReadAncestor(entry, identifier, out var malformed);
        if (malformed is not null)
        {
            problems.Add(new AcmeSubproblem(ProblemType.Malformed, $"{quoted} {malformed}.", null));
            return null;
        }
        if (domain is not null && !MayBeProvedWhole(domain, settings, limits))
            domain = null;
        if ((Refusal(identifier, settings, limits) ?? (domain is null ? MethodFault(identifier, settings.Offered) : null)) is { } refusal)
        {
            problems.Add(new AcmeSubproblem(ProblemType.RejectedIdentifier, $"{quoted} {refusal}.", identifier));
            return null;
        }
        return new RequestedIdentifier(identifier, domain);
    }

    /// <summary>
    /// Reads the identifier of newAuthz (RFC 8555 §7.4.1), with all names below it if the client asks for that and the policy allows
    /// (RFC 9444 §4.2); <see cref="Domain"/> is then the identifier itself.
    /// </summary>
    /// <exception cref="AcmeException">It is refused.</exception>
    public static RequestedIdentifier ReadForAuthorization(JsonElement payload, FrontEndSettings settings, EabKey? limits)
    {
        if (!payload.TryGetProperty("identifier", out var entry))
            throw new AcmeException(ProblemType.Malformed, "The payload needs \"identifier\" with \"type\" and \"value\".");
        var problems = new List<AcmeSubproblem>();
        if (Parse(entry, problems) is not { } identifier)
            throw Refused(problems[0].Type, problems[0].Detail);
        if (identifier.IsWildcard)
        {
            throw new AcmeException(
                ProblemType.Malformed,
                $"{Quoted(identifier.ToString())} is a wildcard, which cannot be authorized ahead of an order (RFC 8555 §7.4.1); order it, or ask for \"{identifier.Value}\" with \"subdomainAuthAllowed\": true where the directory has that.");
        }
        if ((Refusal(identifier, settings, limits) ?? MethodFault(identifier, settings.Offered)) is { } refusal)
            throw Refused(ProblemType.RejectedIdentifier, $"{Quoted(identifier.ToString())} {refusal}.");
        // The registered field is one of the authorization; earlier drafts had it in the identifier, and there are clients of both.
        var asked = Payload.Boolean(payload, "subdomainAuthAllowed") == true | Payload.Boolean(entry, "subdomainAuthAllowed") == true;
        return new RequestedIdentifier(identifier, asked && MayBeProvedWhole(identifier, settings, limits) ? identifier : null);
    }

    private static Identifier? Parse(JsonElement entry, List<AcmeSubproblem> problems)
    {
        if (entry.ValueKind != JsonValueKind.Object)
            throw new AcmeException(ProblemType.Malformed, "Each identifier must be an object with \"type\" and \"value\".");
        var typeName = StrictJson.RequiredString(entry, "type", "an identifier");
        var value = StrictJson.RequiredString(entry, "value", "an identifier");
        if (!WireName.TryParse<IdentifierType>(typeName, out var type))
            problems.Add(new AcmeSubproblem(ProblemType.UnsupportedIdentifier, $"{Quoted(value)} has an identifier type that is not supported; use dns or ip.", null));
        else if (!Identifier.TryParse(type, value, out var identifier, out var fault))
            problems.Add(new AcmeSubproblem(ProblemType.Malformed, $"{Quoted(value)} {fault}.", null));
        else
            return identifier;
        return null;
    }

    private static Identifier? ReadAncestor(JsonElement entry, Identifier identifier, out string? malformed)
    {
        malformed = null;
        if (StrictJson.OptionalString(entry, "ancestorDomain", "an identifier") is not { } text)
            return null;
        if (!Identifier.TryParse(IdentifierType.Dns, text, out var ancestor, out var fault))
            malformed = $"has the \"ancestorDomain\" {Quoted(text)}, which {fault}";
        else if (!identifier.IsBelow(ancestor))
            malformed = $"does not lie below its \"ancestorDomain\" {Quoted(text)}";
        return malformed is null ? ancestor : null;
    }

    private static string? Refusal(Identifier identifier, FrontEndSettings settings, EabKey? limits) =>
        settings.Names.Refusal(identifier)
        ?? (limits?.Allows(identifier) == false ? "is not among the domains that this account's external account key allows" : null);

    private static string? MethodFault(Identifier identifier, OfferedMethods offered) => offered.For(identifier).Any()
        ? null
        : $"cannot be proved by any of the methods that this CA offers ({string.Join(", ", offered.Methods.Select(WireName.Of))})"
            + (identifier.IsWildcard && identifier.Value.Length > 200 ? ": the name of its record would be too long" : "");

    // All names below a domain are no less than its wildcard: what forbids that, such as a public suffix, forbids them.
    private static bool MayBeProvedWhole(Identifier domain, FrontEndSettings settings, EabKey? limits) =>
        settings.SubdomainAuthorizations
        && domain.Type == IdentifierType.Dns
        && Refusal(domain, settings, limits) is null
        && Refusal(domain.WithWildcard(), settings, limits) is null
        && settings.Offered.For(domain, namesBelow: true).Any();

    // RFC 8555 §7.4.1: what will not be certified is refused with 403.
    private static AcmeException Refused(ProblemType type, string detail) => new(type == ProblemType.Malformed
        ? new AcmeProblem(type, detail)
        : new AcmeProblem(type, detail) { Status = StatusCodes.Status403Forbidden });

    /// <summary>Text of strangers goes back to them and into logs: bounded, and printable ASCII only.</summary>
    internal static string Quoted(string text)
    {
        const int max = 100;
        var shown = text.Length > max ? text[..max] + "…" : text;
        return "\"" + string.Concat(shown.Select(c => c is >= ' ' and <= '~' or '…' ? c : '?')) + "\"";
    }
}
