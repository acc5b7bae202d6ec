using System.Security.Cryptography;
using System.Text;

namespace CaServer.Status;

/// <summary>A configuration profile that installs the root on Apple's systems. It is not signed: nothing on the device trusts the CA yet.</summary>
internal static class AppleProfile
{
    /// <summary>The profile for a root certificate, an XML property list. The same certificate always gives the same octets.</summary>
    public static byte[] Of(byte[] root)
    {
        var hash = SHA256.HashData(root);
        var content = Convert.ToBase64String(root, Base64FormattingOptions.InsertLineBreaks).ReplaceLineEndings("\n");
        return Encoding.UTF8.GetBytes(
            $"""
            <?xml version="1.0" encoding="UTF-8"?>
            <!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
            <plist version="1.0">
            <dict>
              <key>PayloadType</key><string>Configuration</string>
              <key>PayloadVersion</key><integer>1</integer>
              <key>PayloadIdentifier</key><string>caserver.root.{Convert.ToHexStringLower(hash.AsSpan(0, 8))}</string>
              <key>PayloadUUID</key><string>{Uuid(hash.AsSpan(0, 16))}</string>
              <key>PayloadDisplayName</key><string>Root certificate</string>
              <key>PayloadDescription</key><string>Installs the root certificate of this certification authority.</string>
              <key>PayloadContent</key>
              <array>
                <dict>
                  <key>PayloadType</key><string>com.apple.security.root</string>
                  <key>PayloadVersion</key><integer>1</integer>
                  <key>PayloadIdentifier</key><string>caserver.root.{Convert.ToHexStringLower(hash.AsSpan(0, 8))}.certificate</string>
                  <key>PayloadUUID</key><string>{Uuid(hash.AsSpan(16, 16))}</string>
                  <key>PayloadDisplayName</key><string>Root certificate</string>
                  <key>PayloadCertificateFileName</key><string>root.cer</string>
                  <key>PayloadContent</key>
                  <data>
            {content}
                  </data>
                </dict>
              </array>
            </dict>
            </plist>

            """);
    }

    private static string Uuid(ReadOnlySpan<byte> octets) => new Guid(octets, bigEndian: true).ToString().ToUpperInvariant();
}
