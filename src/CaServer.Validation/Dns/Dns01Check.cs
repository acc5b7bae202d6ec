using CaServer.Domain;

namespace CaServer.Validation.Dns;

/// <summary>
/// dns-01 (RFC 8555 §8.4, BR §3.2.2.4.7) and dns-account-01 (draft-ietf-acme-dns-account-label, BR §3.2.2.4.21): a TXT record below
/// the name must hold a digest of the key authorization. Aliases count, so that the record can be kept in another zone; of several
/// records one that is right is enough, since a name and its wildcard have the same record name.
/// </summary>
internal sealed class Dns01Check(PerspectiveSettings settings)
{
    private readonly TextLookup _lookup = new(settings);

    /// <summary>Runs the check until it is decided or the token ends it; the end of time is a finding like any other.</summary>
    /// <param name="request">What to check.</param>
    /// <param name="accountUrl">The account whose own record is wanted; null for the record that all accounts share.</param>
    /// <param name="log">Where the steps are noted.</param>
    /// <param name="ct">The end of the check.</param>
    internal async Task<Finding> RunAsync(ValidationRequest request, string? accountUrl, CheckLog log, CancellationToken ct)
    {
        var record = accountUrl is null ? Dns01.RecordName(request.Identifier) : DnsAccount01.RecordName(request.Identifier, accountUrl);
        var answer = new Dns01Answer(record, request.KeyAuthorization);
        var (found, failure) = await _lookup.FindAsync(answer.Wanted, request.Identifier, log, ct);
        var finding = found is null ? Finding.Failed(failure!) : answer.Judge(found);
        return finding.Proof is { } proof ? Finding.Proved(proof with { AccountUrl = accountUrl }) : finding;
    }
}
