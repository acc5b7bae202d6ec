using CaServer.Conformance.Suite;

namespace CaServer.Conformance.Cases;

/// <summary>All cases, in the order of the report.</summary>
internal static class Catalogue
{
    public static IReadOnlyList<Section> Sections { get; } =
    [
        DirectoryCases.Section,
        NonceCases.Section,
        SignedRequestCases.Section,
        AccountCases.Section,
        KeyChangeCases.Section,
        ExternalAccountCases.Section,
        OrderCases.Section,
        OrdersListCases.Section,
        AuthorizationCases.Section,
        Http01Cases.Section,
        Dns01Cases.Section,
        TlsAlpn01Cases.Section,
        FinalizeCases.Section,
        CertificateCases.Section,
        RevocationCases.Section,
        PreAuthorizationCases.Section,
        RenewalInformationCases.Section,
        ProfileCases.Section,
        AddressCases.Section,
        ErrorCases.Section,
    ];

    public static IReadOnlyList<ConformanceCase> Cases { get; } = [.. Sections.SelectMany(section => section.Cases)];
}
