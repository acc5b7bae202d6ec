using System.Data.Common;

namespace CaServer.TestKit.Storage;

/// <summary>When a commit fails.</summary>
public enum CommitFault
{
    /// <summary>Before it happens: nothing is kept.</summary>
    Before,

    /// <summary>After it happened: everything is kept, though the caller is told that it failed.</summary>
    After,
}

/// <summary>Which commits of a <see cref="FaultyDataSource"/> fail, and how.</summary>
public sealed class CommitFaults
{
    private readonly Lock _lock = new();
    private int _commits;
    private (int Number, CommitFault Fault, bool Crash)? _plan;
    private bool _crashed;

    /// <summary>Commits tried so far.</summary>
    public int Commits
    {
        get
        {
            lock (_lock)
                return _commits;
        }
    }

    /// <summary>Lets the next commit fail; those after it succeed.</summary>
    public void FailNext(CommitFault fault)
    {
        lock (_lock)
            _plan = (_commits + 1, fault, false);
    }

    /// <summary>
    /// Lets a commit fail, counted from 1 for the next, and after it every use of the database: as if the process had been
    /// killed at that moment.
    /// </summary>
    public void CrashAt(int commit, CommitFault fault)
    {
        lock (_lock)
            _plan = (_commits + commit, fault, true);
    }

    /// <summary>Ends all faults.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            _plan = null;
            _crashed = false;
        }
    }

    internal void Use()
    {
        lock (_lock)
        {
            if (_crashed)
                throw new InjectedFaultException("The database is gone, as planned by the test.");
        }
    }

    /// <summary>Counts a commit; how it is to fail.</summary>
    internal CommitFault? Next()
    {
        lock (_lock)
        {
            _commits++;
            if (_plan is not { } plan || plan.Number != _commits)
                return null;
            _plan = null;
            _crashed = plan.Crash;
            return plan.Fault;
        }
    }
}

/// <summary>A failure that a test asked for.</summary>
public sealed class InjectedFaultException(string message) : DbException(message);
