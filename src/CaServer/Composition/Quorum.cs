using CaServer.Configuration;
using CaServer.Domain;
using CaServer.Signing;

namespace CaServer.Composition;

/// <summary>How many perspectives must agree, by the preset, and whether those configured can be enough.</summary>
internal static class Quorum
{
    private static readonly TimeSpan s_notice = TimeSpan.FromDays(60);

    /// <summary>The policy for the front end and the signing core alike.</summary>
    public static QuorumPolicy Of(CaServerSettings settings) => settings.Policy.Preset == PolicyPreset.WebPki
        ? QuorumPolicy.Corroborated(settings.Validation.Perspective, settings.Validation.Remotes.ToDictionary(r => r.Name, r => new RemotePlace(r.Region!.Value, r.Location)))
        : QuorumPolicy.AtLeast(settings.Validation.Quorum);

    /// <summary>Stops a start after which nothing could be proved, before anything is made, and tells what will be so soon.</summary>
    /// <exception cref="OperatorFaultException">There are too few perspectives, or the first one does not validate.</exception>
    public static void RequireEnough(CaServerSettings settings, DateTimeOffset now, Serilog.ILogger log)
    {
        if (settings.Policy.Preset != PolicyPreset.WebPki)
            return;
        if (!settings.Validation.Dnssec)
            throw new OperatorFaultException("Validation:Dnssec", "must be true under webpki, with Validation:Resolvers on this machine that validate (BR §3.2.2.4)", null);
        var policy = Of(settings);
        var all = policy.Named.ToHashSet(StringComparer.Ordinal);
        if (policy.Shortfall(all, now) is { } shortfall)
            throw new OperatorFaultException("Validation:Remotes", $"are too few for webpki: {shortfall}", null);
        if (policy.Shortfall(all, now + s_notice) is { } soon)
            log.Warning("Validation:Remotes will be too few within {Days} days, and then nothing can be issued: {Shortfall:l}", s_notice.Days, soon);
    }

    /// <summary>Stops a start after which what a perspective states would not be believed.</summary>
    /// <exception cref="OperatorFaultException">The public key of one is missing.</exception>
    public static void RequireKeys(CaServerSettings settings, Perspectives keys)
    {
        foreach (var remote in settings.Validation.Remotes.Where(r => !keys.PublicKeys.ContainsKey(r.Name)))
        {
            throw new OperatorFaultException(
                $"Validation:Remotes:{remote.Name}",
                $"has no public key here: start it once with 'caserver serve --roles validator --perspective {remote.Name}', and copy perspectives/{remote.Name}.pub.pem from its data directory to {settings.Data.Perspectives}", null);
        }
    }
}
