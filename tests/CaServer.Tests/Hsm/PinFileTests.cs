using CaServer.Hsm;

namespace CaServer.Tests.Hsm;

public sealed class PinFileTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("caserver-pin-").FullName;

    private string Path => System.IO.Path.Combine(_directory, "ca.pin");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void A_written_pin_is_read_back_and_only_its_owner_may_read_it()
    {
        var pin = PinFile.NewPin();
        Assert.True(PinFile.TryCreate(Path, pin));

        Assert.Equal(pin, PinFile.Read(Path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path));
        Assert.Single(Directory.GetFiles(_directory));
    }

    [Fact]
    public void An_existing_pin_file_is_not_overwritten()
    {
        PinFile.TryCreate(Path, "first");

        Assert.False(PinFile.TryCreate(Path, "second"));
        Assert.Equal("first", PinFile.Read(Path));
        Assert.Single(Directory.GetFiles(_directory));
    }

    [Fact]
    public void A_pin_file_that_cannot_be_written_is_told()
    {
        var path = System.IO.Path.Combine(_directory, "missing", "ca.pin");

        Assert.Equal(HsmFault.StorageUnusable, Assert.Throws<HsmException>(() => PinFile.TryCreate(path, "1234")).Fault);
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.OtherWrite)]
    public void A_pin_file_that_others_may_read_or_write_is_refused_with_the_command_that_cures_it(UnixFileMode others)
    {
        Write("1234");
        File.SetUnixFileMode(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | others);

        var fault = Assert.Throws<HsmException>(() => PinFile.Read(Path));

        Assert.Equal(HsmFault.PinUnsafe, fault.Fault);
        Assert.Contains($"chmod 600 '{Path}'", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1234", "1234")]
    [InlineData("1234\n", "1234")]
    [InlineData("1234\r\n", "1234")]
    [InlineData(" 1234 \n", " 1234 ")]
    public void One_line_break_at_the_end_is_not_part_of_the_pin(string contents, string pin)
    {
        Write(contents);

        Assert.Equal(pin, PinFile.Read(Path));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("1234\n\n")]
    [InlineData("12\n34\n")]
    [InlineData("12\034")]
    public void What_is_not_one_line_of_text_is_refused(string contents)
    {
        Write(contents);

        Assert.Equal(HsmFault.PinUnusable, Assert.Throws<HsmException>(() => PinFile.Read(Path)).Fault);
    }

    [Fact]
    public void A_long_file_is_refused_without_reading_it_all()
    {
        Write(new string('1', 100_000));

        Assert.Equal(HsmFault.PinUnusable, Assert.Throws<HsmException>(() => PinFile.Read(Path)).Fault);
    }

    [Fact]
    public void A_missing_file_and_a_directory_are_told_apart()
    {
        Assert.Equal(HsmFault.PinMissing, Assert.Throws<HsmException>(() => PinFile.Read(Path)).Fault);
        Assert.Equal(HsmFault.PinUnusable, Assert.Throws<HsmException>(() => PinFile.Read(_directory)).Fault);
    }

    private void Write(string contents)
    {
        File.WriteAllText(Path, contents);
        File.SetUnixFileMode(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}
