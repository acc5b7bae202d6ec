namespace CaServer.Pki.X509;

/// <summary>How bad a finding is.</summary>
public enum LintSeverity
{
    /// <summary>Against a recommendation (SHOULD).</summary>
    Warning,

    /// <summary>Against a rule (MUST): what has it is not signed.</summary>
    Error,
}

/// <summary>Something that a lint found.</summary>
/// <param name="Rule">The lint's name, such as <c>serial_number_not_positive</c>; never changes its meaning.</param>
/// <param name="Severity">How bad it is.</param>
/// <param name="Citation">The clause that it is against, such as <c>RFC 5280 §4.1.2.2</c>.</param>
/// <param name="Detail">What was found, one sentence.</param>
public sealed record LintFinding(string Rule, LintSeverity Severity, string Citation, string Detail)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Rule}: {Detail} ({Citation})";
}
