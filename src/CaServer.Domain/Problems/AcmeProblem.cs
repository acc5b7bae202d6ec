namespace CaServer.Domain;

/// <summary>
/// A problem of one identifier inside another problem (RFC 8555 §6.7.1). The identifier is null if it could not even be read;
/// the detail quotes it then.
/// </summary>
public sealed record AcmeSubproblem(ProblemType Type, string Detail, Identifier? Identifier)
{
    /// <summary>A page about this occurrence, if there is one.</summary>
    public string? Instance { get; init; }
}

/// <summary>
/// What is told to a client when something is refused (RFC 7807, RFC 8555 §6.7). The detail is one or two sentences in plain
/// words that say what to do; it never carries text of an unforeseen exception.
/// </summary>
public sealed record AcmeProblem
{
    /// <summary>Creates a problem with the status that the type usually has.</summary>
    public AcmeProblem(ProblemType type, string detail)
    {
        Type = type;
        Detail = detail;
        Status = StatusOf(type);
    }

    /// <summary>The ACME error type.</summary>
    public ProblemType Type { get; }

    /// <summary>What is wrong and what to do.</summary>
    public string Detail { get; }

    /// <summary>HTTP status code.</summary>
    public int Status { get; init; }

    /// <summary>A page about this occurrence, if there is one.</summary>
    public string? Instance { get; init; }

    /// <summary>Problems of single identifiers.</summary>
    public IReadOnlyList<AcmeSubproblem> Subproblems { get; init; } = [];

    /// <summary>The supported algorithms, with badSignatureAlgorithm only (RFC 8555 §6.2).</summary>
    public IReadOnlyList<string> Algorithms { get; init; } = [];

    /// <summary>How long the client should wait before trying again.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Prefix of the type URNs.</summary>
    public const string UrnPrefix = "urn:ietf:params:acme:error:";

    /// <summary>The type as a URN.</summary>
    public string Urn => UrnPrefix + WireName.Of(Type);

    /// <summary>The status code that goes with a type unless a section of RFC 8555 names another.</summary>
    public static int StatusOf(ProblemType type) => type switch
    {
        ProblemType.AccountDoesNotExist => 400,
        ProblemType.AlreadyRevoked => 400,
        ProblemType.BadCsr => 400,
        ProblemType.BadNonce => 400,
        ProblemType.BadPublicKey => 400,
        ProblemType.BadRevocationReason => 400,
        ProblemType.BadSignatureAlgorithm => 400,
        ProblemType.Caa => 403,
        ProblemType.Compound => 400,
        ProblemType.Connection => 400,
        ProblemType.Dns => 400,
        ProblemType.ExternalAccountRequired => 403,
        ProblemType.IncorrectResponse => 403,
        ProblemType.InvalidContact => 400,
        ProblemType.Malformed => 400,
        // RFC 8555 §7.4: finalize of an order that is not ready is answered with 403.
        ProblemType.OrderNotReady => 403,
        ProblemType.RateLimited => 429,
        ProblemType.RejectedIdentifier => 400,
        ProblemType.ServerInternal => 500,
        ProblemType.Tls => 400,
        ProblemType.Unauthorized => 403,
        ProblemType.UnsupportedContact => 400,
        ProblemType.UnsupportedIdentifier => 400,
        ProblemType.UserActionRequired => 403,
        ProblemType.AlreadyReplaced => 409,
        ProblemType.InvalidProfile => 400,
    };
}

/// <summary>The one exception by which a request is refused; the host turns it into a problem document.</summary>
public sealed class AcmeException(AcmeProblem problem) : Exception(problem.Detail)
{
    /// <summary>Creates a refusal of the given type.</summary>
    public AcmeException(ProblemType type, string detail) : this(new AcmeProblem(type, detail))
    {
    }

    /// <summary>What the client is told.</summary>
    public AcmeProblem Problem { get; } = problem;
}
