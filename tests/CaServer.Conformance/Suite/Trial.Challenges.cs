using CaServer.Conformance.Acme;
using CaServer.Conformance.Challenges;

namespace CaServer.Conformance.Suite;

internal sealed partial class Trial
{
    public Http01Responder Http01 => server.Http01 ?? throw new NotApplicable("http-01 cannot be answered: give --http01-listen");

    public TlsAlpn01Responder TlsAlpn01 => server.TlsAlpn01 ?? throw new NotApplicable("tls-alpn-01 cannot be answered: give --tls-alpn01-listen");

    public DnsRecords Dns => server.Dns ?? throw new NotApplicable("DNS records cannot be made: give --dns-management");

    /// <summary>Goes on only if something can be proved.</summary>
    public void RequireProofs()
    {
        if (server.Http01 is null && server.TlsAlpn01 is null && server.Dns is null)
            throw new NotApplicable("no challenge can be answered: give --http01-listen, --tls-alpn01-listen or --dns-management");
    }

    /// <summary>The challenge of a type in a new authorization of the account.</summary>
    public async Task<(Authorization Authorization, AcmeObject Challenge)> ChallengeAsync(Account account, string type)
    {
        var authorization = await AuthorizationAsync(account);
        return (authorization, authorization.Find(type) ?? throw new NotApplicable($"the server does not offer {type}"));
    }

    /// <summary>Proves control by whatever method is at hand, as a step that is not judged.</summary>
    public async Task ProveAsync(Account account, Authorization authorization)
    {
        var challenge = await PublishAsync(account, authorization);
        var proved = await AnswerAsync(account, authorization, challenge);
        if (proved.Status != "valid")
            throw new Undecidable($"control of a name could not be proved beforehand: {proved.Object}");
    }

    /// <summary>Answers a challenge and waits for the outcome.</summary>
    public async Task<Authorization> AnswerAsync(Account account, Authorization authorization, AcmeObject challenge)
    {
        (await PostAsync(account, challenge.Url("url"), "{}")).Prepared("answering the challenge");
        return new Authorization(authorization.Url, await PollAsync(account, authorization.Url, "pending", "processing"));
    }

    /// <summary>Makes the right answer of one challenge available.</summary>
    public async Task<AcmeObject> PublishAsync(Account account, Authorization authorization)
    {
        var name = authorization.Identifier.Text("value");
        if (server.Http01 is not null && authorization.Find("http-01") is { } http)
        {
            Http01.Answer(http.Text("token"), account.Key.KeyAuthorization(http.Text("token")));
            return http;
        }
        if (server.Dns is not null && authorization.Find("dns-01") is { } dns)
        {
            await Dns.AddTextAsync($"_acme-challenge.{name}", DnsRecords.Digest(account.Key.KeyAuthorization(dns.Text("token"))), cancellation);
            return dns;
        }
        if (server.TlsAlpn01 is not null && authorization.Find("tls-alpn-01") is { } tls)
        {
            TlsAlpn01.Answer(name, ChallengeCertificate.For(name, account.Key.KeyAuthorization(tls.Text("token"))));
            return tls;
        }
        throw new NotApplicable($"none of the challenges that are offered for {name} can be answered with the options given");
    }
}
