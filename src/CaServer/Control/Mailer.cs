using System.Net.Sockets;
using CaServer.Composition;
using CaServer.Configuration;
using CaServer.Domain;
using CaServer.Hsm;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;
using MimeKit.Utils;

namespace CaServer.Control;

/// <summary>Sends e-mail through the operator's server, one connection for each.</summary>
internal sealed class Mailer(MailSettings settings, TimeProvider clock)
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(30);

    /// <summary>Hands a message to the mail server.</summary>
    /// <param name="to">The recipient.</param>
    /// <param name="message">What it says.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="ControlException">The server did not take it.</exception>
    /// <exception cref="OperatorFaultException">The password cannot be read.</exception>
    public async Task SendAsync(EmailAddress to, MailText message, CancellationToken ct)
    {
        using var mime = Mime(to, message);
        using var client = new SmtpClient { Timeout = (int)s_timeout.TotalMilliseconds, CheckCertificateRevocation = false };
        using var deadline = new CancellationTokenSource(s_timeout, clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(ct, deadline.Token);
        try
        {
            await client.ConnectAsync(settings.Host, settings.Port, SecurityOf(settings.Tls), linked.Token);
            if (settings.UserName is { } user)
                await client.AuthenticateAsync(user, Password(settings.PasswordFile!), linked.Token);
            await client.SendAsync(mime, linked.Token);
            await client.DisconnectAsync(quit: true, linked.Token);
        }
        catch (Exception e) when (!ct.IsCancellationRequested && e is CommandException or ProtocolException or ServiceNotConnectedException
            or System.Security.Authentication.AuthenticationException or MailKit.Security.AuthenticationException or SslHandshakeException
            or SocketException or IOException or OperationCanceledException or NotSupportedException)
        {
            var why = e is OperationCanceledException ? "it did not answer in time" : OneLine.Of(e.Message).TrimEnd('.');
            throw new ControlException($"the mail server {settings.Host}:{settings.Port} did not take the e-mail to {to}: {why}; see its log and the section Mail of the configuration", e);
        }
    }

    private MimeMessage Mime(EmailAddress to, MailText text)
    {
        var mime = new MimeMessage
        {
            Subject = text.Subject,
            Date = clock.GetUtcNow(),
            MessageId = MimeUtils.GenerateMessageId(settings.From.Domain),
            Body = new MultipartAlternative(new TextPart("plain") { Text = text.Plain }, new TextPart("html") { Text = text.Html }),
        };
        mime.From.Add(new MailboxAddress(text.Sender, settings.From.ToString()));
        mime.To.Add(new MailboxAddress(null, to.ToString()));
        // RFC 3834 §5: nobody's absence is to be told to us.
        mime.Headers.Add("Auto-Submitted", "auto-generated");
        return mime;
    }

    private static SecureSocketOptions SecurityOf(MailTls tls) => tls switch
    {
        MailTls.StartTls => SecureSocketOptions.StartTls,
        MailTls.Tls => SecureSocketOptions.SslOnConnect,
        MailTls.None => SecureSocketOptions.None,
    };

    private static string Password(string file)
    {
        try
        {
            return PinFile.Read(file);
        }
        catch (HsmException e)
        {
            throw new OperatorFaultException("Mail:PasswordFile", e.Message.Replace("PIN file", "file", StringComparison.Ordinal), e);
        }
    }
}

/// <summary>What an e-mail says.</summary>
/// <param name="Sender">The sender's name.</param>
/// <param name="Subject">The subject.</param>
/// <param name="Plain">The text.</param>
/// <param name="Html">The same as a page.</param>
internal sealed record MailText(string Sender, string Subject, string Plain, string Html);
