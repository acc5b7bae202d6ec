using System.Text;
using CaServer.Domain;
using CaServer.Validation;
using CaServer.Validation.Remote;

namespace CaServer.Tests.Validation;

/// <summary>A perspective elsewhere is asked exactly what one in this process is asked, and acts on nothing that it cannot read.</summary>
public sealed class RemoteQuestionTests
{
    private const string Control = """ "control":{"token":"evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ","thumbprint":"LPJNul-wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ"} """;

    [Fact]
    public void A_question_about_control_reads_back_as_it_was()
    {
        var request = new ValidationRequest
        {
            Identifier = Identifier.Dns("www.corp.example"),
            Method = ValidationMethod.DnsPersist01,
            Token = CheckRig.Token,
            Thumbprint = CheckRig.Thumbprint,
            AccountUrl = "https://ca.example/acme/account/1",
            EarlierThumbprints = [new string('b', 43), new string('a', 43)],
            NamesBelow = true,
            Wildcard = true,
            ValueCreatedAt = 1_796_000_000,
        };
        var question = RemoteQuestion.Decode(RemoteQuestion.Encode(request));
        Assert.Equivalent(request, question.Control, strict: true);
        Assert.Null(question.Caa);
    }

    [Fact]
    public void A_question_about_an_address_reads_back_as_it_was()
    {
        Assert.True(Identifier.TryParse(IdentifierType.Ip, "2001:db8::1", out var address, out _));
        Assert.Equivalent(CheckRig.Request(address), RemoteQuestion.Decode(RemoteQuestion.Encode(CheckRig.Request(address))).Control, strict: true);
    }

    [Fact]
    public void A_question_about_CAA_reads_back_as_it_was()
    {
        var request = new CaaRequest { Identifier = Identifier.Dns("corp.example"), Wildcard = true, Method = ValidationMethod.Dns01, AccountUrl = "https://ca.example/acme/account/1" };
        Assert.Equal(new RemoteQuestion(null, request), RemoteQuestion.Decode(RemoteQuestion.Encode(request)));
    }

    [Fact]
    public void The_value_that_came_back_from_a_recipient_stays_here()
    {
        var request = CheckRig.Request(Identifier.Dns("corp.example")) with { Recipient = "owner@corp.example", Answer = "the-value" };
        var text = Encoding.UTF8.GetString(RemoteQuestion.Encode(request));
        Assert.DoesNotContain("owner", text, StringComparison.Ordinal);
        Assert.DoesNotContain("the-value", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"type":"dns","identifier":"a.example","method":"http-01",""" + Control)]
    [InlineData("""{"type":"dns","identifier":"*.a.example","method":"http-01",""" + Control + "}")]
    [InlineData("""{"type":"dns","identifier":"a b.example","method":"http-01",""" + Control + "}")]
    [InlineData("""{"type":"ip","identifier":"a.example","method":"http-01",""" + Control + "}")]
    [InlineData("""{"type":"dns","identifier":null,"method":"http-01",""" + Control + "}")]
    [InlineData("""{"identifier":"a.example","method":"http-01",""" + Control + "}")]
    [InlineData("""{"type":"mail","identifier":"a.example","method":"http-01",""" + Control + "}")]
    [InlineData("""{"type":7,"identifier":"a.example","method":"http-01",""" + Control + "}")]
    [InlineData("""{"type":"dns","identifier":"a.example","method":"http-02",""" + Control + "}")]
    [InlineData("""{"type":"dns","identifier":"a.example","method":999,""" + Control + "}")]
    [InlineData("""{"type":"dns","identifier":"a.example","method":"999",""" + Control + "}")]
    [InlineData("""{"type":"dns","identifier":"a.example",""" + Control + "}")]
    [InlineData("""{"type":"dns","identifier":"a.example","method":"http-01","control":{}}""")]
    [InlineData("""{"type":"dns","identifier":"a.example","method":"http-01","control":{"token":null,"thumbprint":"a"}}""")]
    [InlineData("""{"type":"dns","identifier":"a.example","method":"http-01","control":{"token":"a","thumbprint":"a","earlierThumbprints":[null]}}""")]
    [InlineData("""{"type":"dns","identifier":"a.example","method":"http-01","control":{"token":"a","thumbprint":"a","valueCreatedAt":"now"}}""")]
    [InlineData("""{"type":"dns","identifier":"a.example","method":"http-01"}""")]
    [InlineData("""{"type":"dns","identifier":"a.example","method":"http-01","accountUrl":null}""")]
    public void What_is_no_question_is_refused(string text) => Assert.Throws<FormatException>(() => RemoteQuestion.Decode(Encoding.UTF8.GetBytes(text)));
}
