using System.Text.Json;
using CaServer.Acme;
using CaServer.Domain;

namespace CaServer.Tests.Acme;

public sealed class ProblemResourceTests
{
    [Fact]
    public void A_sentence_is_written_without_escapes()
    {
        var problem = new AcmeProblem(ProblemType.Unauthorized, """The answer was "<b>Welcome</b>", not the operator's & yours.""");

        var json = JsonSerializer.Serialize(ProblemResource.Of(problem), AcmeJson.Default.ProblemResource);

        Assert.Contains("""
            "detail":"The answer was '<b>Welcome</b>', not the operator's & yours."
            """, json, StringComparison.Ordinal);
    }
}
