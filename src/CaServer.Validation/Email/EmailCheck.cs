using System.Security.Cryptography;
using System.Text;
using CaServer.Domain;

namespace CaServer.Validation.Email;

/// <summary>
/// E-mail to a contact of the domain (BR §3.2.2.4.4, .13, .14): the value that was sent must have come back, and the recipient must be a
/// contact still. The value is made with a secret of this perspective's, so that no entry in a database can stand for an answer.
/// </summary>
internal sealed class EmailCheck(Contacts contacts, ECDsa key)
{
    private const int KeyLength = 32;

    // From the signing key, so that there is one file to keep, and by a one-way function, so that the one says nothing of the other.
    private readonly Lazy<byte[]> _secret = new(() => HKDF.DeriveKey(HashAlgorithmName.SHA256, key.ExportParameters(includePrivateParameters: true).D!, KeyLength, info: "control request values"u8.ToArray()));

    /// <summary>The value that is sent for a request.</summary>
    internal string SentValue(ControlTerms terms) => terms.SentValue(_secret.Value);

    /// <summary>Runs the check until it is decided or the token ends it; the end of time is a finding like any other.</summary>
    internal async Task<Finding> RunAsync(ValidationRequest request, CheckLog log, CancellationToken ct)
    {
        if (request.Answer is not { } answer)
        {
            return Finding.Failed(new Failure(
                FailureCause.NotConfirmed, ProblemType.Unauthorized,
                $"Nobody has confirmed the e-mail to {request.Recipient} yet.", "Have the recipient open the link in it and press the button, or enter the value in it; then check again."));
        }
        if (!CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(answer), Encoding.ASCII.GetBytes(SentValue(request.Terms))))
        {
            return Finding.Failed(new Failure(
                FailureCause.OtherValue, ProblemType.Unauthorized,
                $"The value that came back is not the one in the e-mail to {request.Recipient} about this request.", "Use the value of the newest e-mail, all 32 characters of it."));
        }
        var (found, failure) = await contacts.FindAsync(request.Method, request.Identifier, log, ct);
        if (found.FirstOrDefault(c => c.Address.ToString() == request.Recipient) is { } contact)
            return Finding.Proved(new Proof { AccountUrl = request.AccountUrl, Domain = contact.Domain == request.Identifier.Value ? null : contact.Domain });
        return Finding.Failed(failure ?? new Failure(
            FailureCause.OtherContact, ProblemType.Unauthorized,
            $"{request.Recipient} is not among the contacts of {request.Identifier.Value} by {WireName.Of(request.Method)}.", "Make a new request to one of the present contacts."));
    }
}
