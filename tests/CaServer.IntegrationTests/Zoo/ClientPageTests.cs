namespace CaServer.IntegrationTests.Zoo;

/// <summary>The table of <c>docs/clients.md</c> says of each client what its section shows, and so what the tests run.</summary>
public sealed class ClientPageTests
{
    public static TheoryData<string> Clients => [.. ClientPage.Clients];

    [Fact]
    public void The_table_has_a_row_for_each_client_in_the_order_of_the_sections() =>
        Assert.Equal(ClientPage.Clients, ClientPage.Table().Select(cell => cell.Client).Distinct());

    [Theory]
    [MemberData(nameof(Clients))]
    public void The_table_says_yes_where_a_step_shows_it(string client)
    {
        var titles = ClientPage.Steps(client).SelectMany(step => step.Split(" (")[0].Split(", ")).ToHashSet();
        foreach (var (_, column, does) in ClientPage.Table().Where(cell => cell.Client == client))
            Assert.True(does == titles.Contains(column), $"{client}, {column}: the table says {(does ? "yes" : "no")}.");
    }

    [Fact]
    public void The_variables_are_those_that_the_tests_set() =>
        Assert.Equal(ZooClient.Variables.Order(StringComparer.Ordinal), ClientPage.Variables.Order(StringComparer.Ordinal));
}
