using System.Security.Cryptography;
using CaServer.Domain;
using CaServer.Validation.Dns;
using CaServer.Validation.Http;
using CaServer.Validation.Tls;

namespace CaServer.Validation;

/// <summary>
/// One view of the network: checks whether a name answers for an account and, if it does, says so under its own signature. It
/// knows nothing of orders or of the database; what it is asked may be lies, what it states it has seen.
/// </summary>
public sealed class Perspective : IDisposable
{
    private readonly PerspectiveSettings _settings;
    private readonly ECDsa _key;
    private readonly TimeProvider _clock;
    private readonly Http01Check _http01;
    private readonly Dns01Check _dns01;
    private readonly DnsPersist01Check _dnsPersist01;
    private readonly TlsAlpn01Check _tlsAlpn01;
    private readonly SemaphoreSlim _turns;

    /// <summary>Creates a perspective. The key stays its owner's to dispose, after the perspective.</summary>
    /// <exception cref="ArgumentException">The settings cannot be used; the message holds every fault.</exception>
    public Perspective(PerspectiveSettings settings, ECDsa key, TimeProvider clock)
    {
        var faults = string.Join(' ', settings.Faults());
        if (faults.Length > 0)
            throw new ArgumentException(faults, nameof(settings));
        _settings = settings;
        _key = key;
        _clock = clock;
        _http01 = new Http01Check(settings, clock);
        _dns01 = new Dns01Check(settings);
        _dnsPersist01 = new DnsPersist01Check(settings, clock);
        _tlsAlpn01 = new TlsAlpn01Check(settings, clock);
        _turns = new SemaphoreSlim(settings.MaxConcurrentChecks);
    }

    /// <summary>The perspective's name.</summary>
    public string Name => _settings.Name;

    /// <summary>Checks one identifier. A failure is a value; only cancellation by the caller is thrown.</summary>
    public async Task<ValidationOutcome> CheckAsync(ValidationRequest request, CancellationToken ct)
    {
        await _turns.WaitAsync(ct);
        try
        {
            return await CheckNowAsync(request, ct);
        }
        finally
        {
            _turns.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _turns.Dispose();

    private async Task<ValidationOutcome> CheckNowAsync(ValidationRequest request, CancellationToken ct)
    {
        var log = new CheckLog(_settings.Name, _clock);
        using var deadline = new CancellationTokenSource(_settings.Timeout, _clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(ct, deadline.Token);

        var seen = request.Fault(_settings) is { } fault
            ? Finding.Failed(new Failure(
                FailureCause.BadRequest, ProblemType.Malformed, $"The check was not begun: {fault}.", "This is a fault of the CA, not of the name."))
            : request.Method switch
            {
                ValidationMethod.Http01 => await _http01.RunAsync(request, log, linked.Token),
                ValidationMethod.Dns01 => await _dns01.RunAsync(request, null, log, linked.Token),
                ValidationMethod.TlsAlpn01 => await _tlsAlpn01.RunAsync(request, log, linked.Token),
                ValidationMethod.DnsAccount01 => await _dns01.RunAsync(request, request.AccountUrl, log, linked.Token),
                ValidationMethod.DnsPersist01 => await _dnsPersist01.RunAsync(request, log, linked.Token),
            };
        ct.ThrowIfCancellationRequested();

        var trace = log.Close();
        return seen.Failure is { } failure
            ? new ValidationOutcome.Failed(failure.ToProblem()) { Cause = failure.Cause, Trace = trace }
            : new ValidationOutcome.Valid(State(request, seen.Proof!)) { Trace = trace };
    }

    private SignedControlStatement State(ValidationRequest request, Proof proof) => SignedControlStatement.Sign(
        new ControlStatement
        {
            Perspective = _settings.Name,
            IdentifierType = request.Identifier.Type,
            Identifier = request.Identifier.Value,
            Method = request.Method,
            Section = MethodRule.Of(request.Method).Section(request.Identifier.Type)!,
            Thumbprint = proof.Thumbprint ?? request.Thumbprint,
            Token = request.Token,
            CheckedAt = _clock.GetUtcNow().ToUnixTimeSeconds(),
            AccountUrl = proof.AccountUrl,
            NamesBelow = proof.NamesBelow ?? (request.NamesBelow ? true : null),
            RelyUntil = proof.RelyUntil,
            Address = proof.Address,
            // Neither is looked at yet, and a statement claims only what was seen.
            Dnssec = DnssecState.Unchecked,
            Caa = CaaState.Unchecked,
        },
        _key);
}
