using CaServer.Domain;

namespace CaServer.Signing;

/// <summary>What a statement must say of itself besides, if its method is no ACME challenge.</summary>
internal static class ManualProofCheck
{
    /// <summary>What it lacks or has too much, as a clause; null if it is as it should be.</summary>
    internal static string? Fault(ControlStatement statement, SigningSettings settings)
    {
        var rule = MethodRule.Of(statement.Method);
        var method = WireName.Of(statement.Method);
        if (rule.IsChallenge)
            return statement is { ValueCreatedAt: null, Recipient: null, Domain: null } ? null : $"says of {method} what only a proof by request has";
        if (statement.ValueCreatedAt is not { } created || created > statement.CheckedAt + (long)settings.ClockSkew.TotalSeconds)
            return "does not say when its random value was made, or dates that after the check";
        if (statement.CheckedAt - created > (long)ManualProof.MaxValueLife.TotalSeconds)
            return $"was made with a random value older than {StatementAge.Shown(ManualProof.MaxValueLife)} (BR §{statement.Section})";
        return rule.IsEmail ? EmailFault(statement, settings)
            : statement is { Recipient: null, Domain: null } ? null
            : $"names a recipient, which {method} does not have";
    }

    private static string? EmailFault(ControlStatement statement, SigningSettings settings)
    {
        if (!EmailAddress.TryParse(statement.Recipient, out var recipient))
            return "does not name the e-mail address that its random value was sent to";
        var identifier = Identifier.Dns(statement.Identifier);
        if (!Identifier.TryParse(IdentifierType.Dns, statement.Domain ?? statement.Identifier, out var domain, out _) || !NamePolicy.IsAtOrBelow(identifier, domain))
            return "names a domain of the recipient that is neither the name nor above it";
        // Who owns a name directly below a registry's domain has no say about its neighbours.
        if (domain.Value != identifier.Value && settings.Names.IsRegistryControlled(domain.Value))
            return "names a domain of the recipient that belongs to a registry";
        return statement.Method == ValidationMethod.ConstructedEmail && !(ManualProof.IsConstructed(recipient, identifier, out var at) && at.Value == domain.Value)
            ? $"was made with an e-mail to {StatementAge.Shown(statement.Recipient!)}, which BR §{statement.Section} does not name for that domain"
            : null;
    }
}
