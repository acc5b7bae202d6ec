using CaServer.Domain;
using CaServer.Signing;
using CaServer.TestKit.Evidence;

namespace CaServer.Tests.Signing;

internal static class Refusals
{
    /// <summary>The core refuses for this reason, has recorded nothing and signed nothing, and says so in a log leaf.</summary>
    internal static async Task IsRefusedAsync(this SigningWorld world, EvidenceBuilder evidence, RefusalReason reason, string? sentencePart = null)
    {
        var result = await world.Core.IssueAsync(evidence.Build(), SigningWorld.Now, TestContext.Current.CancellationToken);
        var refused = Assert.IsType<IssuanceResult.Refused>(result);
        Assert.True(refused.Reason == reason, $"Refused for {refused.Reason}, not {reason}: {refused.Sentence}");
        Assert.EndsWith(".", refused.Sentence, StringComparison.Ordinal);
        if (sentencePart is not null)
            Assert.Contains(sentencePart, refused.Sentence, StringComparison.Ordinal);
        Assert.Empty(world.Journal.Records);
        Assert.Empty(world.IssuingKey.SignedData);
        Assert.Contains($"\"reason\":\"{WireName.Of(reason)}\"", System.Text.Encoding.UTF8.GetString(refused.LogLeaf!), StringComparison.Ordinal);
    }

    internal static async Task<IssuanceResult.Issued> IsIssuedAsync(this SigningWorld world, EvidenceBuilder evidence, DateTimeOffset? at = null)
    {
        var result = await world.Core.IssueAsync(evidence.Build(), at ?? SigningWorld.Now, TestContext.Current.CancellationToken);
        return result as IssuanceResult.Issued ?? throw new Xunit.Sdk.XunitException($"Refused: {((IssuanceResult.Refused)result).Sentence}");
    }
}
