namespace CaServer.TestKit.Dns;

/// <summary>A question that a scripted DNS server was asked.</summary>
/// <param name="Name">The name in lower case, without trailing dot.</param>
/// <param name="IsIPv6">Whether AAAA records were asked for; otherwise A or TXT records.</param>
public sealed record DnsQuestionSeen(string Name, bool IsIPv6);
