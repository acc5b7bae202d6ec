using CaServer.Domain;
using CaServer.Storage;

namespace CaServer.Acme;

/// <summary>The validation methods that the operator offers.</summary>
/// <param name="Methods">The methods, in the order in which challenges are shown: some clients take the first that they know.</param>
/// <param name="IssuerNames">By what names dns-persist-01 records call this CA; not empty if the method is offered.</param>
/// <param name="PlainAccountUri">Whether those records may name an account by its URL as it is.</param>
internal sealed record OfferedMethods(IReadOnlyList<ValidationMethod> Methods, IReadOnlyList<string> IssuerNames, bool PlainAccountUri)
{
    /// <summary>Whether dns-persist-01 is among them.</summary>
    public bool HasPersistent => Methods.Contains(ValidationMethod.DnsPersist01);

    /// <summary>The methods by which a name may have been proved that is ordered now: those offered, and those of the command line.</summary>
    public IReadOnlyList<ValidationMethod> Reusable { get; } = WithManual(Methods);

    /// <summary>These challenges, and the methods that are none.</summary>
    public static IReadOnlyList<ValidationMethod> WithManual(IReadOnlyList<ValidationMethod> challenges) =>
        [.. challenges, .. MethodRule.All.Where(r => !r.IsChallenge).Select(r => r.Method)];

    /// <summary>The methods that may serve an identifier (BR §3.2.2.4, §3.2.2.5); only what can be met is offered.</summary>
    /// <param name="identifier">The identifier.</param>
    /// <param name="namesBelow">Whether the names below it are to be proved too (RFC 9444).</param>
    public IEnumerable<ValidationMethod> For(Identifier identifier, bool namesBelow = false) =>
        Methods.Where(m => MethodRule.Of(m).MayServe(identifier, namesBelow));

    /// <summary>New challenges for an identifier.</summary>
    public IReadOnlyList<NewChallenge> ChallengesFor(Identifier identifier, bool namesBelow = false) =>
        [.. For(identifier, namesBelow).Select(m => new NewChallenge(m, Challenge.NewToken()))];
}
