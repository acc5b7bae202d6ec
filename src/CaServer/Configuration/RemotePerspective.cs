using System.Globalization;
using CaServer.Domain;
using CaServer.Signing;

namespace CaServer.Configuration;

/// <summary>Section <c>Validation:Remotes:NAME</c>: a perspective in a process of its own, elsewhere.</summary>
internal sealed class RemotePerspectiveOptions
{
    /// <summary>The Internet registry whose region it stands in: <c>afrinic</c>, <c>apnic</c>, <c>arin</c>, <c>lacnic</c> or <c>ripencc</c>.</summary>
    public string? Region { get; set; }

    /// <summary>Where it stands, degrees north and east with a comma between them, such as <c>50.11,8.68</c>.</summary>
    public string? Location { get; set; }
}

/// <summary>A perspective elsewhere, validated.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Region">The region it stands in; not null under webpki.</param>
/// <param name="Location">Where; not null under webpki.</param>
internal sealed record RemotePerspective(string Name, InternetRegistry? Region, GeoPoint? Location)
{
    public static RemotePerspective Parse(string name, RemotePerspectiveOptions options, PolicyPreset preset, SettingFaults faults)
    {
        var key = $"Validation:Remotes:{name}";
        if (preset == PolicyPreset.WebPki && options.Region is null)
            faults.Add($"{key}:Region", $"must be set under webpki (BR §3.2.2.9): {string.Join(", ", WireName.All<InternetRegistry>())}");
        if (preset == PolicyPreset.WebPki && options.Location is null)
            faults.Add($"{key}:Location", "must be set under webpki, where perspectives stand 500 km apart (BR §3.2.2.9): degrees north and east, such as 50.11,8.68");
        InternetRegistry? region = null;
        if (options.Region is { } text && WireName.TryParse(text, out InternetRegistry registry))
            region = registry;
        else if (options.Region is not null)
            faults.Add($"{key}:Region", $"must be one of {string.Join(", ", WireName.All<InternetRegistry>())}, not '{options.Region}'");
        return new RemotePerspective(name, region, options.Location is { } place ? ParseLocation($"{key}:Location", place, faults) : null);
    }

    private static GeoPoint? ParseLocation(string key, string text, SettingFaults faults)
    {
        if (text.Split(',') is [var north, var east]
            && double.TryParse(north, NumberStyles.Float, CultureInfo.InvariantCulture, out var latitude) && Math.Abs(latitude) <= 90
            && double.TryParse(east, NumberStyles.Float, CultureInfo.InvariantCulture, out var longitude) && Math.Abs(longitude) <= 180)
            return new GeoPoint(latitude, longitude);
        faults.Add(key, $"must be degrees north and east with a comma between them, such as 50.11,8.68 or -33.92,18.42, not '{text}'");
        return null;
    }
}
