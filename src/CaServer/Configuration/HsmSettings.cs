namespace CaServer.Configuration;

/// <summary>Section <c>Hsm</c>: where the CA keys are.</summary>
internal sealed class HsmOptions
{
    /// <summary>Path of a PKCS#11 library; without it SoftHSM2 is looked for and tokens are made. <c>software</c>: encrypted files.</summary>
    public string? Module { get; set; }

    /// <summary>Label of the token that holds the issuing CA's key.</summary>
    public string Token { get; set; } = "caserver-issuing";

    /// <summary>File with the PIN of <see cref="Token"/>; default <c>hsm/issuing.pin</c> in the data directory.</summary>
    public string? PinFile { get; set; }

    /// <summary>Label of the token that holds the root's key; needed on the first start only.</summary>
    public string RootToken { get; set; } = "caserver-root";

    /// <summary>File with the PIN of <see cref="RootToken"/>; default <c>hsm/root.pin</c> in the data directory.</summary>
    public string? RootPinFile { get; set; }

    /// <summary>Sessions that sign at the same time.</summary>
    public int Sessions { get; set; } = 4;
}

/// <summary>Where the CA keys are, validated.</summary>
internal sealed record HsmSettings
{
    /// <summary>The value of <c>Hsm:Module</c> that means encrypted files instead of a token.</summary>
    public const string SoftwareModule = "software";

    /// <summary>Path of the PKCS#11 library; null: SoftHSM2, wherever it is; or <see cref="SoftwareModule"/>.</summary>
    public required string? Module { get; init; }

    public required string Token { get; init; }

    public required string? PinFile { get; init; }

    public required string RootToken { get; init; }

    public required string? RootPinFile { get; init; }

    public required int Sessions { get; init; }

    public bool IsSoftware => Module == SoftwareModule;

    public static HsmSettings Parse(HsmOptions options, SettingFaults faults)
    {
        if (options.Module is not (null or SoftwareModule) && !Path.IsPathRooted(options.Module))
            faults.Add("Hsm:Module", $"must be the absolute path of a PKCS#11 library, or software, not '{options.Module}'");
        CheckLabel("Hsm:Token", options.Token, faults);
        CheckLabel("Hsm:RootToken", options.RootToken, faults);
        // One token for both would put the root key behind the PIN that the server keeps at hand.
        if (options.Token == options.RootToken)
            faults.Add("Hsm:RootToken", "must be another token than Hsm:Token, so that the root's key can be taken offline");
        return new HsmSettings
        {
            Module = options.Module,
            Token = options.Token,
            PinFile = options.PinFile,
            RootToken = options.RootToken,
            RootPinFile = options.RootPinFile,
            Sessions = faults.InRange("Hsm:Sessions", options.Sessions, 1, 64),
        };
    }

    // PKCS#11 v2.40 §3.2 CK_TOKEN_INFO: 32 bytes, padded with blanks.
    private static void CheckLabel(string key, string label, SettingFaults faults)
    {
        if (label.Length is 0 or > 32 || label.Any(c => c is < ' ' or > '~') || label != label.Trim())
            faults.Add(key, $"must be a token label of 1 to 32 ASCII characters without blanks around it, not '{label}'");
    }
}
