namespace CaServer.Bench.Load;

/// <summary>One revocation as its subscriber sees it, in milliseconds.</summary>
/// <param name="Answer">From the request to the answer of revokeCert.</param>
/// <param name="Ocsp">From that answer to the first OCSP answer that says revoked.</param>
/// <param name="Crl">From that answer to the first CRL that lists the certificate.</param>
internal sealed record RevocationSample(double Answer, double Ocsp, double Crl);
