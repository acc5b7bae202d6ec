using System.Text.Json;
using CaServer.Domain;
using CaServer.Limits;
using CaServer.Pki.Jose;
using CaServer.Storage;

namespace CaServer.Acme;

/// <summary>newAccount (RFC 8555 §7.3): creates an account, or finds the one that the key has.</summary>
internal static partial class NewAccountEndpoint
{
    public static async Task<IResult> PostAsync(
        HttpContext context, SignedRequest.Door door, AccountStore accounts, ExternalAccounts external, AcmeUrls urls, RateLimits limits,
        ClientAddress client, TimeProvider clock, ILogger<NewAccount> log)
    {
        var (jws, key) = await door.ReadWithKeyAsync(context);
        using (key)
        {
            using var payload = Payload.Parse(jws);
            var (onlyReturnExisting, termsAgreed, contacts) = Read(payload.RootElement);

            // RFC 8555 §7.3.1: a key that has an account finds it, whatever else the payload says.
            if (await accounts.FindByThumbprintAsync(key.Thumbprint, context.RequestAborted) is { } existing)
                return AnswerExisting(context, existing, urls);
            if (onlyReturnExisting)
                throw new AcmeException(ProblemType.AccountDoesNotExist, "No account has this key; leave onlyReturnExisting off to create one.");
            if (!termsAgreed)
            {
                throw new AcmeException(new AcmeProblem(
                    ProblemType.UserActionRequired,
                    $"Read the terms of service at {urls.Terms} and agree with \"termsOfServiceAgreed\": true.")
                {
                    Instance = urls.Terms,
                });
            }

            var verified = await external.VerifyAsync(jws, payload.RootElement, context.RequestAborted);
            var now = clock.GetUtcNow();
            var wanted = new NewAccount
            {
                Jwk = key.Jwk.Canonical,
                Thumbprint = key.Thumbprint,
                Contacts = contacts,
                TermsAgreedAt = now,
                Limits = (await limits.CurrentAsync(context.RequestAborted)).NewAccount(client.Of(context)),
                CreatedAt = now,
                RequestJws = jws.Raw.ToArray(),
            };
            var (account, created) = verified is not { Binding: var binding }
                ? await accounts.FindOrCreateAsync(wanted, context.RequestAborted)
                : await accounts.FindOrCreateBoundAsync(wanted, binding, context.RequestAborted);
            if (account is null)
                throw ExternalAccounts.Full();
            if (!created)
                return AnswerExisting(context, account, urls);
            LogCreated(log, account.Id.Value, key.Jwk.Algorithm);
            if (verified is { Kid: var kid })
                LogBound(log, account.Id.Value, kid);
            context.Response.Headers.Location = urls.Account(account.Id);
            return AcmeJson.Answer(AccountEndpoint.Resource(account, urls), AcmeJson.Default.AccountResource, StatusCodes.Status201Created);
        }
    }

    /// <summary>Reads the payload but for the external account binding.</summary>
    internal static (bool OnlyReturnExisting, bool TermsAgreed, IReadOnlyList<string> Contacts) Read(JsonElement payload) => (
        Payload.Boolean(payload, "onlyReturnExisting") ?? false,
        Payload.Boolean(payload, "termsOfServiceAgreed") ?? false,
        // RFC 8555 §7.3: any "orders" of the request is ignored.
        Contacts.Read(payload) ?? []);

    private static IResult AnswerExisting(HttpContext context, Account account, AcmeUrls urls)
    {
        // RFC 8555 §7.3.6.
        if (account.Status != AccountStatus.Valid)
            throw new AcmeException(new AcmeProblem(ProblemType.Unauthorized, $"The account of this key is {WireName.Of(account.Status)}; use another key.") { Status = StatusCodes.Status401Unauthorized });
        context.Response.Headers.Location = urls.Account(account.Id);
        return AcmeJson.Answer(AccountEndpoint.Resource(account, urls), AcmeJson.Default.AccountResource);
    }

    [LoggerMessage(EventId = 1104, Level = LogLevel.Information, Message = "Account {AccountId} is bound to the external account key {Kid:l}")]
    private static partial void LogBound(ILogger log, long accountId, string kid);

    [LoggerMessage(EventId = 1101, Level = LogLevel.Information, Message = "Account {AccountId} created with an {Algorithm} key")]
    private static partial void LogCreated(ILogger log, long accountId, SignatureAlgorithm algorithm);
}
