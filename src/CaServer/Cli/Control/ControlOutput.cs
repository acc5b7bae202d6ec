using System.Text.Json;
using System.Text.Json.Serialization;
using CaServer.Configuration;
using CaServer.Control;
using CaServer.Domain;
using CaServer.Validation;

namespace CaServer.Cli;

/// <summary>How <c>control</c> tells what it did and what there is.</summary>
internal static class ControlOutput
{
    /// <summary>Writes what to do with a new request.</summary>
    public static void WriteMade(MadeRequest made, AcmeUrls urls, bool json)
    {
        var request = made.Request;
        if (json)
        {
            var entry = ControlEntry.Of(request, urls, request.CreatedAt) with { Publish = made.Publish, Warning = made.Warning };
            Console.WriteLine(JsonSerializer.Serialize(entry, ControlJson.Default.ControlEntry));
            return;
        }
        Console.WriteLine($"Request {request.Id.Value}: {request.Identifier} for the account {urls.Account(request.AccountId)}, until {CliTime.Rfc3339(request.Expires)}.");
        Console.WriteLine(made.Publish switch
        {
            { Type: "TXT" } p => $"Publish a TXT record:\n  {p.Place}. IN TXT \"{p.Value}\"\n(A TXT record with this value at {request.Identifier.Value} itself does as well.)",
            { Type: "CNAME" } p => $"Publish a CNAME record:\n  {p.Place}. IN CNAME {p.Value}.",
            { } p => $"Publish a file with this line at {p.Place}:\n  {p.Value}",
            null => $"An e-mail was sent to {request.Recipient}: its reader confirms on a page, or tells you the value in it.",
        });
        Console.WriteLine($"Then run: caserver control check {request.Id.Value}{(made.Publish is null ? " [--value VALUE]" : "")}");
        if (made.Warning is { } warning)
            Console.Error.WriteLine("caserver: " + warning);
    }

    /// <summary>Writes what a check came to.</summary>
    public static void WriteChecked(ControlRequest request, CheckedRequest done, AcmeUrls urls, bool json)
    {
        var failed = done.Outcome as ValidationOutcome.Failed;
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(
                new ControlChecked(
                    request.Id.Value, failed is null, failed is null ? null : WireName.Of(failed.Cause), failed?.Problem.Detail,
                    done.Authorization is { } id ? urls.Authorization(id) : null, done.Expires is { } until ? CliTime.Rfc3339(until) : null,
                    JsonElement.Parse(done.Outcome.Trace.Encode())),
                ControlJson.Default.ControlChecked));
            return;
        }
        Console.WriteLine(failed is null
            ? $"{request.Identifier} is proved by {WireName.Of(request.Method)}. The account can order it without a challenge until {CliTime.Rfc3339(done.Expires!.Value)}."
            : OneLine.Of($"{failed.Problem.Detail} [{WireName.Of(failed.Cause)}]"));
    }

    /// <summary>Writes requests.</summary>
    public static void WriteList(IReadOnlyList<ControlRequest> requests, bool more, AcmeUrls urls, DateTimeOffset now, bool json)
    {
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(new ControlList([.. requests.Select(r => ControlEntry.Of(r, urls, now))], more), ControlJson.Default.ControlList));
            return;
        }
        if (requests.Count == 0)
            Console.WriteLine("There are no such requests.");
        foreach (var r in requests)
        {
            Console.WriteLine(OneLine.Of(
                $"{r.Id.Value,6}  {WireName.Of(r.StateAt(now)),-9}  {r.Identifier}  {WireName.Of(r.Method)}{(r.Recipient is null ? "" : " to " + r.Recipient)}"
                + $"  account {r.AccountId.Value}  made {CliTime.Rfc3339(r.CreatedAt)}, until {CliTime.Rfc3339(r.Expires)}, checked {r.Attempts} times"));
        }
        if (more)
            Console.WriteLine($"There are more: --after {requests[^1].Id.Value}");
    }

    /// <summary>Writes that a request was taken back.</summary>
    public static void WriteCancelled(ControlRequest request, AcmeUrls urls, DateTimeOffset now, bool json) => Console.WriteLine(
        json
            ? JsonSerializer.Serialize(ControlEntry.Of(request with { State = ControlRequestState.Cancelled }, urls, now), ControlJson.Default.ControlEntry)
            : $"Request {request.Id.Value} for {request.Identifier} is taken back.");
}

/// <summary>One request, as <c>control request --json</c> and <c>control list --json</c> print it.</summary>
internal sealed record ControlEntry(
    long Id, string State, string Name, string Method, string Section, string Account, string? Recipient, int Attempts, string CreatedAt, string Expires, string? ConfirmedAt, string? Authorization)
{
    /// <summary>What to publish; of a new request only.</summary>
    public Publication? Publish { get; init; }

    /// <summary>What there is to know besides; of a new request only.</summary>
    public string? Warning { get; init; }

    internal static ControlEntry Of(ControlRequest request, AcmeUrls urls, DateTimeOffset now) => new(
        request.Id.Value, WireName.Of(request.StateAt(now)), request.Identifier.ToString(), WireName.Of(request.Method), MethodRule.Of(request.Method).Section(request.Identifier.Type)!,
        urls.Account(request.AccountId), request.Recipient, request.Attempts, CliTime.Rfc3339(request.CreatedAt), CliTime.Rfc3339(request.Expires),
        request.ConfirmedAt is { } at ? CliTime.Rfc3339(at) : null, request.AuthorizationId is { } id ? urls.Authorization(id) : null);
}

/// <summary>What <c>control list --json</c> prints.</summary>
internal sealed record ControlList(IReadOnlyList<ControlEntry> Requests, bool More);

/// <summary>What <c>control check --json</c> prints.</summary>
internal sealed record ControlChecked(long Id, bool Proved, string? Cause, string? Explanation, string? Authorization, string? Expires, JsonElement Trace);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true)]
[JsonSerializable(typeof(ControlEntry))]
[JsonSerializable(typeof(ControlList))]
[JsonSerializable(typeof(ControlChecked))]
internal sealed partial class ControlJson : JsonSerializerContext;
