namespace CaServer.Domain;

/// <summary>Row id of an ACME account.</summary>
public readonly record struct AccountId(long Value);

/// <summary>Row id of an ACME order.</summary>
public readonly record struct OrderId(long Value);

/// <summary>Row id of an ACME authorization.</summary>
public readonly record struct AuthorizationId(long Value);

/// <summary>Row id of an ACME challenge.</summary>
public readonly record struct ChallengeId(long Value);

/// <summary>Row id of an issuance: one attempt to sign one certificate, and later that certificate.</summary>
public readonly record struct IssuanceId(long Value);

/// <summary>Row id of a renewal window that the operator moved.</summary>
public readonly record struct RenewalMoveId(long Value);

/// <summary>Row id of a key for external account binding.</summary>
public readonly record struct EabKeyId(long Value);

/// <summary>Row id of a request to prove a name.</summary>
public readonly record struct ControlRequestId(long Value);

/// <summary>Identity of one running process; leases are held in its name.</summary>
public readonly record struct InstanceId(string Value);

/// <summary>A check that a perspective in another process is asked for.</summary>
/// <param name="Asker">The process that asks.</param>
/// <param name="Number">Which of its questions it is.</param>
public readonly record struct RemoteCheckId(InstanceId Asker, long Number);
