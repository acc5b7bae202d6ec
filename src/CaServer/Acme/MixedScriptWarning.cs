using CaServer.Domain;

namespace CaServer.Acme;

/// <summary>Tells the operator of names that may have been made to look like others; they are taken all the same (UTS #39).</summary>
internal static partial class MixedScriptWarning
{
    public static void Tell(ILogger log, AccountId account, IReadOnlyList<Identifier> names)
    {
        foreach (var (label, scripts) in names.SelectMany(InternationalName.MixedLabels))
            LogMixed(log, account.Value, label, scripts);
    }

    [LoggerMessage(EventId = 1203, Level = LogLevel.Warning, Message = "Account {AccountId} asks for a name whose label {Label:l} mixes the scripts {Scripts}: see whether it imitates another")]
    private static partial void LogMixed(ILogger log, long accountId, string label, IReadOnlyList<string> scripts);
}
