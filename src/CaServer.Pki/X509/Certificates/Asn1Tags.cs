using System.Formats.Asn1;

namespace CaServer.Pki.X509;

/// <summary>Context-specific tags by number.</summary>
internal static class Asn1Tags
{
    internal static Asn1Tag Context(int number, bool constructed = false) => new(TagClass.ContextSpecific, number, constructed);
}
