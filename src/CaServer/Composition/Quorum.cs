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

    /// <summary>Whether a process of these roles judges what perspectives state.</summary>
    public static bool IsJudgedBy(CaServerSettings settings, Roles roles) =>
        !settings.Validation.IsRemote && (roles & (Roles.Validator | Roles.Signer)) != 0;

    /// <summary>Why such a process could prove nothing: too few perspectives, or the first one does not validate; null where it could.</summary>
    public static ConfigurationFault? FaultOf(CaServerSettings settings, Roles roles, DateTimeOffset now)
    {
        if (settings.Policy.Preset != PolicyPreset.WebPki || !IsJudgedBy(settings, roles))
            return null;
        if (!settings.Validation.Dnssec)
            return new ConfigurationFault("Validation:Dnssec", "must be true under webpki, with Validation:Resolvers on this machine that validate (BR §3.2.2.4)", null);
        return Shortfall(settings, now) is { } shortfall
            ? new ConfigurationFault("Validation:Remotes", $"are too few for webpki: {shortfall}", null)
            : null;
    }

    /// <summary>Why it will soon be able to prove nothing, or null.</summary>
    public static string? WarningOf(CaServerSettings settings, Roles roles, DateTimeOffset now) =>
        settings.Policy.Preset == PolicyPreset.WebPki && IsJudgedBy(settings, roles) && Shortfall(settings, now + s_notice) is { } soon
            ? $"Validation:Remotes will be too few within {s_notice.Days} days, and then nothing can be issued: {soon}"
            : null;

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

    private static string? Shortfall(CaServerSettings settings, DateTimeOffset at)
    {
        var policy = Of(settings);
        return policy.Shortfall(policy.Named.ToHashSet(StringComparer.Ordinal), at);
    }
}
