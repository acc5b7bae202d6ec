namespace CaServer.Validation.Http;

/// <summary>
/// http-01 (RFC 8555 §8.3, BR §3.2.2.4.19; for addresses RFC 8738 §4, BR §3.2.2.5.6): the server of the name must answer with
/// the key authorization at a URL that holds the token.
/// </summary>
internal sealed class Http01Check(FileFetch fetch)
{
    /// <summary>Where the files lie.</summary>
    internal const string Directory = "/.well-known/acme-challenge/";

    /// <summary>Runs the check until it is decided or the token ends it; the end of time is a finding like any other.</summary>
    internal async Task<Finding> RunAsync(ValidationRequest request, CheckLog log, CancellationToken ct)
    {
        var file = await fetch.RunAsync(request.Identifier, Directory + request.Token, Http01Answer.Wanted, log, ct);
        return file.Failure is { } failure ? Finding.Failed(failure) : Http01Answer.Judge(request, file.Url, file.Remote!, file.Answer!);
    }
}
