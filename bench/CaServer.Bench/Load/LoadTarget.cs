using System.Security.Cryptography.X509Certificates;
using CaServer.Bench.Acme;
using CaServer.Bench.Servers;

namespace CaServer.Bench.Load;

/// <summary>The server under load: where it is, whom to trust for TLS, which roots its chains must end in, and how its use of the machine is read (null if it cannot be).</summary>
internal sealed record LoadTarget(Uri Directory, ServerTrust Trust, X509Certificate2Collection IssuingRoots, Func<ProcessUsage>? Usage);
