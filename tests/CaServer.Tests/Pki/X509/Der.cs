using System.Formats.Asn1;
using System.Text;

namespace CaServer.Tests.Pki.X509;

/// <summary>Writes DER by hand, also such that is wrong.</summary>
internal static class Der
{
    internal static byte[] Hex(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));

    internal static byte[] Tlv(byte tag, params byte[][] contents)
    {
        var content = contents.SelectMany(c => c).ToArray();
        byte[] length = content.Length switch
        {
            < 0x80 => [(byte)content.Length],
            < 0x100 => [0x81, (byte)content.Length],
            _ => [0x82, (byte)(content.Length >> 8), (byte)content.Length],
        };
        return [tag, .. length, .. content];
    }

    internal static byte[] Sequence(params byte[][] contents) => Tlv(0x30, contents);

    internal static byte[] Set(params byte[][] contents) => Tlv(0x31, contents);

    internal static byte[] Oid(string oid) => Write(w => w.WriteObjectIdentifier(oid));

    internal static byte[] OctetString(byte[] content) => Tlv(0x04, content);

    internal static byte[] Text(byte tag, string text) => Tlv(tag, Encoding.UTF8.GetBytes(text));

    /// <summary>A URI in a GeneralName.</summary>
    internal static byte[] Url(string url) => Text(0x86, url);

    internal static byte[] UtcTime(DateTimeOffset time) => Text(0x17, time.ToString("yyMMddHHmmss'Z'"));

    internal static byte[] GeneralizedTime(DateTimeOffset time) => Text(0x18, time.ToString("yyyyMMddHHmmss'Z'"));

    internal static byte[] Write(Action<AsnWriter> write)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        write(writer);
        return writer.Encode();
    }
}
