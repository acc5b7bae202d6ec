using System.Reflection;
using CaServer.Domain;
using CaServer.Pki.Jose;

namespace CaServer.Acme;

/// <summary>
/// A request that an account signed (RFC 8555 §6.2–6.5). Whoever holds one has an authenticated account and a fresh request:
/// there is no other way to read a body signed with <c>kid</c>.
/// </summary>
internal sealed partial class SignedRequest
{
    private SignedRequest(FlattenedJws jws, Account account, AccountKey key)
    {
        Jws = jws;
        Account = account;
        Key = key;
    }

    /// <summary>The request as received.</summary>
    public FlattenedJws Jws { get; }

    /// <summary>The account that signed, valid.</summary>
    public Account Account { get; }

    /// <summary>The account's key.</summary>
    public AccountKey Key { get; }

    /// <summary>Binds a handler's parameter; the refusal is an exception that becomes a problem document.</summary>
    public static async ValueTask<SignedRequest?> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        var door = context.RequestServices.GetRequiredService<Door>();
        return await door.ReadAsync(context);
    }

    /// <summary>RFC 8555 §6.3: a read is a POST whose payload is the empty string.</summary>
    public void RequirePostAsGet()
    {
        if (!Jws.IsPostAsGet)
            throw new AcmeException(ProblemType.Malformed, "This resource is only read: send POST-as-GET, a JWS whose payload is the empty string.");
    }
}
