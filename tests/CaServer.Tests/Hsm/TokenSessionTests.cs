using CaServer.Hsm;
using CaServer.TestKit.Hsm;

namespace CaServer.Tests.Hsm;

public sealed class TokenSessionTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task Many_threads_sign_at_once_with_few_sessions(int sessions)
    {
        using var token = TestToken.Create().Open(sessions);
        using var ec = token.Generate("ec", CaKeyKind.P256);
        using var rsa = token.Generate("rsa", CaKeyKind.Rsa2048);

        await Task.WhenAll(Enumerable.Range(0, 16).Select(thread => Task.Run(() =>
        {
            for (var i = 0; i < 25; i++)
                SignatureAssert.Signs(thread % 4 == 0 ? rsa : ec);
        })));
    }
}
