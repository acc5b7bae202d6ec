using System.Net;

namespace CaServer.Configuration;

/// <summary>Section <c>Validation:Perspectives:NAME</c>: a further perspective of this process.</summary>
internal sealed class FurtherPerspectiveOptions
{
    /// <summary>Its DNS resolvers, <c>address:port</c>; without resolvers of its own it would see what the first one sees.</summary>
    public IReadOnlyList<string> Resolvers { get; set; } = [];

    /// <summary>Whether its resolvers validate DNSSEC.</summary>
    public bool Dnssec { get; set; }
}

/// <summary>A further perspective, validated.</summary>
internal sealed record FurtherPerspective(string Name, IReadOnlyList<IPEndPoint> Resolvers, bool Dnssec);
