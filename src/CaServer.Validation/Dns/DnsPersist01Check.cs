namespace CaServer.Validation.Dns;

/// <summary>
/// dns-persist-01 (draft-ietf-acme-dns-persist-02, BR §3.2.2.4.22): a TXT record that stays below the name must name this CA and the
/// account. Each record is a permission of its own; one that says all that is needed is enough.
/// </summary>
internal sealed class DnsPersist01Check(PerspectiveSettings settings, TimeProvider clock)
{
    private readonly TextLookup _lookup = new(settings);

    /// <summary>Runs the check until it is decided or the token ends it; the end of time is a finding like any other.</summary>
    internal async Task<Finding> RunAsync(ValidationRequest request, CheckLog log, CancellationToken ct)
    {
        var answer = new DnsPersist01Answer(request, settings);
        var (found, failure) = await _lookup.FindAsync(answer.Wanted, request.Identifier, log, ct);
        return found is null ? Finding.Failed(failure!) : answer.Judge(found, clock.GetUtcNow());
    }
}
