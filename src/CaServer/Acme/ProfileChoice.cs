using System.Text.Json;
using CaServer.Domain;

namespace CaServer.Acme;

/// <summary>The profile of an order (draft-ietf-acme-profiles): offered, and open to the account.</summary>
internal static class ProfileChoice
{
    /// <summary>The profile that newOrder names, or one that the account may have.</summary>
    /// <param name="payload">The payload.</param>
    /// <param name="settings">What is offered.</param>
    /// <param name="limits">What bounds the account; null if it is bound to no account elsewhere.</param>
    /// <exception cref="AcmeException">invalidProfile.</exception>
    public static string Read(JsonElement payload, FrontEndSettings settings, EabKey? limits)
    {
        if (Payload.String(payload, "profile") is { } named)
            return Fault(named, settings, limits) is { } fault ? throw Invalid(fault) : named;
        // A client that knows no profiles gets one all the same: the default, else the first that its key names.
        return (string[])[settings.DefaultProfile, .. limits?.Profiles ?? [], .. settings.Profiles.Keys.Order(StringComparer.Ordinal)] is var candidates
            && candidates.FirstOrDefault(p => Fault(p, settings, limits) is null) is { } open
            ? open
            : throw Invalid($"No profile is open to this account: {Fault(settings.DefaultProfile, settings, limits)}");
    }

    /// <summary>Refuses to finalize an order whose profile is not issued any more, or not to this account.</summary>
    /// <exception cref="AcmeException">invalidProfile.</exception>
    public static void RequireStillOpen(Order order, Account account, FrontEndSettings settings)
    {
        if (!settings.Profiles.TryGetValue(order.Profile, out var profile))
            throw Invalid($"The profile {RequestedIdentifier.Quoted(order.Profile)} of this order is not offered any more; place a new order.");
        if (profile.ExternalAccountRequired && account.Binding is null)
            throw Invalid(Unbound(order.Profile));
    }

    private static string? Fault(string profile, FrontEndSettings settings, EabKey? limits)
    {
        var quoted = RequestedIdentifier.Quoted(profile);
        if (!settings.Profiles.TryGetValue(profile, out var offered))
            return $"The profile {quoted} is not offered; the directory's meta.profiles lists those that are.";
        if (offered.ExternalAccountRequired && limits is null)
            return Unbound(profile);
        return limits?.AllowsProfile(profile) == false
            ? $"This account's external account key does not allow the profile {quoted}; it allows {string.Join(", ", limits.Profiles)}."
            : null;
    }

    private static string Unbound(string profile) =>
        $"The profile {RequestedIdentifier.Quoted(profile)} is for accounts with an external account binding; ask the operator for a key identifier and MAC key, and make an account with them.";

    private static AcmeException Invalid(string detail) => new(ProblemType.InvalidProfile, detail);
}
