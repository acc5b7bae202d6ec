using System.Security.Cryptography;
using CaServer.Conformance.Acme;
using CaServer.Conformance.Suite;

namespace CaServer.Conformance.Cases;

/// <summary>Certificate signing requests for orders.</summary>
internal static class Csrs
{
    /// <summary>A good one, with a new key.</summary>
    public static byte[] For(Order order) => Csr.For(NewKey(), order.Names).Der;

    public static ECDsa NewKey() => ECDsa.Create(ECCurve.NamedCurves.nistP256);
}
