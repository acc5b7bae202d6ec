using System.Globalization;
using System.Net;
using CaServer.Domain;

namespace CaServer.Configuration;

/// <summary>Section <c>Mail</c>: the server through which e-mail is sent.</summary>
internal sealed class MailOptions
{
    /// <summary>Host and port; without it no e-mail is sent.</summary>
    public string? Server { get; set; }

    /// <summary>The sender's address.</summary>
    public string? From { get; set; }

    /// <summary><c>starttls</c>, <c>tls</c> or <c>none</c>.</summary>
    public string Tls { get; set; } = "starttls";

    /// <summary>The name to log on with; null: none.</summary>
    public string? UserName { get; set; }

    /// <summary>File with its password.</summary>
    public string? PasswordFile { get; set; }
}

/// <summary>How the connection to the mail server is protected.</summary>
internal enum MailTls
{
    /// <summary>Begun in the clear and protected before anything is said (RFC 3207); a server that cannot is refused.</summary>
    StartTls,

    /// <summary>From the first octet (RFC 8314).</summary>
    Tls,

    /// <summary>Not at all.</summary>
    None,
}

/// <summary>The server through which e-mail is sent, validated.</summary>
internal sealed record MailSettings
{
    public required string Host { get; init; }

    public required int Port { get; init; }

    public required EmailAddress From { get; init; }

    public required MailTls Tls { get; init; }

    public required string? UserName { get; init; }

    public required string? PasswordFile { get; init; }

    /// <summary>Null if no server is named.</summary>
    public static MailSettings? Parse(MailOptions options, SettingFaults faults)
    {
        if (options.Server is not { } server)
        {
            if (options.From is not null || options.UserName is not null || options.PasswordFile is not null)
                faults.Add("Mail:Server", "must be set where another key of Mail is, such as mail.example.org:587");
            return null;
        }
        var colon = server.LastIndexOf(':');
        var host = colon > 0 ? server[..colon].Trim('[', ']') : "";
        if (!(ushort.TryParse(server.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0)
            || !(IPAddress.TryParse(host, out _) || Identifier.TryParse(IdentifierType.Dns, host, out _, out _)))
        {
            faults.Add("Mail:Server", $"must be a host and a port such as mail.example.org:587, not '{server}'");
        }
        if (!EmailAddress.TryParse(options.From, out var from))
            faults.Add("Mail:From", options.From is null ? "must be set where Mail:Server is, to the sender's address" : $"must be an e-mail address such as ca@example.org, not '{options.From}'");
        var tls = ParseTls(options.Tls, faults);
        CheckLogon(options, tls, host, faults);
        return new MailSettings
        {
            Host = host,
            Port = port,
            From = from ?? ManualProof.ConstructedAt("invalid").First(),
            Tls = tls,
            UserName = options.UserName,
            PasswordFile = options.PasswordFile,
        };
    }

    private static MailTls ParseTls(string text, SettingFaults faults)
    {
        switch (text)
        {
            case "starttls":
                return MailTls.StartTls;
            case "tls":
                return MailTls.Tls;
            case "none":
                return MailTls.None;
            default:
                faults.Add("Mail:Tls", $"must be starttls, tls or none, not '{text}'");
                return MailTls.StartTls;
        }
    }

    private static void CheckLogon(MailOptions options, MailTls tls, string host, SettingFaults faults)
    {
        if (options.UserName is null != options.PasswordFile is null)
            faults.Add(options.UserName is null ? "Mail:UserName" : "Mail:PasswordFile", $"must be set because Mail:{(options.UserName is null ? "PasswordFile" : "UserName")} is; or remove that one");
        if (options.PasswordFile is { } file && !File.Exists(file))
            faults.Add("Mail:PasswordFile", $"names '{file}', which does not exist; give the path of a file with the password");
        if (options.UserName is not null && tls == MailTls.None && !(IPAddress.TryParse(host, out var address) ? IPAddress.IsLoopback(address) : host == "localhost"))
            faults.Add("Mail:Tls", "must be starttls or tls where Mail:UserName is set and the server is another machine, or the password could be read on the way");
    }
}
