using CaServer.Workers;

namespace CaServer.Status;

/// <summary>Wakes whoever makes CRLs.</summary>
internal sealed class CrlRequests : Signal;

/// <summary>Wakes whoever signs OCSP answers.</summary>
internal sealed class OcspRequests : Signal;
