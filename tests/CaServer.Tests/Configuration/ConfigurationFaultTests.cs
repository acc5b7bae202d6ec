using CaServer.Configuration;

namespace CaServer.Tests.Configuration;

/// <summary>Each fault is one line that names the key, says what to write, and where the value stands.</summary>
public sealed class ConfigurationFaultTests
{
    private const string Postgres = """ "Database": { "Provider": "Postgres", "ConnectionString": "Host=db.example" } """;
    private const string Place = """ "Region": "arin", "Location": "40.71,-74.01" """;

    [Theory]
    // Unknown keys.
    [InlineData("""{ "Sever": {} }""", "Sever is not a setting; did you mean Server? [FILE line 1]")]
    [InlineData("""{ "Server": { "PublicURI": "https://a.example" } }""", "Server:PublicURI is not a setting; did you mean Server:PublicUrl? [FILE line 1]")]
    [InlineData("""{ "Hsm": { "Slot": 1 } }""", "Hsm:Slot is not a setting; known here: Module, Token, PinFile, RootToken, RootPinFile, Sessions [FILE line 1]")]
    [InlineData("""{ "Profiles": { "dv": { "Foo": 1 } } }""", "Profiles:dv:Foo is not a setting; known here: *")]
    // Wrong JSON types.
    [InlineData("""{ "Validation": { "Http01Port": "80" } }""", "Validation:Http01Port must be a whole number without quotes, not the text \"80\" [FILE line 1]")]
    [InlineData("""{ "Validation": { "Http01Port": 80.5 } }""", "Validation:Http01Port must be a whole number without quotes, not '80.5' [FILE line 1]")]
    [InlineData("""{ "Limits": { "Enabled": "true" } }""", "Limits:Enabled must be true or false without quotes, not the text \"true\" [FILE line 1]")]
    [InlineData("""{ "Limits": true }""", "Limits is a section and cannot have a value of its own; set the keys in it [FILE line 1]")]
    [InlineData("""{ "Server": { "PublicUrl": 5 } }""", "Server:PublicUrl must be text in quotes, not '5' [FILE line 1]")]
    [InlineData("""{ "Server": { "PublicUrl": { } } }""", "Server:PublicUrl must be text in quotes, not a section [FILE line 1]")]
    [InlineData("""{ "Policy": { "AllowedDomains": "corp.example" } }""", "Policy:AllowedDomains must be a list: [ \"…\" ] in the file, CASERVER_Policy__AllowedDomains__0, __1, … in the environment [FILE line 1]")]
    [InlineData("""{ "Policy": { "AllowedDomains": [ 5 ] } }""", "Policy:AllowedDomains:0 must be text in quotes [FILE line 1]")]
    [InlineData("""{ "Acme": { "OrderLifetime": "soon" } }""", "Acme:OrderLifetime must be a length of time such as \"90d\", \"12h\", \"30m\" or \"45s\", not the text \"soon\" [FILE line 1]")]
    [InlineData("""{ "Profiles": { "dv": 5 } }""", "Profiles:dv is a section and cannot have a value of its own; set the keys in it [FILE line 1]")]
    // Broken files.
    [InlineData("{\n \"Server\": \n}", "FILE line 3, byte 1: not valid JSON: *")]
    [InlineData("", "FILE line 1, byte 1: not valid JSON: *")]
    [InlineData("[]", "FILE must hold one JSON object, such as { \"Server\": { … } }")]
    [InlineData("{\"Hsm\":{\"Token\":\"a\",\n\"token\":\"b\"}}", "Hsm:token stands here a second time (first: line 1); remove one [FILE line 2]")]
    // Impossible values.
    [InlineData("""{ "Server": { "PublicUrl": "http://ca.example" } }""", "Server:PublicUrl must be an https URL such as https://ca.example.org, not 'http://ca.example' [FILE line 1]")]
    [InlineData("""{ "Server": { "PublicUrl": "https://ca.example/acme" } }""", "Server:PublicUrl must be scheme, host and port only, such as https://ca.example.org, not 'https://ca.example/acme' [FILE line 1]")]
    [InlineData("""{ "Server": { "StatusUrl": "nonsense" } }""", "Server:StatusUrl must be an http URL such as http://pki.example.org, not 'nonsense' [FILE line 1]")]
    [InlineData("""{ "Server": { "HttpsListen": "localhost:8443" } }""", "Server:HttpsListen must be an address and a port such as *, not 'localhost:8443' [FILE line 1]")]
    [InlineData("""{ "Server": { "HttpListen": "127.0.0.1:99999" } }""", "Server:HttpListen must be an address and a port *")]
    [InlineData("""{ "Server": { "HttpListen": "127.0.0.1" } }""", "Server:HttpListen must be an address and a port *")]
    [InlineData("""{ "Server": { "HttpListen": "127.1:80" } }""", "Server:HttpListen must be an address and a port *")]
    [InlineData("""{ "Server": { "HttpListen": "127.0.0.1:8443" } }""", "Server:HttpListen is the same as Server:HttpsListen, 127.0.0.1:8443; give it a port of its own [FILE line 1]")]
    [InlineData("""{ "Validation": { "Http01Port": 0 } }""", "Validation:Http01Port must be from 1 to 65535, not 0 [FILE line 1]")]
    [InlineData("""{ "Validation": { "Resolvers": [ "192.0.2.1", "dns.example" ] } }""", "Validation:Resolvers:1 must be an address, * not 'dns.example' [FILE line 1]")]
    [InlineData("""{ "Validation": { "Caa": "perhaps" } }""", "Validation:Caa must be one of require, respect, ignore, not 'perhaps' [FILE line 1]")]
    [InlineData("""{ "Validation": { "Dnssec": true } }""", "Validation:Dnssec needs Validation:Resolvers: * [FILE line 1]")]
    [InlineData("""{ "Validation": { "Dnssec": true, "Resolvers": [ "127.0.0.1:53", "192.0.2.1" ] } }""", "Validation:Resolvers:1 must be an address of this machine * from '192.0.2.1'; * [FILE line 1]")]
    [InlineData("""{ "Validation": { "AllowedNetworks": [ "10.0.0.1/8" ] } }""", "Validation:AllowedNetworks:0 must be a network * not '10.0.0.1/8' [FILE line 1]")]
    [InlineData("""{ "Validation": { "AllowedNetworks": [ "10.0.0.0/33" ] } }""", "Validation:AllowedNetworks:0 must be a network *")]
    [InlineData("""{ "Policy": { "Preset": "public" } }""", "Policy:Preset must be private or webpki, not 'public' [FILE line 1]")]
    [InlineData("""{ "Policy": { "AllowedDomains": [ "*.corp.example" ] } }""", "Policy:AllowedDomains:0 must be a domain without asterisk; 'corp.example' permits all names below it [FILE line 1]")]
    [InlineData("""{ "Policy": { "AllowedDomains": [ "under_score.example" ] } }""", "Policy:AllowedDomains:0 must be a domain such as *")]
    [InlineData("""{ "Database": { "Provider": "Oracle" } }""", "Database:Provider must be Sqlite or Postgres, not 'Oracle' [FILE line 1]")]
    [InlineData("""{ "Database": { "Provider": "Postgres" } }""", "Database:ConnectionString must be set for Postgres, *")]
    [InlineData("""{ "Database": { "Provider": "Postgres", "ConnectionString": "Host=a;Password=geheim" } }""", "Database:ConnectionString must not carry a password, *")]
    [InlineData("""{ "Hsm": { "Module": "libsofthsm2.so" } }""", "Hsm:Module must be the absolute path of a PKCS#11 library, or software, not 'libsofthsm2.so' [FILE line 1]")]
    [InlineData("""{ "Hsm": { "RootToken": "one", "Token": "one" } }""", "Hsm:RootToken must be another token than Hsm:Token, *")]
    [InlineData("""{ "Hsm": { "Sessions": 0 } }""", "Hsm:Sessions must be from 1 to 64, not 0 [FILE line 1]")]
    [InlineData("""{ "Server": { "TlsKeyFile": "/nowhere/key.pem" } }""", "Server:TlsCertificateFile must be set because Server:TlsKeyFile is; or remove that one\nServer:TlsKeyFile names '/nowhere/key.pem', which does not exist; give the path of a PEM file [FILE line 1]")]
    [InlineData("""{ "Acme": { "OrderLifetime": "1s" } }""", "Acme:OrderLifetime must be from 5m to 30d, not 1s [FILE line 1]")]
    [InlineData("""{ "Server": { "TrustedProxies": [ "10.0.0.1" ] } }""", "Server:TrustedProxies:0 must be a network * not '10.0.0.1' [FILE line 1]")]
    [InlineData("""{ "Policy": { "PublicSuffixList": "/nowhere/list.dat" } }""", "Policy:PublicSuffixList names '/nowhere/list.dat', which cannot be read * [FILE line 1]")]
    [InlineData("""{ "Limits": { "OrdersPerAccount": { "Count": -1 } } }""", "Limits:OrdersPerAccount:Count must be from 0 to 1000000, not -1 [FILE line 1]")]
    [InlineData("""{ "Limits": { "OrdersPerAccount": { "Count": "5" } } }""", "Limits:OrdersPerAccount:Count must be a whole number without quotes, not the text \"5\" [FILE line 1]")]
    [InlineData("""{ "Limits": { "OrdersPerAccount": { "Period": "0s", "Count": 10 } } }""", "Limits:OrdersPerAccount:Period must be from 1s to 400d, not 0s [FILE line 1]")]
    [InlineData("""{ "Limits": { "OrdersPerAccount": { "Burst": 0 } } }""", "Limits:OrdersPerAccount:Burst must be from 1 to 1000000, not 0 [FILE line 1]")]
    [InlineData("""{ "Limits": { "OrdersPerAccount": { "Period": "1s" } } }""", "Limits:OrdersPerAccount:Count must not be more than 1000 in a second; give Limits:OrdersPerAccount:Period more time")]
    [InlineData("""{ "Limits": { "CertificatesPerDomain": { "Count": 50 } } }""", "Limits:CertificatesPerDomain:Period must be set where Limits:CertificatesPerDomain:Count is and the preset has no such limit, such as \"7d\"")]
    [InlineData("""{ "Acme": { "Challenges": [ "http-01", "dns-02" ] } }""", "Acme:Challenges:1 must be one of http-01, dns-01, tls-alpn-01, dns-account-01, dns-persist-01, not 'dns-02' [FILE line 1]")]
    [InlineData("""{ "Acme": { "Challenges": [ "dns-01", "dns-01" ] } }""", "Acme:Challenges:1 names 'dns-01' a second time; leave it off [FILE line 1]")]
    [InlineData("""{ "Acme": { "Challenges": [ ] } }""", "Acme:Challenges must name a method, *")]
    [InlineData("""{ "Acme": { "Challenges": [ "dns-persist-01" ] }, "Server": { "PublicUrl": "https://192.0.2.1" } }""", "Acme:CaaIdentities must name a domain for this CA, since dns-persist-01 is offered *")]
    [InlineData("""{ "Acme": { "MaxIdentifiers": 101 } }""", "Acme:MaxIdentifiers must be from 1 to 100, not 101 [FILE line 1]")]
    [InlineData("""{ "Acme": { "CorsOrigins": [ "https://a.example", "*" ] } }""", "Acme:CorsOrigins:1 allows every origin, so it must be the only entry; leave the others off [FILE line 1]")]
    [InlineData("""{ "Acme": { "CorsOrigins": [ "https://a.example/" ] } }""", "Acme:CorsOrigins:0 must be an origin such as *, not 'https://a.example/' [FILE line 1]")]
    [InlineData("""{ "Acme": { "CorsOrigins": [ "https://A.example:443" ] } }""", "Acme:CorsOrigins:0 must be an origin such as *")]
    [InlineData("""{ "Acme": { "AlternateChains": [ "/nowhere/chain.pem" ] } }""", "Acme:AlternateChains:0 names '/nowhere/chain.pem', which cannot be read * [FILE line 1]")]
    [InlineData("""{ "Acme": { "AlternateChains": [ "/dev/null" ] } }""", "Acme:AlternateChains:0 names '/dev/null', which has 0 certificates; give a PEM file with 1 to 5, *")]
    [InlineData("""{ "Logging": { "Level": "chatty" } }""", "Logging:Level must be debug, information, warning, error, not 'chatty' [FILE line 1]")]
    [InlineData("""{ "Logging": { "Format": "xml" } }""", "Logging:Format must be text or json, not 'xml' [FILE line 1]")]
    [InlineData("""{ "Acme": { "Challenges": [ "dns-txt" ] } }""", "Acme:Challenges:0 must be one of http-01, *, not 'dns-txt' [FILE line 1]")]
    [InlineData("""{ "Mail": { "Server": "mail.example", "From": "ca@example.org" } }""", "Mail:Server must be a host and a port such as mail.example.org:587, not 'mail.example' [FILE line 1]")]
    [InlineData("""{ "Mail": { "Server": "mail.example:587" } }""", "Mail:From must be set where Mail:Server is, to the sender's address")]
    [InlineData("""{ "Mail": { "Server": "mail.example:587", "From": "CA <ca@example.org>" } }""", "Mail:From must be an e-mail address such as ca@example.org, not 'CA <ca@example.org>' [FILE line 1]")]
    [InlineData("""{ "Mail": { "From": "ca@example.org" } }""", "Mail:Server must be set where another key of Mail is, *")]
    [InlineData("""{ "Mail": { "Server": "mail.example:587", "From": "ca@example.org", "Tls": "ssl" } }""", "Mail:Tls must be starttls, tls or none, not 'ssl' [FILE line 1]")]
    [InlineData("""{ "Mail": { "Server": "mail.example:587", "From": "ca@example.org", "UserName": "ca" } }""", "Mail:PasswordFile must be set because Mail:UserName is; or remove that one")]
    [InlineData("""{ "Mail": { "Server": "mail.example:587", "From": "ca@example.org", "UserName": "ca", "PasswordFile": "/nowhere/password" } }""", "Mail:PasswordFile names '/nowhere/password', which does not exist; * [FILE line 1]")]
    [InlineData("""{ "Mail": { "Server": "192.0.2.1:25", "From": "ca@example.org", "UserName": "ca", "PasswordFile": "/dev/null", "Tls": "none" } }""", "Mail:Tls must be starttls or tls where Mail:UserName is set * [FILE line 1]")]
    [InlineData("""{ "Profiles": { "ev": { } } }""", "Profiles:ev is not possible in this version, *")]
    public void A_bad_file_is_refused_in_one_line(string json, string expected)
    {
        using var file = new TemporaryFile(json);
        var lines = Lines(file.Path, []);
        Assert.Equal(expected.Split('\n').Length, lines.Count);
        foreach (var (line, pattern) in lines.Zip(expected.Split('\n')))
            AssertLike(pattern.Replace("FILE", file.Path, StringComparison.Ordinal), line);
    }

