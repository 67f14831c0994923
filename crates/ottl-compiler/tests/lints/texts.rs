//! Patterns, globs and texts in each other's place, and values of components.

use ottl_compiler::SourceText;
use ottl_schema::ContextId::{Log, Metric, Span};

use super::{compiler, conditions, expect, statements};

#[test]
fn patterns_among_texts() {
    conditions(
        Metric,
        &[
            (r#"name == "foo.*""#, "W0312"),
            (r#"name != "^foo""#, "W0312"),
            (r#""kube-*" == resource.attributes["k8s.namespace.name"]"#, "W0312"),
            (r#"resource.attributes["service.name"] == "api|web""#, ""),
            (r#"resource.attributes["a"] == "/api/*""#, ""),
            (r#"resource.attributes["a"] == "*error*""#, "W0312"),
            (r#"resource.attributes["a"] == "*""#, ""),
            (r#"resource.attributes["a"] == "*/*""#, ""),
            (r#"resource.attributes["a"] == "^/api/.*$""#, "W0312"),
            (r#"resource.attributes["a"] == "SELECT * FROM a""#, ""),
            (r#"resource.attributes["pattern"] == "^x$""#, ""),
            (r#"unit == "By""#, ""),
            (r#"name == "http.server.duration""#, ""),
            (r#"HasPrefix(name, "foo*")"#, "W0312"),
            (r#"HasPrefix(name, "^foo")"#, "W0312"),
            (r#"HasPrefix(name, "foo.")"#, ""),
            (r#"HasPrefix(name, "* ")"#, ""),
            (r#"HasSuffix(name, "foo$")"#, "W0312"),
            (r#"HasSuffix(name, ".*foo")"#, "W0312"),
            (r#"HasSuffix(name, "_total")"#, ""),
            // What converters never give.
            (r#"Len(name) < 0"#, "W0301"),
            (r#"Len(name) >= 0"#, ""),
            (r#"Len(name) > 0"#, ""),
            (r#"Index(name, "a") < 0"#, ""),
            (r#"Index(name, "a") == -2"#, "W0301"),
            (r#"Hour(Now()) == 24"#, "W0301"),
            (r#"Hour(Now()) > 22"#, ""),
            (r#"7 == Weekday(Now())"#, "W0301"),
            (r#"ToLowerCase(name) == "A""#, "W0301"),
            (r#"ToLowerCase(name) == "a""#, ""),
            (r#"ToUpperCase(name) != "a""#, "W0301"),
            (r#"Substring(name, 0, 3) == "abcd""#, "W0301"),
            (r#"Substring(name, 0, 3) == "abc""#, ""),
            (r#"HasPrefix(ToLowerCase(name), "A")"#, "W0323"),
            (r#"IsMatch(ToLowerCase(name), "ERROR|FATAL")"#, "W0323"),
            (r#"IsMatch(ToLowerCase(name), "ERROR|fatal")"#, ""),
            (r#"IsMatch(ToLowerCase(name), "(?i)ERROR")"#, ""),
            (r#"IsMatch(ToLowerCase(name), "[A-Z]?x")"#, ""),
            (r#"URL(name)["host"] == "a""#, "W0307"),
            (r#"URL(name)["url.domain"] == "a""#, ""),
            (r#"URL(name)["query"]["a"][0] == "a""#, ""),
            (r#"IsBool(Len(name))"#, "W0324"),
            // Questions that every text fits.
            (r#"IsMatch(name, ".*")"#, "W0324"),
            (r#"IsMatch(name, "")"#, "W0324"),
            (r#"IsMatch(resource.attributes["a"], ".*")"#, ""),
            (r#"IsMatch(resource.attributes["a"], "")"#, "W0324"),
            (r#"HasPrefix(resource.attributes["a"], "")"#, "W0324"),
            (r#"IsMatch(name, "a.*")"#, ""),
            // Exchanged arguments.
            (r#"IsMatch("foo", name)"#, "W0328"),
            (r#"HasPrefix("foo", name)"#, "W0328"),
            (r#"HasSuffix("foo", resource.attributes["a"])"#, "W0328"),
            (r#"ContainsValue(["a", "b"], name)"#, ""),
            // Values that are known.
            (r#"name == "a" and IsMatch(name, "^b")"#, "W0303"),
            (r#"name == "a" and not IsMatch(name, "^a")"#, "W0303"),
            (r#"name == "a" and IsMatch(name, "^a")"#, ""),
            (r#"name != "a" or IsMatch(name, "^a")"#, "W0303"),
            (r#"name == "a" or IsMatch(name, "^b")"#, ""),
            (r#"name != "a" and IsMatch(name, "^b")"#, ""),
            (r#"name == "a" and HasPrefix(unit, "b")"#, ""),
        ],
    );
    conditions(
        Log,
        &[
            (r#"IsMatch(body, ".*")"#, "W0324"),
            (r#"IsMatch(body, ".*") and severity_number < 5 and severity_number > 0"#, ""),
            (r#"body == "*error*""#, "W0312"),
            (r#"body == "a*b""#, ""),
        ],
    );
    let table = [
        (r#"replace_match(body, "a*", "$1")"#, "W0310"),
        (r#"replace_all_matches(attributes, "a*", "${1}x")"#, "W0310"),
        (r#"replace_match(body, "a*", "$15")"#, ""),
        (r#"set(severity_text, "x") where IsMatch(body, ".*")"#, ""),
        (r#"set(body, "log.attributes[\"a\"]")"#, "W0327"),
        // What the condition says of the values.
        (r#"set(body, ParseJSON(body)) where IsMap(body)"#, "W0307"),
        (r#"set(body, ParseJSON(body)) where not IsString(body)"#, "W0307"),
        (r#"set(body, ParseJSON(body)) where IsString(body)"#, ""),
        (r#"set(body, ParseJSON(body)) where IsMap(body) or severity_number > 8"#, ""),
        (r#"set(body, ParseJSON(body)) where not IsMap(body)"#, ""),
        (r#"set(attributes["n"], attributes["n"] + 1) where IsString(attributes["n"])"#, "W0307"),
        (r#"set(attributes["n"], attributes["n"] + 1) where IsInt(attributes["n"])"#, ""),
        (r#"set(time, Unix(body)) where IsString(body)"#, "W0307"),
        (r#"merge_maps(body, attributes, "insert") where IsString(body)"#, "W0302"),
        (r#"merge_maps(body, attributes, "insert") where IsMap(body)"#, ""),
        (r#"set(body["a"], "x") where IsString(body)"#, "W0306"),
        (r#"set(body["a"], "x") where not IsMap(body)"#, ""),
        (r#"set(severity_text, body["a"]) where IsString(body) and body["a"] != nil"#, "W0306 W0306"),
        (r#"set(attributes["b"], attributes["a"]) where attributes["a"] == nil"#, "W0304"),
        (r#"set(attributes["a"], ToLowerCase(attributes["a"])) where attributes["a"] == nil"#, "W0304"),
        (r#"set(attributes["b"], Coalesce([attributes["a"], "x"])) where attributes["a"] == nil"#, ""),
        (r#"set(attributes["b"], attributes["a"]) where attributes["a"] == nil or attributes["c"] == 1"#, ""),
    ];
    statements(&table.map(|(text, want)| (Log, text, want)));
}

#[test]
fn values_of_components() {
    let table = [
        ("Seconds(Now())", true, "W0307"),
        ("Hour(end_time - start_time)", true, "W0307"),
        (r#"Format("%s %s", [name])"#, true, "W0313"),
        (r#"ExtractPatterns(name, "(?P<x>a)")["y"]"#, true, "W0310"),
        (r#"Int(ExtractPatterns(name, "(?P<x>a)")["x"])"#, true, ""),
        ("Substring(name, -1, 2)", false, "W0307"),
        ("Len(name) + 010", true, "W0314"),
        ("1 / 0", true, "W0307"),
        ("name", true, "W0302"),
        ("name", false, ""),
        ("end_time - start_time", true, "W0302"),
        ("Milliseconds(end_time - start_time)", true, ""),
        ("end_time_unix_nano - start_time_unix_nano", true, ""),
        (r#"attributes["a"]"#, true, ""),
        ("1", true, ""),
        ("nme", true, "E0203"),
    ];
    expect(table.map(|(text, is_number, want)| {
        (text, want, compiler().check_value(Span, SourceText { text, id: 0 }, is_number))
    }));
}
