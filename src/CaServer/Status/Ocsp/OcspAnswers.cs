using System.Runtime.CompilerServices;

namespace CaServer.Status;

/// <summary>
/// All pre-signed answers in memory, by serial number: an open hash table of record numbers and records in blocks, some 185
/// octets for each certificate. Reading takes no lock. A written record is never changed: a new one is written beside it, then
/// the table is made to name that one, and the old place is used again only after others.
/// With a million certificates what costs is waiting for memory: so an entry of the table has a part of the serial number, and
/// a record is touched only if it is the right one; and both lie in large pages.
/// </summary>
internal sealed class OcspAnswers
{
    private const int BlockBits = 15;
    private const int BlockLength = 1 << BlockBits;
    private const int MostBlocks = 1 << 11;
    private const int LeastTable = 1 << 10;

    // So many places rest before one is used again, whatever its reader is doing.
    private const int Resting = 256;
    private const ulong Removed = uint.MaxValue;
    private const ulong TagMask = 0xffffffff00000000;

    private readonly Lock _writing = new();
    private readonly OcspRecord[]?[] _blocks = new OcspRecord[]?[MostBlocks];
    private readonly Queue<int> _free = new();

    // Below, the record's number + 1, and above it the tag; 0: nothing was ever here, so a search ends.
    private ulong[] _table = new ulong[LeastTable];
    private int _used;
    private int _count;
    private int _next;

    /// <summary>How many certificates there is an answer for.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Octets that table and blocks take.</summary>
    public long Size => (long)_table.Length * sizeof(ulong) + (long)(_next + BlockLength - 1) / BlockLength * BlockLength * Unsafe.SizeOf<OcspRecord>();

    /// <summary>Copies the answer about a serial number of 16 octets.</summary>
    public bool TryRead(ReadOnlySpan<byte> serial, out OcspRecord record)
    {
        var (high, low) = OcspRecord.Split(serial);
        var tag = TagOf(high);
        while (true)
        {
            var table = Volatile.Read(ref _table);
            var mask = table.Length - 1;
            var place = (int)low & mask;
            while (true)
            {
                ref var slot = ref table[place];
                var entry = Volatile.Read(ref slot);
                if (entry == 0)
                {
                    record = default;
                    return false;
                }
                if ((entry & TagMask) == tag)
                {
                    record = At(NumberOf(entry));
                    // What was copied counts only if it was not replaced meanwhile.
                    Interlocked.MemoryBarrier();
                    if (Volatile.Read(ref slot) != entry)
                        break;
                    if (record.SerialLow == low && record.SerialHigh == high)
                        return true;
                }
                place = (place + 1) & mask;
            }
        }
    }

    /// <summary>
    /// Puts an answer in place of an older one. An answer that says good never replaces one that says revoked, however they
    /// arrive: a revocation is not taken back.
    /// </summary>
    /// <returns>Whether it is in place now.</returns>
    public bool Apply(in OcspRecord record)
    {
        lock (_writing)
        {
            if ((_used + 1) * 5 > _table.Length * 3)
                Rebuild();
            var mask = _table.Length - 1;
            var tag = TagOf(record.SerialHigh);
            var replaced = -1;
            var place = (int)record.SerialLow & mask;
            for (; _table[place] != 0; place = (place + 1) & mask)
            {
                var entry = _table[place];
                if ((entry & TagMask) != tag)
                    continue;
                ref var present = ref At(NumberOf(entry));
                if (present.SerialLow != record.SerialLow || present.SerialHigh != record.SerialHigh)
                    continue;
                if (present.IsRevoked != record.IsRevoked ? present.IsRevoked : record.ThisUpdate < present.ThisUpdate)
                    return false;
                replaced = NumberOf(entry);
                break;
            }
            var written = Write(record);
            if (replaced >= 0)
            {
                _free.Enqueue(replaced);
            }
            else
            {
                _used++;
                _count++;
            }
            Volatile.Write(ref _table[place], tag | (uint)(written + 1));
            return true;
        }
    }

    /// <summary>Forgets certificates that ended before a time; how many.</summary>
    public int RemoveEnded(uint before)
    {
        lock (_writing)
        {
            var removed = 0;
            for (var place = 0; place < _table.Length; place++)
            {
                var entry = _table[place];
                if (entry is 0 or Removed || At(NumberOf(entry)).NotAfter >= before)
                    continue;
                Volatile.Write(ref _table[place], Removed);
                _free.Enqueue(NumberOf(entry));
                removed++;
            }
            _count -= removed;
            return removed;
        }
    }

    // Its highest bit is set, which that of a removed entry is not.
    private static ulong TagOf(ulong high) => (high << 32) | (1UL << 63);

    private static int NumberOf(ulong entry) => (int)((uint)entry - 1);

    private ref OcspRecord At(int number) => ref _blocks[number >> BlockBits]![number & (BlockLength - 1)];

    private int Write(in OcspRecord record)
    {
        int number;
        if (_free.Count > Resting)
        {
            number = _free.Dequeue();
        }
        else
        {
            number = _next++;
            _blocks[number >> BlockBits] ??= LargePages.Allocate<OcspRecord>(BlockLength);
        }
        At(number) = record;
        return number;
    }

    // Readers go on in the old table, which still names the same records.
    private void Rebuild()
    {
        var length = LeastTable;
        while (length < (_count + 1) * 3L)
            length <<= 1;
        var table = LargePages.Allocate<ulong>(length);
        foreach (var entry in _table)
        {
            if (entry is 0 or Removed)
                continue;
            var place = (int)At(NumberOf(entry)).SerialLow & (length - 1);
            while (table[place] != 0)
                place = (place + 1) & (length - 1);
            table[place] = entry;
        }
        _used = _count;
        Volatile.Write(ref _table, table);
    }
}
