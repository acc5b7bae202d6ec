using System.CommandLine;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using CaServer.Composition;
using CaServer.Domain;
using CaServer.Validation;

namespace CaServer.Cli;

/// <summary>
/// <c>caserver validate</c>: the check that a challenge would get, from this machine and with this configuration, without an order.
/// Nothing is stored, and what it finds is signed with a key that is thrown away, so no certificate can come of it.
/// </summary>
internal static class ValidateCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("name") { Description = "The name or address; with *. for a wildcard." };
        var method = new Option<string>("--method")
        {
            Description = $"The method: {string.Join(", ", MethodRule.ChallengeNames)}.",
            HelpName = "METHOD",
            DefaultValueFactory = _ => WireName.Of(ValidationMethod.Http01),
        };
        var token = new Option<string?>("--token") { Description = "The challenge's token. Default: a new one, to which no right answer can exist.", HelpName = "TOKEN" };
        var thumbprint = new Option<string?>("--thumbprint") { Description = "RFC 7638 thumbprint of the account's key, base64url. Default: that of no account.", HelpName = "THUMBPRINT" };
        var account = new Option<string?>("--account") { Description = "The account's URL, for the methods that are bound to it.", HelpName = "URL" };
        var config = CommonOptions.Config();
        var json = CommonOptions.Json();
        var perspective = new Option<string?>("--perspective") { Description = "Look with the resolvers of this one of Validation:Perspectives.", HelpName = "NAME" };
        var command = new Command("validate", "Check a name as a challenge would be checked, and say what was seen and what to change. Exit code 1 if the check fails.")
        {
            name, method, token, thumbprint, account, perspective, config, json,
        };
        command.SetAction(async (parsed, ct) => (int)await RunAsync(
            CommonOptions.Load(parsed.GetValue(config)),
            parsed.GetValue(perspective),
            Request(parsed.GetValue(name)!, parsed.GetValue(method)!, parsed.GetValue(token), parsed.GetValue(thumbprint), parsed.GetValue(account)),
            parsed.GetValue(json),
            ct));
        return command;
    }

    private static ValidationRequest Request(string name, string methodName, string? token, string? thumbprint, string? account)
    {
        if (!WireName.TryParse<ValidationMethod>(methodName, out var method) || !MethodRule.Of(method).IsChallenge)
            throw new OperatorFaultException("--method", $"must be one of {string.Join(", ", MethodRule.ChallengeNames)}, not '{methodName}'", null);
        if (!Identifier.TryParse(IPAddress.TryParse(name, out _) ? IdentifierType.Ip : IdentifierType.Dns, name, out var identifier, out var fault))
            throw new OperatorFaultException("name", $"'{name}' {fault}", null);
        return new ValidationRequest
        {
            Identifier = identifier.WithoutWildcard(),
            NamesBelow = identifier.IsWildcard,
            Wildcard = identifier.IsWildcard,
            Method = method,
            Token = token ?? Challenge.NewToken(),
            // As long as one, and as random.
            Thumbprint = thumbprint ?? Challenge.NewToken(),
            AccountUrl = account,
        };
    }

    private static async Task<ExitCode> RunAsync(Configuration.CaServerSettings settings, string? name, ValidationRequest request, bool json, CancellationToken ct)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var perspective = new Perspective(SettingsOf(settings, name), key, TimeProvider.System);
        var outcome = await perspective.CheckAsync(request, ct);
        var failed = outcome as ValidationOutcome.Failed;
        var caa = await CaaAsync(perspective, request, outcome, ct);
        var refused = caa as CaaOutcome.Refused;
        if (json)
        {
            var result = new ValidateResult(
                failed is null, failed is null ? null : WireName.Of(failed.Cause), failed?.Problem.Detail, JsonDocument.Parse(outcome.Trace.Encode()).RootElement)
            {
                Caa = caa is null ? null : new ValidateCaa(refused is null, refused is null ? null : WireName.Of(refused.Cause), refused?.Problem.Detail, JsonDocument.Parse(caa.Trace.Encode()).RootElement),
            };
            Console.WriteLine(JsonSerializer.Serialize(result, CliJson.Default.ValidateResult));
        }
        else
        {
            foreach (var trace in new[] { outcome.Trace, caa?.Trace }.OfType<CheckTrace>())
            {
                foreach (var step in JsonDocument.Parse(trace.Encode()).RootElement.GetProperty("steps").EnumerateArray())
                    Console.WriteLine(Line(step));
            }
            if (caa is not null)
                Console.WriteLine(refused is null ? $"CAA lets this CA issue for {request.Identifier}." : $"{refused.Problem.Detail} [{WireName.Of(refused.Cause)}]");
            Console.WriteLine(failed is null ? $"{request.Identifier} is proved by {WireName.Of(request.Method)}." : $"{failed.Problem.Detail} [{WireName.Of(failed.Cause)}]");
        }
        return failed is null ? ExitCode.Ok : ExitCode.OperatorFault;
    }

    private static PerspectiveSettings SettingsOf(Configuration.CaServerSettings settings, string? name)
    {
        if (name is null || name == settings.Validation.Perspective)
            return ServerApp.PerspectiveSettingsOf(settings);
        return settings.Validation.Further.FirstOrDefault(p => p.Name == name) is { } further
            ? ServerApp.PerspectiveSettingsOf(settings, further)
            : throw new OperatorFaultException(
                "--perspective",
                settings.Validation.Remotes.Any(r => r.Name == name) ? $"names '{name}', which checks elsewhere; run the command there" : $"must be one of Validation:Perspectives, not '{name}'", null);
    }

    // A check that fails does not come to CAA; who asks in advance wants to know all the same.
    private static async Task<CaaOutcome?> CaaAsync(Perspective perspective, ValidationRequest request, ValidationOutcome outcome, CancellationToken ct) =>
        outcome.Trace.Steps.OfType<CheckStep.CaaLookedUp>().Any() || !perspective.ChecksCaa(request.Identifier)
            ? null
            : await perspective.CheckCaaAsync(
                new CaaRequest { Identifier = request.Identifier, Wildcard = request.Wildcard, Method = request.Method, AccountUrl = request.AccountUrl ?? "" }, ct);

    // Such as "12.3 ms resolved: name=www.example.org through=192.0.2.53:53 addresses=[\"192.0.2.1\"]".
    private static string Line(JsonElement step) =>
        $"{step.GetProperty("at").GetDouble():0.0} ms {step.GetProperty("step").GetString()}: "
        + string.Join(' ', step.EnumerateObject().Where(p => p.Name is not ("at" or "step")).Select(p => $"{p.Name}={p.Value}"));
}

/// <summary>What <c>validate --json</c> prints.</summary>
internal sealed record ValidateResult(bool Proved, string? Cause, string? Explanation, JsonElement Trace)
{
    /// <summary>What CAA says, where the check did not come to it.</summary>
    public ValidateCaa? Caa { get; init; }
}

/// <summary>The part about CAA.</summary>
internal sealed record ValidateCaa(bool Permitted, string? Cause, string? Explanation, JsonElement Trace);
