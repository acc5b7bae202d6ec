using System.Text.Json.Serialization;

namespace CaServer.Domain;

/// <summary>State of a request to prove a name by a method that is no ACME challenge.</summary>
public enum ControlRequestState
{
    /// <summary>The value is to be published, or was sent.</summary>
    [JsonStringEnumMemberName("waiting")] Waiting,

    /// <summary>The value that was sent has come back.</summary>
    [JsonStringEnumMemberName("confirmed")] Confirmed,

    /// <summary>The name is proved: the account has a valid authorization.</summary>
    [JsonStringEnumMemberName("proved")] Proved,

    /// <summary>The recipient of the e-mail has said no.</summary>
    [JsonStringEnumMemberName("refused")] Refused,

    /// <summary>Taken back by the operator.</summary>
    [JsonStringEnumMemberName("cancelled")] Cancelled,

    /// <summary>Its time ran out.</summary>
    [JsonStringEnumMemberName("expired")] Expired,
}

/// <summary>A request to prove that an account controls a name, ahead of any order.</summary>
public sealed record ControlRequest
{
    /// <summary>Row id.</summary>
    public required ControlRequestId Id { get; init; }

    /// <summary>The account.</summary>
    public required AccountId AccountId { get; init; }

    /// <summary>The identifier, a wildcard included.</summary>
    public required Identifier Identifier { get; init; }

    /// <summary>The method.</summary>
    public required ValidationMethod Method { get; init; }

    /// <summary>The random value of this request and no other.</summary>
    public required string Token { get; init; }

    /// <summary>Whom the value was sent to, if the method sends it.</summary>
    public string? Recipient { get; init; }

    /// <summary>The value that came back, if one has.</summary>
    public string? Answer { get; init; }

    /// <summary>State as stored; see <see cref="StateAt"/>.</summary>
    public required ControlRequestState State { get; init; }

    /// <summary>How often it was checked.</summary>
    public required int Attempts { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When its value stops being good.</summary>
    public required DateTimeOffset Expires { get; init; }

    /// <summary>When the value came back.</summary>
    public DateTimeOffset? ConfirmedAt { get; init; }

    /// <summary>The authorization that it became.</summary>
    public AuthorizationId? AuthorizationId { get; init; }

    /// <summary>Whether it can still become something at a time.</summary>
    public bool IsOpenAt(DateTimeOffset now) => StateAt(now) is ControlRequestState.Waiting or ControlRequestState.Confirmed;

    /// <summary>The state that people see.</summary>
    public ControlRequestState StateAt(DateTimeOffset now) =>
        State is ControlRequestState.Waiting or ControlRequestState.Confirmed && now >= Expires ? ControlRequestState.Expired : State;

    /// <summary>What it is about.</summary>
    public ControlTerms TermsFor(string accountUrl) => new()
    {
        Method = Method,
        Token = Token,
        AccountUrl = accountUrl,
        Identifier = Identifier,
        Recipient = Recipient,
        CreatedAt = CreatedAt.ToUnixTimeSeconds(),
    };
}
