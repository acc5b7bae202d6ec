using System.Security.Cryptography;
using CaServer.Status;

namespace CaServer.Tests.Status;

/// <summary>The table of pre-signed answers: what goes in comes out, while it is read by others, and revoked stays revoked.</summary>
public sealed class OcspAnswersTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public void Each_answer_is_found_by_its_serial_number_and_no_other()
    {
        var answers = new OcspAnswers();
        var serials = Enumerable.Range(0, 20_000).Select(_ => RandomNumberGenerator.GetBytes(16)).ToList();
        foreach (var (index, serial) in serials.Index())
            Assert.True(answers.Apply(Record(serial, (uint)index + 1)));
        Assert.Equal(serials.Count, answers.Count);
        foreach (var (index, serial) in serials.Index())
        {
            Assert.True(answers.TryRead(serial, out var record));
            Assert.Equal((uint)index + 1, record.ThisUpdate);
        }
        Assert.False(answers.TryRead(RandomNumberGenerator.GetBytes(16), out _));
        // Room is made for 32,768 at a time.
        Assert.InRange(answers.Size, 168L * 32_768, (168L + 32) * 32_768);
    }

    [Fact]
    public void A_newer_answer_replaces_an_older_one_and_good_never_replaces_revoked()
    {
        var answers = new OcspAnswers();
        var serial = RandomNumberGenerator.GetBytes(16);
        Assert.True(answers.Apply(Record(serial, 10)));
        Assert.False(answers.Apply(Record(serial, 9)));
        Assert.True(answers.Apply(Record(serial, 11)));
        // Signed in the same second as the answer before it.
        Assert.True(answers.Apply(Record(serial, 11, isRevoked: true)));
        Assert.False(answers.Apply(Record(serial, 99)));
        Assert.True(answers.TryRead(serial, out var record));
        Assert.True(record.IsRevoked);
        Assert.Equal(1, answers.Count);
    }

    [Fact]
    public void Ended_certificates_are_forgotten_and_their_places_used_again()
    {
        var answers = new OcspAnswers();
        var size = 0L;
        for (var round = 0; round < 20; round++)
        {
            var serials = Enumerable.Range(0, 2000).Select(_ => RandomNumberGenerator.GetBytes(16)).ToList();
            foreach (var serial in serials)
                answers.Apply(Record(serial, 1, notAfter: (uint)round));
            Assert.All(serials, s => Assert.True(answers.TryRead(s, out _)));
            Assert.Equal(2000, answers.RemoveEnded((uint)round + 1));
            Assert.All(serials, s => Assert.False(answers.TryRead(s, out _)));
            Assert.Equal(0, answers.Count);
            size = round == 3 ? answers.Size : size;
        }
        Assert.Equal(size, answers.Size);
    }

    [Fact]
    public async Task Readers_see_whole_answers_while_others_are_written()
    {
        var answers = new OcspAnswers();
        var serials = Enumerable.Range(0, 50).Select(_ => RandomNumberGenerator.GetBytes(16)).ToArray();
        foreach (var serial in serials)
            answers.Apply(Record(serial, 1));
        var written = 1u;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var reader = Task.Run(
            () =>
            {
                var reads = 0;
                while (!stop.IsCancellationRequested)
                {
                    var serial = serials[reads++ % serials.Length];
                    Assert.True(answers.TryRead(serial, out var record));
                    // Every octet of a signature is that of the same version, and of this certificate.
                    Assert.Equal((byte)(record.ThisUpdate ^ serial[15]), ((ReadOnlySpan<byte>)record.Sha1)[0]);
                    Assert.Equal(-1, ((ReadOnlySpan<byte>)record.Sha1).IndexOfAnyExcept(((ReadOnlySpan<byte>)record.Sha1)[0]));
                    Assert.Equal(-1, ((ReadOnlySpan<byte>)record.Sha256).IndexOfAnyExcept(((ReadOnlySpan<byte>)record.Sha1)[0]));
                }
                return reads;
            },
            Ct);
        for (var i = 0; i < 200_000; i++)
            answers.Apply(Record(serials[i % serials.Length], ++written));
        await stop.CancelAsync();
        Assert.True(await reader > 0);
    }

    private static OcspRecord Record(byte[] serial, uint thisUpdate, bool isRevoked = false, uint notAfter = uint.MaxValue)
    {
        var (high, low) = OcspRecord.Split(serial);
        var record = new OcspRecord { SerialHigh = high, SerialLow = low, ThisUpdate = thisUpdate, IsRevoked = isRevoked, NotAfter = notAfter };
        ((Span<byte>)record.Sha1).Fill((byte)(thisUpdate ^ serial[15]));
        ((Span<byte>)record.Sha256).Fill((byte)(thisUpdate ^ serial[15]));
        return record;
    }
}
