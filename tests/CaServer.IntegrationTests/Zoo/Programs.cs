namespace CaServer.IntegrationTests.Zoo;

/// <summary>Whose programs a client of the zoo is.</summary>
public enum Programs
{
    /// <summary>The distribution's.</summary>
    Installed,

    /// <summary>The newer ones that <c>tools/newer-programs.sh</c> unpacks.</summary>
    Newer,

    /// <summary>Older ones from there, of which the distribution's package is not installed since it would start a service.</summary>
    Older,
}
