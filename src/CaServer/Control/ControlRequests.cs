using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CaServer.Domain;
using CaServer.Storage;
using CaServer.Validation;
using CaServer.Workers;

namespace CaServer.Control;

/// <summary>How a name is to be proved by hand.</summary>
internal enum ManualMethod
{
    /// <summary>A TXT record.</summary>
    Txt,

    /// <summary>A CNAME record.</summary>
    Cname,

    /// <summary>A file on the web server.</summary>
    File,

    /// <summary>An e-mail to a contact of the domain.</summary>
    Email,
}

/// <summary>A request that was made, and what its maker is told once.</summary>
/// <param name="Request">The request.</param>
/// <param name="Publish">What to publish; null if an e-mail was sent.</param>
/// <param name="Warning">What there is to know besides; null if nothing.</param>
internal sealed record MadeRequest(ControlRequest Request, Publication? Publish, string? Warning);

/// <summary>What to publish.</summary>
/// <param name="Type">TXT, CNAME or file.</param>
/// <param name="Place">Name of the record, or URL of the file.</param>
/// <param name="Value">Its value: of the record, or the line in the file.</param>
internal sealed record Publication(string Type, string Place, string Value);

/// <summary>What a check came to: an authorization, or why there is none.</summary>
internal sealed record CheckedRequest(AuthorizationId? Authorization, DateTimeOffset? Expires, ValidationOutcome Outcome);

