using CaServer.Hsm;
using CaServer.Hsm.Pkcs11;
using CaServer.TestKit.Processes;
using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.HighLevelAPI;

namespace CaServer.TestKit.Hsm;

/// <summary>
/// Other code in the process, or another program on the machine, that uses a test's token as it likes. Inside the process it
/// takes its turn, because SoftHSM crashes when one thread closes what another uses.
/// </summary>
public static class ForeignUser
{
    /// <summary>Logs out in a session of its own, which logs everybody out.</summary>
    public static void Logout(TestToken token) => Act(token, slot =>
    {
        using var session = slot.OpenSession(SessionType.ReadOnly);
        session.Logout();
    });

    /// <summary>Calls C_CloseAllSessions.</summary>
    public static void CloseAllSessions(TestToken token) => Act(token, slot => slot.CloseAllSessions());

    /// <summary>Calls C_Finalize, which ends the module for everybody. Only for tests that run alone.</summary>
    public static void FinalizeModule(TestToken token) => Act(token, _ =>
    {
        var factories = new Pkcs11InteropFactories();
        factories.Pkcs11LibraryFactory.LoadPkcs11Library(factories, TestToken.ModulePath, AppType.MultiThreaded).Dispose();
    });

    /// <summary>Whether somebody in this process is logged in to the token.</summary>
    public static bool IsLoggedIn(TestToken token)
    {
        var state = default(CKS);
        Act(token, slot =>
        {
            using var session = slot.OpenSession(SessionType.ReadOnly);
            state = session.GetSessionInfo().State;
        });
        return state is CKS.CKS_RO_USER_FUNCTIONS or CKS.CKS_RW_USER_FUNCTIONS;
    }

    /// <summary>Makes a P-256 key pair that is protected as carelessly as it says.</summary>
    public static void GenerateKey(TestToken token, string label, bool sensitive, bool extractable, bool sign) => Act(token, slot =>
    {
        using var session = slot.OpenSession(SessionType.ReadWrite);
        session.Login(CKU.CKU_USER, token.Pin);
        using var mechanism = session.Factories.MechanismFactory.Create(CKM.CKM_EC_KEY_PAIR_GEN);
        using var publicKey = new AttributeTemplate(session.Factories)
            .Add(CKA.CKA_TOKEN, true).Add(CKA.CKA_ID, [1]).Add(CKA.CKA_LABEL, label)
            .Add(CKA.CKA_EC_PARAMS, TokenPublicKey.CurveParameters(CaKeyKind.P256));
        using var privateKey = new AttributeTemplate(session.Factories)
            .Add(CKA.CKA_TOKEN, true).Add(CKA.CKA_ID, [1]).Add(CKA.CKA_LABEL, label).Add(CKA.CKA_PRIVATE, true)
            .Add(CKA.CKA_SENSITIVE, sensitive).Add(CKA.CKA_EXTRACTABLE, extractable).Add(CKA.CKA_SIGN, sign);
        session.GenerateKeyPair(mechanism, publicKey.Attributes, privateKey.Attributes, out _, out _);
    });

    /// <summary>Makes the token as far as C_InitToken, as if the power had failed before C_InitPIN.</summary>
    public static void InitializeWithoutUserPin(TestToken token) => Act(module => TokenSlot.FindBlank(module)!.InitToken(token.SoPin, token.Label));

    /// <summary>Makes the token with <c>softhsm2-util</c>.</summary>
    public static void InitializeInAnotherProcess(TestToken token) =>
        Run("softhsm2-util", "--init-token", "--free", "--label", token.Label, "--so-pin", token.SoPin, "--pin", token.Pin);

    /// <summary>Gives a public key another CKA_ID.</summary>
    public static void SetPublicKeyId(TestToken token, string label, byte[] id) => Act(token, slot =>
    {
        using var session = slot.OpenSession(SessionType.ReadWrite);
        session.Login(CKU.CKU_USER, token.Pin);
        using var template = new AttributeTemplate(session.Factories).Add(CKA.CKA_CLASS, (ulong)CKO.CKO_PUBLIC_KEY).Add(CKA.CKA_LABEL, label);
        using var change = new AttributeTemplate(session.Factories).Add(CKA.CKA_ID, id);
        session.SetAttributeValue(session.FindAllObjects(template.Attributes).Single(), change.Attributes);
    });

    /// <summary>Runs <c>pkcs11-tool</c> as the token's user and returns what it prints.</summary>
    public static string RunTool(TestToken token, params string[] arguments) =>
        Run("pkcs11-tool", ["--module", TestToken.ModulePath, "--token-label", token.Label, "--login", "--pin", token.Pin, .. arguments]);

    private static string Run(string program, params string[] arguments) =>
        ExternalProgram.Find(program)
            .RunAsync(arguments, new Dictionary<string, string> { ["SOFTHSM2_CONF"] = TestToken.ConfigurationPath })
            .GetAwaiter().GetResult()
            .Succeeded().Output;

    private static void Act(TestToken token, Action<ISlot> action) => Act(module => action(TokenSlot.Find(module, token.Label).Slot));

    private static void Act(Action<Pkcs11Module> action)
    {
        var module = Pkcs11Module.Acquire(TestToken.ModulePath, out _);
        try
        {
            using var call = module.EnterExclusiveCall();
            action(module);
        }
        finally
        {
            module.Release();
        }
    }
}
