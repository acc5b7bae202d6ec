using System.Runtime.Versioning;
using CaServer.TestKit.Processes;

namespace CaServer.IntegrationTests.Clients;

/// <summary>
/// A script that clients call to publish a TXT record: certbot as its manual hook with environment variables, lego's exec provider with
/// <c>present NAME VALUE</c>. What is to be removed again stays.
/// </summary>
[UnsupportedOSPlatform("windows")]
internal sealed class TextPublisher : IDisposable
{
    private readonly ScratchDirectory _scratch = new();

    public TextPublisher(DnsTestServer dns)
    {
        File.WriteAllText(
            Path,
            $$$"""
            #!/bin/sh
            set -eu
            [ "${1:-present}" = present ] || exit 0
            name=${2:-_acme-challenge.${CERTBOT_DOMAIN:-}.} value=${3:-${CERTBOT_VALIDATION:-}}
            exec curl --silent --show-error --fail --data "{\"host\":\"$name\",\"value\":\"$value\"}" {{{new Uri(dns.Management, "/set-txt")}}}

            """);
        File.SetUnixFileMode(Path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    /// <summary>The script.</summary>
    public string Path => _scratch.File("publish");

    public void Dispose() => _scratch.Dispose();
}
