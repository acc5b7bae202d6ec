namespace CaServer.Storage;

/// <summary>
/// How long rows are kept. Accounts with their key history, issuers, secrets, exceptions from limits and the log are kept for ever;
/// what was used of a limit until it is earned again.
/// </summary>
public sealed record RetentionSettings
{
    /// <summary>
    /// Orders, and with them their authorizations, challenges, statements and what perspectives did, after the last of them ran out;
    /// what proves a certificate is kept with the certificate.
    /// </summary>
    public TimeSpan Orders { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Certificates and their evidence after the end of their validity. BR §5.4.3 asks for two years.</summary>
    public TimeSpan Certificates { get; init; } = TimeSpan.FromDays(2 * 366 + 30);

    /// <summary>Moves of renewal windows that no certificate has any more, after they were made. A moved window goes with its certificate's validity.</summary>
    public TimeSpan EmptyRenewalMoves { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Requests to prove a name, after their value ran out.</summary>
    public TimeSpan ControlRequests { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Checks that perspectives elsewhere were asked for by a process that has ended since, after they were to be answered.</summary>
    public TimeSpan RemoteChecks { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Most orders, or certificates, that one transaction deletes.</summary>
    public int Batch { get; init; } = 200;
}
