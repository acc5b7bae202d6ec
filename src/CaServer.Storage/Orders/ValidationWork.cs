using CaServer.Domain;

namespace CaServer.Storage;

/// <summary>A challenge that was answered and has to be checked.</summary>
public sealed record ValidationWork
{
    /// <summary>The challenge.</summary>
    public required ChallengeId ChallengeId { get; init; }

    /// <summary>Its authorization.</summary>
    public required AuthorizationId AuthorizationId { get; init; }

    /// <summary>Whose it is.</summary>
    public required AccountId AccountId { get; init; }

    /// <summary>RFC 7638 thumbprint of the account's key.</summary>
    public required string Thumbprint { get; init; }

    /// <summary>The identifier as ordered.</summary>
    public required Identifier Identifier { get; init; }

    /// <summary>Whether the names below it are to be proved too (RFC 9444).</summary>
    public bool NamesBelow { get; init; }

    /// <summary>The method.</summary>
    public required ValidationMethod Method { get; init; }

    /// <summary>The token.</summary>
    public required string Token { get; init; }

    /// <summary>How many times a process has taken this on, this one included; more than one means that one died or was too slow.</summary>
    public required int Attempt { get; init; }
}