/// <summary>
/// Proofs of control ahead of any order, by the methods that are no ACME challenges: a value is given out, its return is checked by the
/// perspective, and the account has an authorization as after a pre-authorization (RFC 8555 §7.4.1).
/// </summary>
internal sealed class ControlRequests(
    ControlStore store, PerspectiveGroup perspectives, AcmeUrls urls, NamePolicy names, PolicyPreset preset, IReadOnlyList<string> issuerNames, string authority, Mailer? mailer,
    ValidationLifetimes lifetimes, TimeProvider clock)
{
    // BR §3.2.2.4 allows 30 days; people answer within a week or not at all.
    private static readonly TimeSpan s_valueLife = TimeSpan.FromDays(7);

    private const int MaxOpen = 100;
    private const int MaxChecks = 200;

    /// <summary>Makes a request and, if it is by e-mail, sends it.</summary>
    /// <param name="account">Who is to have the authorization.</param>
    /// <param name="identifier">For what.</param>
    /// <param name="how">By which kind of proof.</param>
    /// <param name="contact">The recipient; null for the one contact that the domain's records name.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="ControlException">It cannot be made.</exception>
    public async Task<MadeRequest> MakeAsync(Account account, Identifier identifier, ManualMethod how, string? contact, CancellationToken ct)
    {
        if (account.Status != AccountStatus.Valid)
            throw new ControlException($"the account {account.Id.Value} is {WireName.Of(account.Status)}, so it can order nothing");
        if (names.Refusal(identifier) is { } refusal)
            throw new ControlException($"\"{identifier}\" {refusal}");
        if (how == ManualMethod.Email && mailer is null)
            throw new ControlException("no e-mail can be sent: set Mail:Server and Mail:From, or choose another method");
        // Only the perspective that made the value knows it again.
        if (how == ManualMethod.Email && perspectives.Policy.Least is not 1)
            throw new ControlException($"{perspectives.Policy.Least?.ToString(CultureInfo.InvariantCulture) ?? "several"} perspectives must agree, and only one can check a value that was sent; choose --method txt or cname");
        var (method, recipient) = how switch
        {
            ManualMethod.Txt => (ValidationMethod.DnsText, null),
            ManualMethod.Cname => (ValidationMethod.DnsAlias, null),
            ManualMethod.File => (ValidationMethod.AgreedFile, null),
            ManualMethod.Email => await RecipientAsync(identifier, contact, ct),
        };
        var now = clock.GetUtcNow();
        var rule = MethodRule.Of(method);
        if (rule.Refusal(preset, now) is { } ended)
            throw new ControlException($"a proof by {WireName.Of(method)} {ended}; choose --method txt or cname");
        if (!rule.MayServe(identifier))
            throw new ControlException($"\"{identifier}\" cannot be proved by {WireName.Of(method)}; {(identifier.Type == IdentifierType.Ip ? "an address takes --method file" : "choose --method txt or cname, and a name with room for the record's label")}");

        var terms = new ControlTerms
        {
            Method = method,
            Token = Challenge.NewToken(),
            AccountUrl = urls.Account(account.Id),
            Identifier = identifier,
            Recipient = recipient?.ToString(),
            CreatedAt = now.ToUnixTimeSeconds(),
        };
        var sent = rule.IsEmail ? perspectives.Primary.SentValue(terms) : null;
        var request = await store.CreateAsync(
            new NewControlRequest
            {
                AccountId = account.Id,
                Terms = terms,
                SentHash = sent is null ? null : HashOf(sent),
                Expires = now + s_valueLife,
                MaxOpen = MaxOpen,
            },
            ct) ?? throw new ControlException($"the account has {MaxOpen} open requests; check or cancel some first ('caserver control list --account {account.Id.Value}')");
        if (sent is not null)
            await SendAsync(request, account, recipient!, sent, ct);
        var warning = preset == PolicyPreset.WebPki && now >= rule.DiscouragedFrom
            ? $"The Baseline Requirements advise against {WireName.Of(method)} and end it, with all that it proved, on {rule.EndsAt:yyyy-MM-dd}."
            : null;
        return new MadeRequest(request, PublicationOf(request), warning);
    }

    /// <summary>Checks a request now and, if the name is proved, gives its account the authorization.</summary>
    /// <param name="request">The request.</param>
    /// <param name="account">Its account.</param>
    /// <param name="answer">The value that was sent, if it comes back this way.</param>
    /// <param name="ct">Gives up before the outcome is stored.</param>
    /// <exception cref="ControlException">It cannot be checked any more.</exception>
    public async Task<CheckedRequest> CheckAsync(ControlRequest request, Account account, string? answer, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (!request.IsOpenAt(now))
            throw new ControlException($"the request {request.Id.Value} is {WireName.Of(request.StateAt(now))}; make a new one with 'caserver control request'");
        if (!await store.BeginCheckAsync(request.Id, MaxChecks, now, ct))
            throw new ControlException($"the request {request.Id.Value} was checked {MaxChecks} times, or has just ended; make a new one with 'caserver control request'");
        var outcome = await perspectives.CheckAsync(
            new ValidationRequest
            {
                Identifier = request.Identifier.WithoutWildcard(),
                Method = request.Method,
                Token = request.Token,
                Thumbprint = account.Thumbprint,
                AccountUrl = urls.Account(account.Id),
                NamesBelow = request.Identifier.IsWildcard,
                Wildcard = request.Identifier.IsWildcard,
                ValueCreatedAt = request.CreatedAt.ToUnixTimeSeconds(),
                Recipient = request.Recipient,
                Answer = request.Answer ?? answer?.Trim(),
            },
            ct);
        if (!outcome.IsProved)
            return new CheckedRequest(null, null, outcome.FirstFailure ?? throw new ControlException(outcome.Problem.Detail));
        var statements = outcome.Statements.Select(s => s.Statement).ToList();
        var expires = statements.Min(lifetimes.End);
        var records = outcome.Outcomes.Select(o => CheckRecord.Of(request.Identifier, request.Attempts + 1, o)).ToList();
        // Not cancelled any more: a finished check is stored, so that nobody has to repeat it.
        var authorization = await store.ProveAsync(
            request, new ControlProved(outcome.Statements, records, DateTimeOffset.FromUnixTimeSeconds(statements.Max(s => s.CheckedAt)), expires), CancellationToken.None)
            ?? throw new ControlException($"the request {request.Id.Value} ended while it was checked, or its account was taken away; make a new one");
        // One that did not agree is in the records, and not what it came to.
        return new CheckedRequest(authorization, expires, outcome.Outcomes.First(o => o is ValidationOutcome.Valid));
    }

    /// <summary>What to publish for a request; null if its value is sent.</summary>
    public Publication? PublicationOf(ControlRequest request)
    {
        var value = request.TermsFor(urls.Account(request.AccountId)).PublishedValue();
        return request.Method switch
        {
            ValidationMethod.DnsText => new("TXT", ManualProof.RecordName(request.Identifier), value),
            ValidationMethod.DnsAlias => new("CNAME", ManualProof.RecordName(request.Identifier), ManualProof.AliasTarget(value, issuerNames)),
            ValidationMethod.AgreedFile => new("file", $"http://{(request.Identifier.Value.Contains(':', StringComparison.Ordinal) ? $"[{request.Identifier.Value}]" : request.Identifier.Value)}{ManualProof.FilePath}", value),
            _ => null,
        };
    }

    /// <summary>By what a value that was sent is known in the database.</summary>
    public static byte[] HashOf(string sent) => SHA256.HashData(Encoding.UTF8.GetBytes(sent));

    private async Task<(ValidationMethod Method, EmailAddress? Recipient)> RecipientAsync(Identifier identifier, string? contact, CancellationToken ct)
    {
        if (identifier.Type != IdentifierType.Dns)
            throw new ControlException($"\"{identifier}\" is an address, which no e-mail proves; choose --method file");
        var found = await perspectives.Primary.FindContactsAsync(identifier, ct);
        var published = found.Contacts.Where(c => c.Method != ValidationMethod.ConstructedEmail).DistinctBy(c => c.Address).ToList();
        var chosen = contact is null
            ? published is [var only] ? only : null
            : EmailAddress.TryParse(contact, out var address) ? found.Contacts.FirstOrDefault(c => c.Address == address) : null;
        if (chosen is not null)
            return (chosen.Method, chosen.Address);
        var faults = string.Concat(found.Faults.Select(f => $" ({f.Detail.TrimEnd('.')})"));
        throw new ControlException(
            $"{(contact is null ? $"{(published.Count == 0 ? "no" : "more than one")} contact of {identifier} is published{faults}" : $"'{contact}' is no contact of {identifier}{faults}")}; "
            + $"give --contact one of {string.Join(", ", found.Contacts.Select(c => c.Address.ToString()).Distinct())}");
    }

    private async Task SendAsync(ControlRequest request, Account account, EmailAddress recipient, string sent, CancellationToken ct)
    {
        try
        {
            await mailer!.SendAsync(recipient, ControlMail.Of(request, account, urls, authority, sent), ct);
        }
        catch
        {
            // Nobody has the value.
            await store.EndAsync(request.Id, ControlRequestState.Cancelled, clock.GetUtcNow(), CancellationToken.None);
            throw;
        }
    }
}
