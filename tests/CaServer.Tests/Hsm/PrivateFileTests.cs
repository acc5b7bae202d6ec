using CaServer.Hsm.Files;
using CaServer.TestKit.Processes;

namespace CaServer.Tests.Hsm;

public sealed class PrivateFileTests : IDisposable
{
    private const int Makers = 4;
    private const int Rounds = 50;

    private readonly ScratchDirectory _scratch = new();

    private string File => _scratch.File("secret");

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void A_file_that_is_there_stays_as_it_is_unless_it_is_to_be_replaced()
    {
        Assert.True(PrivateFile.TryCreate(File, "first"u8));
        Assert.False(PrivateFile.TryCreate(File, "second"u8));
        Assert.Equal("first"u8, Read());

        PrivateFile.Replace(File, "third"u8);
        Assert.Equal("third"u8, Read());
        Assert.Equal([File], Directory.GetFiles(_scratch.Path));
    }

    [Fact]
    public void Of_several_that_make_it_at_once_one_does_and_all_go_on_with_that_one_s()
    {
        using var start = new Barrier(Makers);
        var outcomes = new (bool IsFirst, byte[] Found)[Rounds, Makers];
        var makers = Enumerable.Range(0, Makers).Select(maker => new Thread(() =>
        {
            for (var round = 0; round < Rounds; round++)
            {
                var path = _scratch.File($"secret-{round}");
                start.SignalAndWait();
                var isFirst = PrivateFile.TryCreate(path, [(byte)maker]);
                outcomes[round, maker] = (isFirst, PrivateFile.Read(path, 1, out _)!);
            }
        })).ToList();
        makers.ForEach(maker => maker.Start());
        makers.ForEach(maker => maker.Join());

        for (var round = 0; round < Rounds; round++)
        {
            var first = Assert.Single(Enumerable.Range(0, Makers), maker => outcomes[round, maker].IsFirst);
            Assert.All(Enumerable.Range(0, Makers), maker => Assert.Equal([(byte)first], outcomes[round, maker].Found));
        }
        Assert.Equal(Rounds, Directory.GetFiles(_scratch.Path).Length);
    }

    [Fact]
    public void Where_it_cannot_be_made_nothing_is_left()
    {
        Directory.CreateDirectory(File);
        Assert.False(PrivateFile.TryCreate(File, "x"u8));
        Assert.ThrowsAny<IOException>(() => PrivateFile.Replace(File, "x"u8));
        Assert.ThrowsAny<IOException>(() => PrivateFile.TryCreate(_scratch.File("missing/secret"), "x"u8));
        Assert.Empty(Directory.GetFiles(_scratch.Path));
    }

    private byte[] Read()
    {
        var contents = PrivateFile.Read(File, 16, out var isPrivate);
        Assert.True(isPrivate);
        return contents!;
    }
}
