using CaServer.IntegrationTests.Acme;

namespace CaServer.IntegrationTests.Clients;

/// <summary>
/// One server process with SoftHSM2 tokens and one DNS server for all tests with real clients. They run one after the other: each client serves
/// its http-01 answer on the one port that the server connects to.
/// </summary>
public sealed class RealClients : ServerWithDns;

[CollectionDefinition(Name)]
public sealed class RealClientsTests : ICollectionFixture<RealClients>
{
    public const string Name = "Real clients";
}
