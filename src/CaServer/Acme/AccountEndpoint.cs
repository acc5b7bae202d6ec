using System.Text.Json;
using CaServer.Domain;
using CaServer.Storage;

namespace CaServer.Acme;

/// <summary>An account: read, update, deactivate (RFC 8555 §7.3.2, §7.3.6).</summary>
internal static partial class AccountEndpoint
{
    public static async Task<IResult> PostAsync(
        string id, SignedRequest request, PublicIds ids, AccountStore accounts, AcmeUrls urls, HttpContext context, ILogger<Account> log)
    {
        if (!ids.TryDecode(id, out AccountId accountId) || accountId != request.Account.Id)
            throw new AcmeException(ProblemType.Unauthorized, "An account can be read and changed only with its own key.");
        context.Response.Headers.Location = urls.Account(accountId);
        if (request.Jws.IsPostAsGet)
            return AcmeJson.Answer(Resource(request.Account, urls), AcmeJson.Default.AccountResource);

        using var payload = Payload.Parse(request.Jws);
        var account = request.Account;
        if (Payload.String(payload.RootElement, "status") is { } status)
        {
            if (status != WireName.Of(AccountStatus.Deactivated))
                throw new AcmeException(ProblemType.Malformed, "The only status that an account can be given is \"deactivated\".");
            await accounts.DeactivateAsync(accountId, context.RequestAborted);
            LogDeactivated(log, accountId.Value);
            return AcmeJson.Answer(Resource(account with { Status = AccountStatus.Deactivated }, urls), AcmeJson.Default.AccountResource);
        }
        if (Contacts.Read(payload.RootElement) is { } contacts)
        {
            if (!await accounts.UpdateContactsAsync(accountId, contacts, context.RequestAborted))
                throw new AcmeException(new AcmeProblem(ProblemType.Unauthorized, "The account was deactivated meanwhile.") { Status = StatusCodes.Status401Unauthorized });
            account = account with { Contacts = contacts };
        }
        // RFC 8555 §7.3.2: everything else that a client sends is ignored.
        return AcmeJson.Answer(Resource(account, urls), AcmeJson.Default.AccountResource);
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
