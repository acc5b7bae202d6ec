using System.Text;
using CaServer.Domain;

namespace CaServer.Validation.Http;

/// <summary>
/// An agreed-upon file (BR §3.2.2.4.18; for addresses §3.2.2.5.1): the server of the name must answer with the value at a URL that says
/// nothing of it. One file serves several requests, a value a line.
/// </summary>
internal sealed class AgreedFileCheck(FileFetch fetch)
{
    private static readonly WantedFile s_wanted = new(ManualProof.FilePath[..(ManualProof.FilePath.LastIndexOf('/') + 1)], "value of the request");

    /// <summary>Runs the check until it is decided or the token ends it; the end of time is a finding like any other.</summary>
    internal async Task<Finding> RunAsync(ValidationRequest request, CheckLog log, CancellationToken ct)
    {
        var file = await fetch.RunAsync(request.Identifier, ManualProof.FilePath, s_wanted, log, ct);
        if (file.Failure is { } failure)
            return Finding.Failed(failure);
        var where = new FilePlace(file.Remote!, Printable.Of(file.Url.AbsoluteUri), file.Answer!);
        if (FileAnswer.Fault(where, s_wanted) is { } fault)
            return Finding.Failed(fault);
        var value = request.Terms.PublishedValue();
        var body = Encoding.UTF8.GetString(where.Answer.Body);
        return body.Split('\n').Any(line => line.Trim(' ', '\t', '\r', '\v', '\f', '\uFEFF') == value)
            ? Finding.Proved(new Proof { Address = where.Remote.ToString(), AccountUrl = request.AccountUrl })
            : Finding.Failed(OfContent(body, value, where));
    }

    private static Failure OfContent(string body, string value, FilePlace where)
    {
        var text = body.TrimStart();
        var (cause, hint) = text.Length == 0 ? (FailureCause.Empty, "see whether the file was written completely")
            : text[0] == '<' ? (FailureCause.WebPage, $"exempt {s_wanted.Directory} from what produces the web page")
            : where.Answer.IsCut ? (FailureCause.TooLong, $"only the first {FileFetch.MaxBody} bytes are read")
            : (FailureCause.WrongContent, "remove any cache in front");
        return new Failure(
            cause,
            ProblemType.Unauthorized,
            $"{where.Remote} answered {where.Url} with {(text.Length == 0 ? "nothing" : "something that has no such line")}{where.Beginning}.",
            $"The file must have a line with the value {value} and nothing else; {hint}.");
    }
}
