using System.Text.Json;
using CaServer.Domain;
using CaServer.Signing;
using CaServer.Storage;
using LogLeaf = CaServer.Signing.LogLeaf;
using StoredLeaf = CaServer.Storage.LogLeaf;

namespace CaServer.Acme;

/// <summary>An account: read, update, deactivate (RFC 8555 §7.3.2, §7.3.6).</summary>
internal static partial class AccountEndpoint
{
    public static async Task<IResult> PostAsync(
        string id, SignedRequest request, PublicIds ids, AccountStore accounts, AcmeUrls urls, TimeProvider clock, HttpContext context, ILogger<Account> log)
    {
        if (!ids.TryDecode(id, out AccountId accountId) || accountId != request.Account.Id)
            throw new AcmeException(ProblemType.Unauthorized, "An account can be read and changed only with its own key.");
        context.Response.Headers.Location = urls.Account(accountId);
        if (request.Jws.IsPostAsGet)
            return AcmeJson.Answer(Resource(request.Account, urls), AcmeJson.Default.AccountResource);

        using var payload = Payload.Parse(request.Jws);
        var account = request.Account;
        var (isDeactivation, contacts) = Read(payload.RootElement);
        if (isDeactivation)
        {
            var now = clock.GetUtcNow();
            var leaf = LogLeaf.AccountEnded(accountId, AccountStatus.Deactivated, $"account {accountId.Value}", request.Jws.Raw.Span, now);
            await accounts.DeactivateAsync(accountId, new StoredLeaf(WireName.Of(LogLeafKind.AccountEnded), now, leaf), context.RequestAborted);
            LogDeactivated(log, accountId.Value);
            return AcmeJson.Answer(Resource(account with { Status = AccountStatus.Deactivated }, urls), AcmeJson.Default.AccountResource);
        }
        if (contacts is not null)
        {
            if (!await accounts.UpdateContactsAsync(accountId, contacts, context.RequestAborted))
                throw new AcmeException(new AcmeProblem(ProblemType.Unauthorized, "The account was deactivated meanwhile.") { Status = StatusCodes.Status401Unauthorized });
            account = account with { Contacts = contacts };
        }
        return AcmeJson.Answer(Resource(account, urls), AcmeJson.Default.AccountResource);
    }

    /// <summary>Reads what is to change; contacts are null where they stay as they are.</summary>
    internal static (bool IsDeactivation, IReadOnlyList<string>? Contacts) Read(JsonElement payload)
    {
        // RFC 8555 §7.3.2: everything else that a client sends is ignored, another status too.
        return Payload.String(payload, "status") == WireName.Of(AccountStatus.Deactivated)
            ? (true, null)
            : (false, Contacts.Read(payload));
    }

    internal static AccountResource Resource(Account account, AcmeUrls urls) => new(
        WireName.Of(account.Status),
        account.Contacts,
        account.TermsAgreedAt is not null,
        urls.Orders(account.Id),
        // RFC 8555 §7.3.4: reflected once it was verified; only then is it stored.
        account.Binding is { } binding ? JsonElement.Parse(binding.Jws) : null);

    [LoggerMessage(EventId = 1102, Level = LogLevel.Information, Message = "Account {AccountId} deactivated by its owner")]
    private static partial void LogDeactivated(ILogger log, long accountId);
}
