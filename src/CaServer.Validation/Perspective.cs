using System.Security.Cryptography;
using CaServer.Domain;
using CaServer.Validation.Caa;
using CaServer.Validation.Connections;
using CaServer.Validation.Dns;
using CaServer.Validation.Email;
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
    private readonly TargetLimits _targets;
    private readonly Http01Check _http01;
    private readonly AgreedFileCheck _agreedFile;
    private readonly ControlRecordCheck _controlRecord;
    private readonly EmailCheck _email;
    private readonly Contacts _contacts;
    private readonly Dns01Check _dns01;
    private readonly DnsPersist01Check _dnsPersist01;
    private readonly TlsAlpn01Check _tlsAlpn01;
    private readonly CaaCheck _caa;
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
        _targets = new TargetLimits(settings, clock);
        var files = new FileFetch(settings, _targets, clock);
        _http01 = new Http01Check(files);
        _agreedFile = new AgreedFileCheck(files);
        _controlRecord = new ControlRecordCheck(settings);
        _contacts = new Contacts(settings, clock);
        _email = new EmailCheck(_contacts, key);
        _dns01 = new Dns01Check(settings);
        _dnsPersist01 = new DnsPersist01Check(settings, clock);
        _tlsAlpn01 = new TlsAlpn01Check(settings, _targets, clock);
        _caa = new CaaCheck(settings, clock);
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

    /// <summary>Looks CAA up alone. A refusal is a value; only cancellation by the caller is thrown.</summary>
    public async Task<CaaOutcome> CheckCaaAsync(CaaRequest request, CancellationToken ct)
    {
        await _turns.WaitAsync(ct);
        try
        {
            var log = new CheckLog(_settings.Name, _clock);
            var (result, failure) = await JudgeCaaAsync(new CaaQuestion(request.Identifier.Value, request.Wildcard, request.Method, request.AccountUrl), log, ct);
            return failure is null
                ? new CaaOutcome.Permitted(State(request, result!)) { Trace = log.Close() }
                : new CaaOutcome.Refused(failure.ToProblem()) { Cause = failure.Cause, Diagnosis = failure.Seen, Remedy = failure.Remedy, Trace = log.Close() };
        }
        finally
        {
            _turns.Release();
        }
    }

    /// <summary>Whether this perspective looks CAA up for an identifier.</summary>
    public bool ChecksCaa(Identifier identifier) => _caa.IsFor(identifier);

    /// <summary>Looks up to whom an e-mail about a name may go; what cannot be looked up is said in its place.</summary>
    public async Task<ContactsFound> FindContactsAsync(Identifier identifier, CancellationToken ct)
    {
        await _turns.WaitAsync(ct);
        try
        {
            using var deadline = new CancellationTokenSource(_settings.Timeout, _clock);
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(ct, deadline.Token);
            var found = await _contacts.FindAllAsync(identifier.WithoutWildcard(), new CheckLog(_settings.Name, _clock), linked.Token);
            ct.ThrowIfCancellationRequested();
            return found;
        }
        finally
        {
            _turns.Release();
        }
    }

    /// <summary>The value to send for a request: only this perspective can make it, and will know it again.</summary>
    public string SentValue(ControlTerms terms) => _email.SentValue(terms);

    /// <inheritdoc/>
    public void Dispose() => _turns.Dispose();

    private async Task<ValidationOutcome> CheckNowAsync(ValidationRequest request, CancellationToken ct)
    {
        var log = new CheckLog(_settings.Name, _clock);
        var finding = await FindAsync(request, log, ct);
        var expected = request.Fault(_settings) is null ? Expectation.Of(request, _settings) : null;
        // For the names below CAA is looked up name by name when they are ordered: each may have records of its own.
        var isForDomain = request.NamesBelow && !request.Wildcard;
        var (caa, failure) = finding.Failure is null && !isForDomain && _caa.IsFor(request.Identifier)
            ? await JudgeCaaAsync(new CaaQuestion(request.Identifier.Value, request.Wildcard, request.Method, request.AccountUrl), log, ct)
            : (null, finding.Failure);

        var trace = log.Close() with { Place = expected?.Place, Expected = expected?.Value };
        return failure is null
            ? new ValidationOutcome.Valid(State(request, finding.Proof!, log.Dnssec, caa)) { Trace = trace }
            : new ValidationOutcome.Failed(failure.ToProblem()) { Cause = failure.Cause, Diagnosis = failure.Seen, Remedy = failure.Remedy, Trace = trace };
    }

    private async Task<Finding> FindAsync(ValidationRequest request, CheckLog log, CancellationToken ct)
    {
        if (request.Fault(_settings) is { } fault)
        {
            return Finding.Failed(new Failure(
                FailureCause.BadRequest, ProblemType.Malformed, $"The check was not begun: {fault}.", "This is a fault of the CA, not of the name."));
        }
        if (ManualFault(request) is { } refused)
            return Finding.Failed(refused);
        // The others count each address that they connect to.
        var rule = MethodRule.Of(request.Method);
        if ((rule.RecordPrefixLength > 0 || rule.IsEmail) && _targets.Use(request.Identifier) is { } refusal)
            return Finding.Failed(refusal);
        using var deadline = new CancellationTokenSource(_settings.Timeout, _clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(ct, deadline.Token);
        var finding = request.Method switch
        {
            ValidationMethod.Http01 => await _http01.RunAsync(request, log, linked.Token),
            ValidationMethod.Dns01 => await _dns01.RunAsync(request, null, log, linked.Token),
            ValidationMethod.TlsAlpn01 => await _tlsAlpn01.RunAsync(request, log, linked.Token),
            ValidationMethod.DnsAccount01 => await _dns01.RunAsync(request, request.AccountUrl, log, linked.Token),
            ValidationMethod.DnsPersist01 => await _dnsPersist01.RunAsync(request, log, linked.Token),
            ValidationMethod.DnsText => await _controlRecord.TextAsync(request, log, linked.Token),
            ValidationMethod.DnsAlias => await _controlRecord.AliasAsync(request, log, linked.Token),
            ValidationMethod.AgreedFile => await _agreedFile.RunAsync(request, log, linked.Token),
            ValidationMethod.ConstructedEmail or ValidationMethod.CaaEmail or ValidationMethod.TextEmail => await _email.RunAsync(request, log, linked.Token),
        };
        ct.ThrowIfCancellationRequested();
        return finding;
    }

    private Failure? ManualFault(ValidationRequest request)
    {
        var now = _clock.GetUtcNow();
        if (MethodRule.Of(request.Method).Refusal(_settings.Preset, now) is { } ended)
        {
            return new Failure(
                FailureCause.MethodEnded, ProblemType.Unauthorized, $"A proof by {WireName.Of(request.Method)} {ended}.", "Make a request for the name by a record in the DNS.");
        }
        return request.ValueCreatedAt is { } created && now.ToUnixTimeSeconds() - created > (long)ManualProof.MaxValueLife.TotalSeconds
            ? new Failure(
                FailureCause.ValueExpired, ProblemType.Unauthorized,
                $"The value of this request was made on {DateTimeOffset.FromUnixTimeSeconds(created):yyyy-MM-dd} and may be used for {ManualProof.MaxValueLife.TotalDays} days.",
                "Make a new request and publish its value.")
            : null;
    }

    private async Task<(CaaResult? Result, Failure? Failure)> JudgeCaaAsync(CaaQuestion question, CheckLog log, CancellationToken ct)
    {
        using var deadline = new CancellationTokenSource(_settings.Timeout, _clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(ct, deadline.Token);
        var result = await _caa.RunAsync(question, log, linked.Token);
        ct.ThrowIfCancellationRequested();
        return result;
    }

    private SignedControlStatement State(ValidationRequest request, Proof proof, DnssecState dnssec, CaaResult? caa)
    {
        var statement = new ControlStatement
        {
            Perspective = _settings.Name,
            IdentifierType = request.Identifier.Type,
            Identifier = request.Identifier.Value,
            Method = request.Method,
            Section = MethodRule.Of(request.Method).Section(request.Identifier.Type)!,
            Thumbprint = proof.Thumbprint ?? request.Thumbprint,
            Token = request.Token,
            CheckedAt = _clock.GetUtcNow().ToUnixTimeSeconds(),
            // Whoever gets the same key later is another account, which CAA may not permit (RFC 8657 §3).
            AccountUrl = proof.AccountUrl ?? (caa?.State == CaaState.Permitted ? request.AccountUrl : null),
            NamesBelow = proof.NamesBelow ?? (request.NamesBelow ? true : null),
            RelyUntil = proof.RelyUntil,
            ValueCreatedAt = request.ValueCreatedAt,
            Recipient = request.Recipient,
            Domain = proof.Domain,
            Address = proof.Address,
            Dnssec = dnssec,
            Caa = CaaState.Unchecked,
        };
        return SignedControlStatement.Sign(caa is null ? statement : statement.With(caa), _key);
    }

    private SignedCaaStatement State(CaaRequest request, CaaResult caa) => SignedCaaStatement.Sign(
        new CaaStatement
        {
            Perspective = _settings.Name,
            Identifier = request.Identifier.Value,
            Wildcard = caa.Wildcard,
            Method = request.Method,
            AccountUrl = request.AccountUrl,
            Caa = caa.State,
            CaaSet = caa.Set,
            CaaCheckedAt = caa.CheckedAt,
            CaaDnssec = caa.Dnssec,
        },
        _key);
}