    [Theory]
    [InlineData("""{ "Validation": { "Remotes": { "north": { } } } }""", "Validation:Remotes need Database:Provider Postgres, *; several perspectives in this process are Validation:Perspectives")]
    [InlineData("{" + Postgres + """, "Validation": { "Remotes": { "north": { "Region": "europe" } } } }""", "Validation:Remotes:north:Region must be one of afrinic, apnic, arin, lacnic, ripencc, not 'europe' [FILE line 1]")]
    [InlineData("{" + Postgres + """, "Validation": { "Remotes": { "north": { "Location": "Oslo" } } } }""", "Validation:Remotes:north:Location must be degrees north and east * not 'Oslo' [FILE line 1]")]
    [InlineData("{" + Postgres + """, "Validation": { "Remotes": { "north": { "Location": "91,10" } } } }""", "Validation:Remotes:north:Location must be degrees *")]
    [InlineData("{" + Postgres + """, "Validation": { "Remotes": { "north": { "Location": "59,181" } } } }""", "Validation:Remotes:north:Location must be degrees *")]
    [InlineData("{" + Postgres + """, "Validation": { "Remotes": { "north": { "Location": "NaN,10" } } } }""", "Validation:Remotes:north:Location must be degrees *")]
    [InlineData("{" + Postgres + """, "Validation": { "Remotes": { "north": { "Location": "59,9,10,7" } } } }""", "Validation:Remotes:north:Location must be degrees *")]
    [InlineData("{" + Postgres + """, "Validation": { "Remotes": { "north": { "Town": "Oslo" } } } }""", "Validation:Remotes:north:Town is not a setting; known here: *")]
    [InlineData("{" + Postgres + """, "Validation": { "Remotes": { "no.rth": { } } } }""", "Validation:Remotes:no.rth must be a name of 1 to 64 letters, digits, '-' or '_', not 'no.rth'")]
    [InlineData("{" + Postgres + """, "Validation": { "Remotes": { "local": { } } } }""", "Validation:Remotes:local has the name of a perspective of this process; give it another")]
    [InlineData("{" + Postgres + """, "Validation": { "Remotes": { "north": { } }, "Perspectives": { "north": { "Resolvers": [ "192.0.2.1" ] } } } }""", "Validation:Remotes:north has the name of a perspective of this process; give it another")]
    [InlineData("{" + Postgres + """, "Validation": { "Remotes": { "north": { }, "south": { } }, "Quorum": 4 } }""", "Validation:Quorum must be from 1 to 3, not 4 [FILE line 1]")]
    public void A_bad_perspective_elsewhere_is_refused_in_one_line(string json, string expected) => A_bad_file_is_refused_in_one_line(json, expected);

