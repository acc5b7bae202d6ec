namespace CaServer.Validation;

/// <summary>Which failures may be over in a moment.</summary>
internal static class PassingFailures
{
    /// <summary>
    /// Whether another attempt may end otherwise with nobody doing anything (RFC 8555 §8.2): a record that has not reached every name
    /// server, a file that has not reached every web server, a server that is still starting. What was answered wrongly stays wrong.
    /// </summary>
    internal static bool MayPass(this FailureCause cause) => cause
        is FailureCause.NameUnknown or FailureCause.NoAddress or FailureCause.DnsError or FailureCause.DnsTimeout or FailureCause.DnsGarbled
        or FailureCause.NoTextRecord or FailureCause.WrongText or FailureCause.TooManyTexts
        or FailureCause.ConnectionRefused or FailureCause.ConnectTimeout or FailureCause.Unreachable or FailureCause.ConnectionLost
        or FailureCause.AnswerTimeout or FailureCause.NotFound or FailureCause.ServerError
        or FailureCause.NoAliasRecord or FailureCause.WrongAlias
        or FailureCause.CaaUnanswered or FailureCause.TargetLimit or FailureCause.PerspectiveSilent;
}
