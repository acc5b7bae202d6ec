using System.Text.Json.Serialization;

namespace CaServer.Signing;

/// <summary>The regional Internet registries; BR §3.2.2.9 counts perspectives by the region they stand in.</summary>
public enum InternetRegistry
{
    /// <summary>Africa.</summary>
    [JsonStringEnumMemberName("afrinic")] Afrinic,

    /// <summary>Asia and Pacific.</summary>
    [JsonStringEnumMemberName("apnic")] Apnic,

    /// <summary>North America.</summary>
    [JsonStringEnumMemberName("arin")] Arin,

    /// <summary>Latin America and Caribbean.</summary>
    [JsonStringEnumMemberName("lacnic")] Lacnic,

    /// <summary>Europe, Middle East and Central Asia.</summary>
    [JsonStringEnumMemberName("ripencc")] RipeNcc,
}

/// <summary>Where a remote perspective stands.</summary>
/// <param name="Registry">The registry whose region it is.</param>
/// <param name="Location">Where on the globe, if that is known.</param>
public sealed record RemotePlace(InternetRegistry Registry, GeoPoint? Location);

/// <summary>A point on the globe.</summary>
/// <param name="Latitude">Degrees north.</param>
/// <param name="Longitude">Degrees east.</param>
public readonly record struct GeoPoint(double Latitude, double Longitude)
{
    private const double EarthRadius = 6371;

    /// <summary>Kilometres between two points along the surface, within half a percent (the globe taken for a sphere).</summary>
    public double DistanceTo(GeoPoint other)
    {
        var (north, east) = (double.DegreesToRadians(other.Latitude - Latitude) / 2, double.DegreesToRadians(other.Longitude - Longitude) / 2);
        var h = Math.Pow(Math.Sin(north), 2)
            + Math.Cos(double.DegreesToRadians(Latitude)) * Math.Cos(double.DegreesToRadians(other.Latitude)) * Math.Pow(Math.Sin(east), 2);
        return 2 * EarthRadius * Math.Asin(Math.Sqrt(Math.Min(1, h)));
    }
}