    [Theory]
    [InlineData(""" "Remotes": { "north": { "Location": "40.71,-74.01" } } """, "Validation:Remotes:north:Region must be set under webpki (BR §3.2.2.9): afrinic, apnic, arin, lacnic, ripencc")]
    [InlineData(""" "Remotes": { "north": { "Region": "arin" } } """, "Validation:Remotes:north:Location must be set under webpki, where perspectives stand 500 km apart (BR §3.2.2.9): *")]
    [InlineData(""" "Remotes": { "north": {""" + Place + """} }, "Quorum": 2 """, "Validation:Quorum must be left off under webpki, * [LINE]")]
    [InlineData(""" "Remotes": { "north": {""" + Place + """} }, "Perspectives": { "other": { "Resolvers": [ "192.0.2.1" ] } } """, "Validation:Perspectives must be left off under webpki, *; set Validation:Remotes")]
    [InlineData(""" "Remotes": { "north": {""" + Place + """} }, "Caa": "respect" """, "Validation:Caa must be require under webpki (BR §3.2.2.8); leave the key off [LINE]")]
    public void What_webpki_forbids_perspectives_is_refused_in_one_line(string validation, string expected)
    {
        using var list = new TemporaryFile("// ===BEGIN ICANN DOMAINS===\ncom\n// ===END ICANN DOMAINS===\n");
        A_bad_file_is_refused_in_one_line(
            $$"""{ {{Postgres}}, "Policy": { "Preset": "webpki", "PublicSuffixList": "{{list.Path}}" }, "Validation": { {{validation}} } }""",
            expected.Replace("LINE", "FILE line 1", StringComparison.Ordinal));
    }

