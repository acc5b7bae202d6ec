namespace CaServer.Conformance.Suite;

/// <summary>How strongly the text asks for what a case looks at (RFC 2119).</summary>
internal enum Level
{
    /// <summary>MUST, MUST NOT, REQUIRED, and what the protocol cannot do without.</summary>
    Must,

    /// <summary>SHOULD, SHOULD NOT, RECOMMENDED.</summary>
    Should,

    /// <summary>MAY and what the text leaves open: it is told, not judged.</summary>
    May,
}

/// <summary>What came of a case.</summary>
internal enum Verdict
{
    /// <summary>The server does it.</summary>
    Passed,

    /// <summary>The server does something else.</summary>
    Failed,

    /// <summary>The server does not offer the feature, or the suite was not given the means.</summary>
    Skipped,

    /// <summary>It could not be seen: a step before failed, the connection broke, a rate limit was met.</summary>
    Undecided,
}

/// <summary>The server did something else than the clause asks for.</summary>
internal sealed class Nonconformity(string message) : Exception(message);

/// <summary>The case cannot be judged, through no merit or fault under the clause.</summary>
internal sealed class Undecidable(string message) : Exception(message);

/// <summary>The case does not apply to this server or this run.</summary>
internal sealed class NotApplicable(string message) : Exception(message);
