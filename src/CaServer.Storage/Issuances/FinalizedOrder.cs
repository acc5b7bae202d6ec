using CaServer.Domain;

namespace CaServer.Storage;

/// <summary>A finalized order with everything that the signer needs to judge it.</summary>
public sealed record FinalizedOrder
{
    /// <summary>The order.</summary>
    public required Order Order { get; init; }

    /// <summary>The finalize request, byte for byte as received.</summary>
    public required byte[] FinalizeJws { get; init; }

    /// <summary>The newAccount request and every keyChange request since, oldest first.</summary>
    public required IReadOnlyList<byte[]> KeyHistory { get; init; }

    /// <summary>The statements stored for the order's authorizations that are valid, compact JWS, in the order of its names.</summary>
    public required IReadOnlyList<string> Statements { get; init; }

    /// <summary>The CAA statements stored for them, compact JWS.</summary>
    public IReadOnlyList<string> CaaStatements { get; init; } = [];

    /// <summary>How many times a signer has taken the order on, this one included; more than one means that one died or was too slow.</summary>
    public required int Attempt { get; init; }
}
