using CaServer.Composition;
using CaServer.Domain;
using CaServer.Status;
using Prometheus;

namespace CaServer.Health;

/// <summary>What the server counts, for Prometheus. Numbers of the process (CPU, memory, threads, collections) come with the library.</summary>
internal sealed class Metrics
{
    private readonly CollectorRegistry _registry = Prometheus.Metrics.NewCustomRegistry();
    private readonly Dictionary<(Listener, int), Counter.Child> _answers = [];
    private readonly Counter _checks;
    private readonly Counter _perspectiveChecks;
    private readonly Counter _caaRenewals;

    public Metrics(StatusFiles? status, ServerCertificate? certificate, OcspAnswers? ocsp = null, CurrentResponder? responder = null)
    {
        DotNetStats.Register(_registry);
        var factory = Prometheus.Metrics.WithCustomRegistry(_registry);
        // Requests have no traces that a number could refer to.
        factory.ExemplarBehavior = ExemplarBehavior.NoExemplars();
        var answers = factory.CreateCounter("caserver_http_answers_total", "HTTP answers by listener and first digit of the status code.", "listener", "status");
        foreach (var listener in Enum.GetValues<Listener>())
        {
            for (var digit = 1; digit <= 5; digit++)
                _answers[(listener, digit)] = answers.WithLabels(listener.ToString().ToLowerInvariant(), digit + "xx");
        }
        _checks = factory.CreateCounter(
            "caserver_challenge_checks_total", "Checks of challenges by method and result: valid, the cause of the failure, or too-few-perspectives.", "method", "result");
        _perspectiveChecks = factory.CreateCounter(
            "caserver_perspective_checks_total", "Checks of challenges by perspective and result: valid or failed.", "perspective", "result");
        _caaRenewals = factory.CreateCounter(
            "caserver_caa_renewals_total", "CAA look-ups for authorizations used again, by result: permitted, the cause of the refusal, or too-few-perspectives.", "result");
        var crlEnd = factory.CreateGauge("caserver_crl_next_update_seconds", "End of the present CRL, seconds since the epoch.", "issuer");
        var tlsEnd = factory.CreateGauge("caserver_tls_not_after_seconds", "End of the TLS certificate in use, seconds since the epoch.");
        var answersHeld = factory.CreateGauge("caserver_ocsp_answers", "Certificates that a signed OCSP answer is in memory for.");
        var responderEnd = factory.CreateGauge("caserver_ocsp_responder_not_after_seconds", "End of the OCSP responder's certificate, seconds since the epoch.");
        _registry.AddBeforeCollectCallback(() =>
        {
            answersHeld.Set(ocsp?.Count ?? 0);
            if (responder is not null)
                responderEnd.Set(responder.Active.Responder.NotAfter.ToUnixTimeSeconds());
            foreach (var (issuer, end) in status?.CrlEnds ?? System.Collections.Frozen.FrozenDictionary<string, DateTimeOffset>.Empty)
                crlEnd.WithLabels(issuer).Set(end.ToUnixTimeSeconds());
            if (certificate is not null)
                tlsEnd.Set(new DateTimeOffset(certificate.Leaf.NotAfter).ToUnixTimeSeconds());
        });
    }

    /// <summary>Counts an answer.</summary>
    public void Answered(Listener listener, int status)
    {
        if (_answers.TryGetValue((listener, status / 100), out var counter))
            counter.Inc();
    }

    /// <summary>Counts a check of a challenge.</summary>
    /// <param name="method">The method.</param>
    /// <param name="cause">Why it failed, by its wire name; null if it did not.</param>
    public void Checked(ValidationMethod method, string? cause) => _checks.WithLabels(WireName.Of(method), cause ?? "valid").Inc();

    /// <summary>Counts what one perspective found.</summary>
    public void Checked(string perspective, bool passed) => _perspectiveChecks.WithLabels(perspective, passed ? "valid" : "failed").Inc();

    /// <summary>Counts a CAA look-up for an authorization that is used again.</summary>
    /// <param name="cause">Why it was refused, by its wire name; null if it was not.</param>
    public void CaaRenewed(string? cause) => _caaRenewals.WithLabels(cause ?? "permitted").Inc();

    /// <summary>Writes all numbers in Prometheus' text format.</summary>
    public async Task WriteAsync(HttpResponse response, CancellationToken ct)
    {
        response.ContentType = PrometheusConstants.TextContentTypeWithVersionAndEncoding;
        // The library writes in small synchronous pieces.
        using var buffer = new MemoryStream();
        await _registry.CollectAndExportAsTextAsync(buffer, ct);
        buffer.Position = 0;
        await buffer.CopyToAsync(response.Body, ct);
    }
}
