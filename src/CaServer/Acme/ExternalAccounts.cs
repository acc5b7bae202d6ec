using System.Security.Cryptography;
using System.Text.Json;
using CaServer.Domain;
using CaServer.Pki.Jose;
using CaServer.Storage;

namespace CaServer.Acme;

/// <summary>External account binding (RFC 8555 §7.3.4): whether a new account is vouched for, and what it may then order.</summary>
internal sealed class ExternalAccounts(EabStore keys, MacKeyFile macKeys, FrontEndSettings settings, TimeProvider clock)
{
    private const string Member = "externalAccountBinding";

    /// <summary>The binding of a newAccount request, verified, and the key identifier; null if it has none and none is required.</summary>
    /// <exception cref="AcmeException">externalAccountRequired, malformed or unauthorized.</exception>
    public async Task<(ExternalBinding Binding, string Kid)?> VerifyAsync(FlattenedJws outer, JsonElement payload, CancellationToken cancellationToken)
    {
        if (!payload.TryGetProperty(Member, out var member))
        {
            return settings.ExternalAccountRequired
                ? throw new AcmeException(ProblemType.ExternalAccountRequired, "New accounts need an external account binding here; ask the operator for a key identifier and MAC key.")
                : null;
        }
        var jws = ExternalBindingJws.Parse(member, outer.Url, outer.Jwk!);
        if (await keys.FindAsync(jws.Kid, cancellationToken) is not { } key)
            throw Unauthorized("The external account binding's \"kid\" is not known here; check the key identifier that the operator gave.");
        RequireMac(jws, key);
        // Only who has the MAC key learns what has become of it.
        return key.StateAt(clock.GetUtcNow()) switch
        {
            EabKeyState.Valid => (new ExternalBinding(key.Id, jws.Json), key.Kid),
            EabKeyState.Full => throw Full(),
            EabKeyState.Expired => throw Unauthorized("The external account key has expired; ask the operator for another."),
            EabKeyState.Revoked => throw Unauthorized("The external account key was revoked; ask the operator for another."),
        };
    }

    /// <summary>The refusal of a key whose last place was taken a moment ago.</summary>
    public static AcmeException Full() =>
        Unauthorized("The external account key has bound as many accounts as it may; ask the operator for another.");

    /// <summary>The key that bounds what the account may order; null if it is bound to none.</summary>
    /// <exception cref="AcmeException">unauthorized: the key was revoked.</exception>
    public async Task<EabKey?> LimitsOfAsync(Account account, CancellationToken cancellationToken)
    {
        if (account.Binding is not { } binding)
            return null;
        var key = await keys.FindAsync(binding.Key, cancellationToken) ?? throw new InvalidOperationException("An account is bound to a key that is not there.");
        return key.RevokedAt is null
            ? key
            : throw Unauthorized("The external account key of this account was revoked, so it can order nothing more; its certificates can still be revoked.");
    }

    private void RequireMac(ExternalBindingJws jws, EabKey key)
    {
        var macKey = macKeys.Unseal(key.Kid, key.SealedMacKey);
        try
        {
            if (!jws.Verifies(macKey))
                throw Unauthorized("The MAC of the external account binding does not verify; check the MAC key that the operator gave.");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(macKey);
        }
    }

    private static AcmeException Unauthorized(string detail) => new(ProblemType.Unauthorized, detail);
}
