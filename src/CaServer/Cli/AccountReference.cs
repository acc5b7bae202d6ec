using System.Globalization;
using System.Security.Cryptography;
using CaServer.Composition;
using CaServer.Configuration;
using CaServer.Domain;
using CaServer.Storage;

namespace CaServer.Cli;

/// <summary>An account as the operator names it: by its number, as in the log, or by its URL, as its owner knows it.</summary>
internal static class AccountReference
{
    /// <summary>What the option or argument says of itself.</summary>
    public const string Description = "An account: its number, as the log and 'caserver account list' have it, or its URL.";

    /// <summary>The URLs of this server's accounts.</summary>
    public static async Task<AcmeUrls> UrlsAsync(CaServerSettings settings, Database database, CancellationToken ct)
    {
        var key = await new SecretStore(database).GetOrCreateAsync("public-ids", () => RandomNumberGenerator.GetBytes(PublicIds.KeyLength), ct);
        return new AcmeUrls(settings.Server.PublicUrl, new PublicIds(key));
    }

    /// <summary>Reads a reference; null if it is not one.</summary>
    public static AccountId? Read(string text, AcmeUrls urls)
    {
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0)
            return new AccountId(number);
        return urls.TryParseAccount(text, out var id) ? id : null;
    }

    /// <summary>The account.</summary>
    /// <exception cref="OperatorFaultException">There is no such account.</exception>
    public static async Task<Account> FindAsync(string text, AcmeUrls urls, AccountStore accounts, CancellationToken ct) =>
        Read(text, urls) is { } id && await accounts.FindAsync(id, ct) is { } account
            ? account
            : throw new OperatorFaultException($"there is no account '{text}' here; give its number, which 'caserver account list' shows, or its URL at {urls.At("")}");
}
