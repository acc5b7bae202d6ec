namespace CaServer.TestKit.Dns;

/// <summary>How a laboratory zone is signed.</summary>
public enum LabSigning
{
    /// <summary>Not at all, which the zone above proves.</summary>
    None,

    /// <summary>As it should be.</summary>
    Good,

    /// <summary>As it should be, then changed: see <see cref="LabZone.ChangedAfterSigning"/>.</summary>
    Changed,

    /// <summary>With signatures that ran out years ago.</summary>
    Expired,
}

/// <summary>What becomes of questions to a laboratory zone.</summary>
public enum LabServing
{
    /// <summary>Its name server answers.</summary>
    Answered,

    /// <summary>Its name server says REFUSED, as a lame one does.</summary>
    Refused,

    /// <summary>Nothing is where its name server should be.</summary>
    Silent,
}

/// <summary>A zone of one label below the root of a <see cref="DnsLab"/>.</summary>
/// <param name="Name">The label.</param>
/// <param name="Records">Its records as in a zone file, but for SOA, NS and what DNSSEC adds.</param>
public sealed record LabZone(string Name, string Records)
{
    /// <summary>How it is signed.</summary>
    public LabSigning Signing { get; init; } = LabSigning.Good;

    /// <summary>What becomes of questions.</summary>
    public LabServing Serving { get; init; } = LabServing.Answered;

    /// <summary>A text in the records, and what an attacker makes of it.</summary>
    public (string From, string To) ChangedAfterSigning { get; init; } = ("", "");
}
