namespace CaServer.Pki.X509;

/// <summary>
/// A CRL put together in one piece of memory of the right size: the entries are written where they stay, and so is the signature. A long
/// list is in memory once while it is made.
/// </summary>
public sealed class RevocationListBuilder
{
    // RSA with 8,192 bits, and the headers.
    private const int Trailer = 1024 + 16;
    private const int LongestHeader = 6;

    private readonly byte[] _octets;
    private readonly int _tbs;
    private readonly int _entries;
    private readonly int _entriesEnd;
    private readonly int _tbsEnd;
    private readonly int _signature;
    private int _next;

    /// <summary>Writes everything but the entries and the signature.</summary>
    /// <param name="contents">What it says, besides its <see cref="RevocationListContents.Entries"/>.</param>
    /// <param name="issuer">Who signs.</param>
    /// <param name="signatureAlgorithm">The AlgorithmIdentifier that the signature will have, DER.</param>
    /// <param name="entries">How many octets of entries will be added.</param>
    public RevocationListBuilder(RevocationListContents contents, IssuerCertificate issuer, ReadOnlySpan<byte> signatureAlgorithm, int entries)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(entries);
        var head = RevocationList.EncodeHead(contents, issuer, signatureAlgorithm);
        var tail = RevocationList.EncodeTail(contents, issuer);
        // RFC 5280 §5.1.2.6: without entries the list is absent, not empty.
        var list = entries == 0 ? 0 : checked(DerHeader.LengthOf(entries) + entries);
        var content = checked(head.Length + list + tail.Length);
        _tbs = LongestHeader;
        _tbsEnd = checked(_tbs + DerHeader.LengthOf(content) + content);
        _entriesEnd = _tbsEnd - tail.Length;
        _entries = _next = _entriesEnd - entries;
        _signature = checked(_tbsEnd + signatureAlgorithm.Length);
        _octets = new byte[checked(_signature + Trailer)];
        var rest = DerHeader.Write(_octets.AsSpan(_tbs), DerHeader.Sequence, content);
        head.CopyTo(rest);
        if (entries > 0)
            DerHeader.Write(rest[head.Length..], DerHeader.Sequence, entries);
        tail.CopyTo(_octets.AsSpan(_entriesEnd));
        signatureAlgorithm.CopyTo(_octets.AsSpan(_tbsEnd));
    }

    /// <summary>The part that is signed.</summary>
    /// <exception cref="InvalidOperationException">Entries are missing.</exception>
    public ReadOnlyMemory<byte> Tbs => _next == _entriesEnd
        ? _octets.AsMemory(_tbs.._tbsEnd)
        : throw new InvalidOperationException($"{_entriesEnd - _next} octets of the CRL's entries are missing.");

    /// <summary>The entries added so far, in the same memory; they stay as they are.</summary>
    public ReadOnlyMemory<byte> Entries => _octets.AsMemory(_entries.._next);

    /// <summary>Adds entries made by <see cref="RevocationList.EncodeEntry"/>, one or several.</summary>
    /// <exception cref="InvalidOperationException">They are more than was said.</exception>
    public void Add(ReadOnlySpan<byte> entries)
    {
        if (entries.Length > _entriesEnd - _next)
            throw new InvalidOperationException("There are more entries of the CRL than there were.");
        entries.CopyTo(_octets.AsSpan(_next));
        _next += entries.Length;
    }

    /// <summary>The whole CRL, DER; it shares memory with <see cref="Tbs"/> and with what this returned before.</summary>
    /// <param name="signature">The signature over <see cref="Tbs"/>.</param>
    public ReadOnlyMemory<byte> Complete(ReadOnlySpan<byte> signature)
    {
        _ = Tbs;
        var rest = DerHeader.Write(_octets.AsSpan(_signature), DerHeader.BitString, 1 + signature.Length);
        rest[0] = 0;
        signature.CopyTo(rest[1..]);
        var end = _octets.Length - rest.Length + 1 + signature.Length;
        var start = _tbs - DerHeader.LengthOf(end - _tbs);
        DerHeader.Write(_octets.AsSpan(start), DerHeader.Sequence, end - _tbs);
        return _octets.AsMemory(start..end);
    }
}
