namespace CaServer.Pki.X509;

/// <summary>A certificate's validity, whole seconds, both ends included (RFC 5280 §4.1.2.5).</summary>
public readonly record struct ValidityPeriod(DateTimeOffset NotBefore, DateTimeOffset NotAfter)
{
    /// <summary>How long it is; a period of one second begins and ends in the same second (BR §6.3.2).</summary>
    public TimeSpan Length => NotAfter - NotBefore + TimeSpan.FromSeconds(1);

    /// <summary>The period of this length that begins at a moment, whose fraction of a second is dropped.</summary>
    public static ValidityPeriod From(DateTimeOffset notBefore, TimeSpan length)
    {
        var start = DateTimeOffset.FromUnixTimeSeconds(notBefore.ToUnixTimeSeconds());
        return new ValidityPeriod(start, start + length - TimeSpan.FromSeconds(1));
    }
}
