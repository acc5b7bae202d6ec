using System.Net;
using System.Text;
using CaServer.Domain;

namespace CaServer.Validation.Http;

/// <summary>
/// Judges what came back for an http-01 request. Wrong content is <c>unauthorized</c>, as from Boulder: RFC 8555 §6.7 would also allow
/// <c>incorrectResponse</c>, but clients and their users know what to do about the former.
/// </summary>
internal static class Http01Answer
{
    private const int TokenAndThumbprintParts = 2;
    private const int ThumbprintLength = 43;

    /// <summary>The file in words.</summary>
    internal static readonly WantedFile Wanted = new(Http01Check.Directory, "key authorization");

    internal static Finding Judge(ValidationRequest request, Uri url, IPEndPoint remote, HttpAnswer answer)
    {
        var where = new FilePlace(remote, Printable.Of(url.AbsoluteUri), answer);
        if (FileAnswer.Fault(where, Wanted) is { } fault)
            return Finding.Failed(fault);
        // RFC 8555 §8.3: whitespace at the end of the body is to be ignored.
        var body = answer.Body.AsSpan().TrimEnd(" \t\r\n\v\f"u8);
        return !answer.IsCut && body.SequenceEqual(Encoding.ASCII.GetBytes(request.KeyAuthorization))
            ? Finding.Proved(new Proof { Address = remote.ToString() })
            : Finding.Failed(OfContent(request, body, where));
    }

    private static Failure OfContent(ValidationRequest request, ReadOnlySpan<byte> body, FilePlace where)
    {
        var (cause, remedy) = Recognise(request, body, where.Answer.IsCut);
        var seen = cause switch
        {
            FailureCause.TooLong => $"{where.Remote} answered {where.Url} with more than {FileFetch.MaxBody} bytes{where.Beginning}.",
            FailureCause.Empty => $"{where.Remote} answered {where.Url} with nothing.",
            _ => $"{where.Remote} answered {where.Url} with something other than \"{request.KeyAuthorization}\"{where.Beginning}.",
        };
        return new Failure(cause, ProblemType.Unauthorized, seen, remedy);
    }

    private static (FailureCause Cause, string Remedy) Recognise(ValidationRequest request, ReadOnlySpan<byte> body, bool isCut)
    {
        if (body.IsEmpty)
            return (FailureCause.Empty, "The file must hold the key authorization; see whether it was written completely.");
        if (body is [0xef, 0xbb, 0xbf, ..] or [0xff, 0xfe, ..] or [0xfe, 0xff, ..])
            return (FailureCause.ByteOrderMark, "Save the file as plain ASCII without a byte order mark.");
        if (body.TrimStart(" \t\r\n"u8) is [(byte)'<', ..])
            return (FailureCause.WebPage, "A web page was sent instead of the file; exempt /.well-known/acme-challenge/ from what produces the page.");
        if (isCut)
            return (FailureCause.TooLong, "The answer must be the key authorization and nothing else.");

        var parts = Encoding.ASCII.GetString(body).Split('.');
        if (parts is [var only] && only == request.Token)
            return (FailureCause.TokenOnly, "The file must hold the token, a dot and the thumbprint of the account key.");
        if (parts.Length == TokenAndThumbprintParts && parts[0] == request.Token && parts[1].Length == ThumbprintLength)
            return (FailureCause.OtherAccount, "The file was made for another account's key; answer with the account that ordered.");
        if (parts.Length == TokenAndThumbprintParts && parts[1] == request.Thumbprint && parts[0].All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
            return (FailureCause.OtherToken, "The file belongs to another challenge; remove what is left from earlier orders and any cache in front.");
        return (FailureCause.WrongContent, "The answer must be the key authorization and nothing else.");
    }
}