    [Fact]
    public void The_preset_webpki_can_be_chosen()
    {
        using var list = new TemporaryFile("// ===BEGIN ICANN DOMAINS===\ncom\n// ===END ICANN DOMAINS===\n");
        using var file = new TemporaryFile($$"""{ "Policy": { "Preset": "webpki", "PublicSuffixList": "{{list.Path}}" } }""");
        Assert.Equal(CaServer.Domain.PolicyPreset.WebPki, CaServerSettings.Load(file.Path, new Dictionary<string, string>()).Policy.Preset);
    }

    [Theory]
    [InlineData(15, null)]
    [InlineData(16, "Validation:Perspectives has, with Validation:Remotes, 16 perspectives; at most 15 check beside the first")]
    public void Fifteen_perspectives_may_check_beside_the_first(int count, string? fault)
    {
        var remotes = string.Join(", ", Enumerable.Range(1, count - 1).Select(i => $$"""
            "r{{i}}": { }
            """));
        using var file = new TemporaryFile($$"""{ {{Postgres}}, "Validation": { "Perspectives": { "other": { "Resolvers": [ "192.0.2.1" ] } }, "Remotes": { {{remotes}} } } }""");
        if (fault is null)
            Assert.Equal(count, CaServerSettings.Load(file.Path, new Dictionary<string, string>()).Validation.Quorum);
        else
            Assert.StartsWith(fault, Assert.Single(Lines(file.Path, [])), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_fault_is_told_at_once()
    {
        using var file = new TemporaryFile("""{ "Foo": 1, "Hsm": { "Sessions": 0 }, "Logging": { "Level": 3 } }""");
        Assert.Equal(3, Lines(file.Path, []).Count);
    }

    [Fact]
    public void A_missing_file_is_refused() =>
        Assert.Equal("--config names '/nowhere/caserver.json', which does not exist; give the path of an existing file", Assert.Single(Lines("/nowhere/caserver.json", [])));

    [Theory]
    [InlineData("CASERVER_Sever__PublicUrl", "x", "Sever is not a setting; did you mean Server? [CASERVER_Sever__PublicUrl]")]
    [InlineData("CASERVER_CONFIG", "x", "CONFIG is not a setting; known here: *")]
    [InlineData("CASERVER_Validation__Http01Port", "eighty", "Validation:Http01Port must be a whole number without quotes, not 'eighty' [CASERVER_Validation__Http01Port]")]
    [InlineData("CASERVER_Validation__Resolvers", "192.0.2.1", "Validation:Resolvers must be a list: *")]
    [InlineData("CASERVER_Validation__Resolvers__1", "192.0.2.1", "Validation:Resolvers must be a list: *")]
    [InlineData("CASERVER_Server", "x", "Server is a section and cannot have a value of its own; set the keys in it [CASERVER_Server]")]
    public void A_bad_variable_is_refused_in_one_line(string name, string value, string expected) =>
        AssertLike(expected, Assert.Single(Lines(null, new() { [name] = value })));

    [Fact]
    public void A_value_cannot_write_a_line_of_its_own()
    {
        using var file = new TemporaryFile("""{ "Logging": { "Level": "a\nb\u001b[2J" } }""");
        Assert.DoesNotContain(Assert.Single(Lines(file.Path, [])), char.IsControl);
    }

    private static List<string> Lines(string? file, Dictionary<string, string> environment) =>
        [.. Assert.Throws<ConfigurationException>(() => CaServerSettings.Load(file, environment)).Faults.Select(f => f.ToString())];

    /// <summary>The pattern's asterisks that stand alone between blanks, or at an end, stand for any text.</summary>
    private static void AssertLike(string pattern, string line)
    {
        var regex = System.Text.RegularExpressions.Regex.Escape(pattern).Replace(@"\ \*", " .*", StringComparison.Ordinal);
        Assert.Matches($"^{regex}$", line);
    }
}
