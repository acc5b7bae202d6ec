namespace CaServer.Hsm;

/// <summary>What happened to a token.</summary>
public enum TokenIncidentKind
{
    /// <summary>It stopped answering as it should.</summary>
    Lost,

    /// <summary>It is connected again.</summary>
    Recovered,

    /// <summary>It could not be connected; the next use after a back-off tries again, unless the PIN was refused.</summary>
    Down,
}

/// <summary>An event in the life of a token, for the log; the sentence never contains a PIN.</summary>
public sealed record TokenIncident(string Token, TokenIncidentKind Kind, string Sentence);
