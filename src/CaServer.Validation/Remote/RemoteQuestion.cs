using System.Text.Json;
using System.Text.Json.Serialization;
using CaServer.Domain;

namespace CaServer.Validation.Remote;

/// <summary>What a perspective in another process is asked, as UTF-8 JSON: one of the two.</summary>
/// <param name="Control">To check control of an identifier.</param>
/// <param name="Caa">To look CAA up alone.</param>
public sealed record RemoteQuestion(ValidationRequest? Control, CaaRequest? Caa)
{
    /// <summary>Writes a question. What only one perspective can check, a value that was sent, is not part of it.</summary>
    public static byte[] Encode(ValidationRequest request) => Encode(new QuestionJson
    {
        Type = request.Identifier.Type,
        Identifier = request.Identifier.Value,
        Method = request.Method,
        AccountUrl = request.AccountUrl,
        Wildcard = request.Wildcard,
        Control = new ControlJson
        {
            Token = request.Token,
            Thumbprint = request.Thumbprint,
            EarlierThumbprints = request.EarlierThumbprints.Count == 0 ? null : request.EarlierThumbprints,
            NamesBelow = request.NamesBelow,
            ValueCreatedAt = request.ValueCreatedAt,
        },
    });

    /// <summary>Writes a question.</summary>
    public static byte[] Encode(CaaRequest request) => Encode(new QuestionJson
    {
        Type = request.Identifier.Type,
        Identifier = request.Identifier.Value,
        Method = request.Method,
        AccountUrl = request.AccountUrl,
        Wildcard = request.Wildcard,
    });

    /// <summary>Reads what <see cref="Encode(ValidationRequest)"/> or <see cref="Encode(CaaRequest)"/> wrote; what is in it may be lies.</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    public static RemoteQuestion Decode(ReadOnlySpan<byte> utf8)
    {
        QuestionJson question;
        try
        {
            question = RemoteReader.Read<QuestionJson>(utf8);
        }
        catch (JsonException e)
        {
            throw new FormatException("The question is not readable: " + e.Message, e);
        }
        if (!Identifier.TryParse(question.Type, question.Identifier, out var identifier, out var fault) || identifier.IsWildcard)
            throw new FormatException($"The question is about no identifier: {fault ?? "it is a wildcard"}.");
        if (question.Control is { } control)
        {
            return new RemoteQuestion(
                new ValidationRequest
                {
                    Identifier = identifier,
                    Method = question.Method,
                    Token = control.Token,
                    Thumbprint = control.Thumbprint,
                    AccountUrl = question.AccountUrl,
                    EarlierThumbprints = control.EarlierThumbprints ?? [],
                    NamesBelow = control.NamesBelow,
                    Wildcard = question.Wildcard,
                    ValueCreatedAt = control.ValueCreatedAt,
                },
                null);
        }
        return new RemoteQuestion(
            null,
            new CaaRequest
            {
                Identifier = identifier,
                Wildcard = question.Wildcard,
                Method = question.Method,
                AccountUrl = question.AccountUrl ?? throw new FormatException("The question does not say for which account."),
            });
    }

    private static byte[] Encode(QuestionJson question) => JsonSerializer.SerializeToUtf8Bytes(question, RemoteJson.Default.QuestionJson);
}

internal sealed record QuestionJson
{
    public required IdentifierType Type { get; init; }

    public required string Identifier { get; init; }

    public required ValidationMethod Method { get; init; }

    public string? AccountUrl { get; init; }

    public bool Wildcard { get; init; }

    public ControlJson? Control { get; init; }
}

internal sealed record ControlJson
{
    public required string Token { get; init; }

    public required string Thumbprint { get; init; }

    public IReadOnlyList<string>? EarlierThumbprints { get; init; }

    public bool NamesBelow { get; init; }

    public long? ValueCreatedAt { get; init; }
}

internal sealed record AnswerJson
{
    public string? Statement { get; init; }

    public FailureJson? Failure { get; init; }

    public required CheckTrace Trace { get; init; }
}

internal sealed record FailureJson(ProblemType Type, FailureCause Cause, string Seen, string Remedy);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(QuestionJson))]
[JsonSerializable(typeof(AnswerJson))]
internal sealed partial class RemoteJson : JsonSerializerContext;
