using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace CaServer.Tests.Workers;

/// <summary>A log that keeps what is written: number of the event, level and sentence.</summary>
internal sealed class KeptLog<T> : ILogger<T>
{
    private readonly ConcurrentQueue<(int Event, LogLevel Level, string Sentence)> _lines = new();

    internal IReadOnlyList<(int Event, LogLevel Level, string Sentence)> Lines => [.. _lines];

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue((eventId.Id, logLevel, formatter(state, exception)));
}
