using System.Text.Json;
using CaServer.Conformance.Cases;
using CaServer.Conformance.Reporting;
using CaServer.Conformance.Suite;

namespace CaServer.Tests.Conformance;

/// <summary>The conformance suite's catalogue, selection, reports and exit codes.</summary>
public sealed class SuiteTests
{
    private static readonly Uri s_directory = new("https://ca.example/dir");

    [Fact]
    public void No_clause_stands_for_two_cases_and_every_clause_is_written_as_one()
    {
        Assert.All(Catalogue.Cases, item => ConformanceCase.Parts(item.Clause));
        Assert.Equal(Catalogue.Cases.Count, Catalogue.Cases.Select(item => item.Clause).Distinct().Count());
    }

    [Fact]
    public void The_numbers_of_a_section_have_no_gaps() =>
        Assert.All(
            Catalogue.Cases.Select(item => ConformanceCase.Parts(item.Clause)).GroupBy(parts => (parts.Document, parts.Section)),
            section => Assert.Equal(
                Enumerable.Range(1, section.Count()), section.Select(parts => int.Parse(parts.Number, System.Globalization.CultureInfo.InvariantCulture)).Order()));

    [Fact]
    public void The_catalogue_has_at_least_150_cases() => Assert.InRange(Catalogue.Cases.Count, 150, int.MaxValue);

    [Theory]
    [InlineData("RFC 8555 §7.3.5 (3)", "RFC 8555 §7.3.5 (3)", true)]
    [InlineData("RFC 8555 §7.3.5 (3)", "7.3.5", true)]
    [InlineData("RFC 8555 §7.3.5 (3)", "rfc 8555 §7.3", true)]
    [InlineData("RFC 8555 §7.3.5 (3)", "RFC 8555", true)]
    [InlineData("RFC 8555 §7.3.5 (3)", "7.3.5 (2)", false)]
    [InlineData("RFC 8555 §7.3.5 (3)", "7.30", false)]
    [InlineData("RFC 8555 §7.3.5 (3)", "RFC 9773", false)]
    [InlineData("RFC 8555 §7.3.5 (3)", "key change", false)]
    public void A_clause_is_selected_by_document_section_and_number(string clause, string wanted, bool isWithin) =>
        Assert.Equal(isWithin, ConformanceCase.Must(clause, "", _ => Task.CompletedTask).IsWithin(wanted));

    [Theory]
    [InlineData(0)]
    [InlineData(0, "Must:Passed", "Should:Failed", "May:Failed", "Must:Skipped", "Should:Undecided")]
    [InlineData(1, "Must:Passed", "Must:Failed", "Must:Undecided")]
    [InlineData(2, "Must:Passed", "Must:Undecided", "Should:Failed")]
    public void The_exit_code_says_whether_a_MUST_fails_or_was_not_judged(int exitCode, params string[] results) =>
        Assert.Equal(exitCode, Report([.. results.Select(Result)]).ExitCode);

    [Fact]
    public async Task What_a_case_throws_is_its_verdict()
    {
        var results = await RunAsync(
            t => Task.CompletedTask,
            t => throw new Nonconformity("expected 400"),
            t => throw new NotApplicable("no ARI"),
            t => throw new Undecidable("a rate limit"),
            t => throw new HttpRequestException("reset"));

        Assert.Equal([Verdict.Passed, Verdict.Failed, Verdict.Skipped, Verdict.Undecided, Verdict.Undecided], results.Select(r => r.Verdict));
        Assert.Equal([null, "expected 400", "no ARI", "a rate limit", "the connection failed: reset"], results.Select(r => r.Reason));
    }

    [Fact]
    public void The_text_report_has_a_line_for_each_case_and_the_reason_of_a_failure()
    {
        var failed = Catalogue.Cases[0];
        var output = new StringWriter();
        TextReport.Write(output, Report([new CaseResult(failed, Verdict.Failed, "expected 200", "GET /dir → 500", 3)]));
        var text = output.ToString();
        Assert.Contains($"FAIL     MUST   {failed.Clause}", text, StringComparison.Ordinal);
        Assert.Contains("expected 200", text, StringComparison.Ordinal);
        Assert.Contains("MUST   0 pass, 1 FAIL, 0 skipped, 0 undecided", text, StringComparison.Ordinal);
        Assert.Contains("The server does not conform", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_JSON_report_has_counts_and_every_case()
    {
        var json = JsonElement.Parse(JsonReport.Of(Report([new CaseResult(Catalogue.Cases[0], Verdict.Skipped, "why", null, 0)])));
        Assert.Equal(1, json.GetProperty("counts").GetProperty("MUST").GetProperty("skipped").GetInt32());
        Assert.Equal(0, json.GetProperty("exitCode").GetInt32());
        var item = Assert.Single(json.GetProperty("cases").EnumerateArray());
        Assert.Equal((Catalogue.Cases[0].Clause, "skipped", "why"), (item.GetProperty("clause").GetString(), item.GetProperty("verdict").GetString(), item.GetProperty("reason").GetString()));
    }

    private static SuiteReport Report(IReadOnlyList<CaseResult> results) => new(s_directory, results);

    private static CaseResult Result(string text)
    {
        var parts = text.Split(':');
        var item = new ConformanceCase("RFC 8555 §1 (1)", Enum.Parse<Level>(parts[0]), "", _ => Task.CompletedTask);
        return new CaseResult(item, Enum.Parse<Verdict>(parts[1]), null, null, 0);
    }

    private static async Task<IReadOnlyList<CaseResult>> RunAsync(params Func<Trial, Task>[] checks)
    {
        // No case sends anything, so no server is needed.
        var cases = checks.Select(check => ConformanceCase.Must("RFC 8555 §1 (1)", "", check)).ToArray();
        return await new SuiteRun(server: null!, parallel: 2).RunAsync(cases, TestContext.Current.CancellationToken);
    }
}
