using System.Text.Json.Serialization;

namespace CaServer.Domain;

/// <summary>What is limited. The wire name is also the name by which a refusal, a command and the database know the limit.</summary>
public enum LimitKind
{
    /// <summary>New accounts from one address: an IPv4 address, or the /64 of an IPv6 address, which one host commonly has to itself.</summary>
    [JsonStringEnumMemberName("accountsPerAddress")] AccountsPerAddress,

    /// <summary>New accounts from one network: the /24 of an IPv4 address, the /48 of an IPv6 address.</summary>
    [JsonStringEnumMemberName("accountsPerNetwork")] AccountsPerNetwork,

    /// <summary>New orders of one account.</summary>
    [JsonStringEnumMemberName("ordersPerAccount")] OrdersPerAccount,

    /// <summary>Certificates for names below one registered domain.</summary>
    [JsonStringEnumMemberName("certificatesPerDomain")] CertificatesPerDomain,

    /// <summary>Certificates for exactly one set of names.</summary>
    [JsonStringEnumMemberName("certificatesPerNames")] CertificatesPerNames,

    /// <summary>Failed validations of one name by one account.</summary>
    [JsonStringEnumMemberName("failedValidations")] FailedValidations,

    /// <summary>Authorizations of one account that are pending at the same time. A number, not a rate.</summary>
    [JsonStringEnumMemberName("pendingAuthorizations")] PendingAuthorizations,
}
