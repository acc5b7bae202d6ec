using System.Text.Json;
using CaServer.Domain;
using CaServer.Pki.Jose;

namespace CaServer.Signing;

/// <summary>Reading a request that is kept as evidence: same strict parsers as the front end's, but a fault is a refusal.</summary>
internal static class SignedRequest
{
    /// <summary>Reads a request.</summary>
    /// <param name="octets">The request as received.</param>
    /// <param name="reason">The refusal's reason if it cannot be read.</param>
    /// <param name="what">What it should be, as the subject of the refusal.</param>
    internal static FlattenedJws Read(ReadOnlyMemory<byte> octets, RefusalReason reason, string what)
    {
        if (octets.Length > EvidenceBounds.MaxJwsLength)
            throw new RefusedException(reason, $"{what} has {octets.Length} octets; at most {EvidenceBounds.MaxJwsLength} are read.");
        return Strictly(() => FlattenedJws.Parse(octets), reason, what);
    }

    /// <summary>Reads a request's payload, a JSON object.</summary>
    internal static JsonDocument ReadPayload(FlattenedJws jws, RefusalReason reason, string what) =>
        Strictly(() => StrictJson.ParseObject(jws.Payload, "The payload"), reason, what);

    /// <summary>Reads something with a strict parser, whose complaint becomes part of the refusal.</summary>
    internal static T Strictly<T>(Func<T> read, RefusalReason reason, string what)
    {
        try
        {
            return read();
        }
        catch (AcmeException e)
        {
            throw new RefusedException(reason, $"{what} cannot be used. {e.Problem.Detail}");
        }
    }
}
