namespace CaServer.Pki.X509;

/// <summary>One lint.</summary>
/// <typeparam name="T">What it looks at.</typeparam>
/// <param name="Name">Its name.</param>
/// <param name="Severity">How bad what it finds is.</param>
/// <param name="Citation">The clause that it enforces.</param>
/// <param name="Find">
/// What is wrong, as one sentence, or null. A malformed value may be left to the reader's AsnContentException.
/// </param>
/// <param name="OnlyWebPki">Whether it is a rule for public CAs alone.</param>
internal sealed record LintRule<T>(string Name, LintSeverity Severity, string Citation, Func<T, string?> Find, bool OnlyWebPki = false);
