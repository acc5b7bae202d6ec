using CaServer.Status;

namespace CaServer.Tests.Status;

/// <summary>How clients escape the request in a GET, and what is none (RFC 9919 §5).</summary>
public sealed class OcspGetPathTests
{
    // Its base64 has all of + / = in it.
    private static readonly byte[] s_octets = [0x30, 0xfb, 0xef, 0xbf, 0xff, 0x3e, 0x3f];

    private const string Plain = "MPvvv/8+Pw==";

    [Theory]
    [InlineData(Plain)]
    [InlineData("MPvvv%2F8%2BPw%3D%3D")]
    [InlineData("MPvvv%2f8%2bPw%3d%3d")]
    [InlineData("MPvvv/8%2BPw")]
    [InlineData("/MPvvv/8+Pw==")]
    [InlineData("MPvvv/8 Pw==")]
    [InlineData("MPvvv/8%20Pw==")]
    public void A_request_is_read_however_it_is_escaped(string text) => Assert.Equal(s_octets, Decode(text));

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("%")]
    [InlineData("MPvv%2")]
    [InlineData("MPvv%zz")]
    [InlineData("MPvv%C3%A9")]
    [InlineData("MPvvv-8_Pw==")]
    [InlineData("M")]
    [InlineData("====")]
    [InlineData("MPvv\0")]
    public void What_is_no_base64_is_none(string text) => Assert.Empty(Decode(text));

    [Fact]
    public void What_is_too_long_is_not_looked_at()
    {
        Assert.Empty(Decode(new string('M', OcspGetPath.MaxLength + 1)));
        Assert.NotEmpty(Decode(new string('M', OcspGetPath.MaxLength)));
    }

    private static byte[] Decode(string text)
    {
        var octets = new byte[OcspGetPath.BufferLength];
        return octets[..OcspGetPath.Decode(text, octets)];
    }
}
