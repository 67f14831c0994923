//! The named differences of values, functions and encodings (`spec/differences.md`): what happens today, in both engines.
//!
//! A row that changes is either a mistake or a difference less; the page has to follow.
//! Deliberately elsewhere: differences of configurations (`crates/ottl/tests/bodies.toml`), of what compiles
//! (`crates/ottl-compiler/tests/agreement.rs`), of bytes that stay (`tests/tests/engines/bytes.rs`).

use ottl::{Compiler, Engine, Signal};
use ottl_otlp::json::{self, Style};
use ottl_otlp::wire::put_len_field;

/// The record that every row starts from.
const RECORD: &str = r#"{"body":{"stringValue":"a"},"attributes":[{"key":"k","value":{"stringValue":"v"}}]}"#;

/// What a statement does to it.
enum Today {
    /// It does not compile, with this code.
    Rejected(&'static str),
    /// It fails, and the record stays.
    Fails,
    /// The record afterwards has this in it.
    Gives(&'static str),
}
use Today::{Fails, Gives, Rejected};

/// The statement, what happens here, and what happens in the reference.
const ROWS: &[(&str, Today, &str)] = &[
    (
        r#"append(log.attributes["l"], URL("http://h/p"))"#,
        Fails,
        "appends a map: URL gives one of another kind than most functions",
    ),
    (r#"append(log.attributes["l"], UserAgent("curl/8.5.0"))"#, Fails, "appends a map, as with URL"),
    (
        r#"set(log.attributes["a"], [log.attributes])"#,
        Gives(
            r#"{"key":"a","value":{"arrayValue":{"values":[{"kvlistValue":{"values":[{"key":"k","value":{"stringValue":"v"}}]}}]}}}"#,
        ),
        "the copy holds the unfinished new list as well",
    ),
    (
        r#"merge_maps(log.attributes, log.attributes, "upsert")"#,
        Gives(r#"[{"key":"k","value":{"stringValue":"v"}}]"#),
        "every value becomes empty",
    ),
    (
        r#"set(log.attributes["k"], {"a": 1})', 'set(log.attributes["k"], log.attributes)"#,
        Gives(
            r#"{"key":"k","value":{"kvlistValue":{"values":[{"key":"k","value":{"kvlistValue":{"values":[{"key":"a","#,
        ),
        "overwrites the copied map while it is copied, so that its key is k",
    ),
    (r#"set(log.body, GetXML("<a/>", "//a[contains(., 1)]"))"#, Fails, "crashes"),
    (r#"set(log.body, GetXML("<a/>", "//a[matches(., concat(\"(\", \"\"))]"))"#, Fails, "crashes"),
    (r#"set(log.body, GetXML("<a/>", "//a[namespace::b/c]"))"#, Fails, "crashes"),
    (
        r#"set(log.body, GetXML("<r><c><b/></c></r>", "//b | //c"))"#,
        Fails,
        "does not end: b is followed by c, which holds it",
    ),
    (
        r#"set(log.body, FormatTime(Time("1900-01-01", "%Y-%m-%d", "EST"), "%z"))"#,
        Gives(r#""-0519""#),
        "takes the tables of its host, where EST may still be a zone of its own: -0500",
    ),
    (
        r#"set(log.body, Format("%#v", [Unix(0)]))"#,
        Gives(r#""\"1970-01-01 00:00:00 +0000 UTC\"""#),
        "time.Date(1970, time.January, 1, 0, 0, 0, 0, time.UTC)",
    ),
    (r#"set(log.body, Format("%v", [log.attributes]))"#, Gives(r#""map[k:v]""#), "prints addresses in memory"),
    (
        r#"set(log.body, Format("%v", [ParseJSON("{\"l\":[1,\"a\"]}")["l"]]))"#,
        Gives(r#""[1 a]""#),
        "prints addresses in memory",
    ),
    (r"limit(otelcol.client.metadata, 1, [])", Fails, "does nothing, though other editors of read-only maps fail"),
    (
        r#"set(log.severity_number, 9) where Split("a,b", ",") == Split("a,b", ",")"#,
        Gives(r#""severityNumber":9"#),
        "crashes",
    ),
    (r#"replace_pattern(log.body, "a", "1", Hours)"#, Fails, "crashes"),
    (
        r#"replace_all_matches(log.attributes, "", replacement_format="")"#,
        Rejected("E0304"),
        "compiles, and crashes when it runs",
    ),
    (
        r#"set(log.body, FormatTime(Time("2023-01-01 00:00:00 XYZ +0100", "%Y-%m-%d %H:%M:%S %Z %z"), "%Z"))"#,
        Gives(r#""+0100""#),
        "remembers the name: XYZ",
    ),
    (
        r#"set(log.body, FormatTime(Time("2023-01-01 00:00:00 GMT+3", "%Y-%m-%d %H:%M:%S %Z"), "%Z"))"#,
        Gives(r#""+0300""#),
        "remembers the name: GMT+3",
    ),
];

#[test]
fn differences_are_as_the_page_says() {
    let input = format!(r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{RECORD}]}}]}}]}}"#);
    let mut wrong = Vec::new();
    for engine in [Engine::Fast, Engine::Interp] {
        for (statement, today, reference) in ROWS {
            let text = format!("log_statements: [{{context: log, statements: ['{statement}']}}]");
            let fits = match (Compiler::new().engine(engine).compile(&text), today) {
                (Err(error), Rejected(code)) => error.to_string().contains(code),
                (Err(_), _) | (Ok(_), Rejected(_)) => false,
                (Ok(rules), today) => {
                    let outcome = rules.transform_json(Signal::Logs, input.as_bytes()).expect("the message is whole");
                    let failed = outcome.report.statements().any(|row| row.counters.failed == 1);
                    let output = outcome.output.bytes(input.as_bytes()).expect("no filter");
                    let output = String::from_utf8_lossy(output);
                    match today {
                        Gives(part) => !failed && output.contains(part),
                        _ => failed && output.contains(RECORD),
                    }
                }
            };
            if !fits {
                wrong.push(format!("{engine:?}: {statement} (in the reference: {reference})"));
            }
        }
    }
    assert!(wrong.is_empty(), "the page is to be rewritten:\n{}", wrong.join("\n"));
}

#[test]
fn xpath_is_that_of_the_newest_target() {
    let input = r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{}]}]}]}"#;
    // With v0.161.0 the second node counts here, too.
    let text = r#"log_statements: [{context: log, statements: ['set(log.body, GetXML("<a><b>1</b><b>2</b></a>", "/a[2 = b]"))']}]"#;
    for target in ottl::Target::ALL {
        let rules = Compiler::new().target(target).compile(text).expect("every version has it");
        let outcome = rules.transform_json(Signal::Logs, input.as_bytes()).expect("the message is whole");
        let output = outcome.output.bytes(input.as_bytes()).expect("no filter");
        assert!(String::from_utf8_lossy(output).contains(r#""body":{"stringValue":""}"#), "{target}");
    }
}

#[test]
fn json_is_read_as_the_page_says() {
    let record = |content: &str| format!(r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{{{content}}}]}}]}}]}}"#);
    let rows = [
        // An unknown member with an empty name, and what follows it; a number that no double holds.
        (record(r#""":1,"severityNumber":9"#), Some(r#""severityNumber":9"#)),
        (record(r#""x":1e999,"severityNumber":9"#), Some(r#""severityNumber":9"#)),
        (record(r#""severityNumber":"SEVERITY_NUMBER_TRACE""#), Some(r#""severityNumber":1"#)),
        (record(r#""severityNumber":"SEVERITY_NUMBER_TRACE ""#), Some(r#""severityNumber":1"#)),
        (record(r#""body":{"doubleValue":"0x1p-2"}"#), None),
        (record(r#""body":{"intValue":36893488147419103233}"#), None),
        (record(r#""attributes":[,{}]"#), None),
        (record(r#""severityNumber":"#), None),
        ("{} {}".to_owned(), None),
    ];
    for (text, part) in rows {
        let mut message = Vec::new();
        let read = json::to_protobuf(Signal::Logs, text.as_bytes(), &mut message);
        assert_eq!(read.is_ok(), part.is_some(), "{text}: {read:?}");
        let mut out = Vec::new();
        json::from_protobuf(Signal::Logs, &message, &mut out, Style::Compact).expect("what was written can be read");
        let out = String::from_utf8_lossy(&out);
        assert!(part.is_none_or(|part| out.contains(part)), "{text}: {out}");
    }
}

#[test]
fn pieces_of_a_packed_list_append() {
    // Two packed pieces of a histogram point's bucket counts (field 6).
    let mut message = Vec::new();
    for count in [5u64, 6] {
        put_len_field(&mut message, 6, &count.to_le_bytes());
    }
    for number in [1, 9, 2, 2, 1] {
        let inner = std::mem::take(&mut message);
        put_len_field(&mut message, number, &inner);
    }
    let mut out = Vec::new();
    json::from_protobuf(Signal::Metrics, &message, &mut out, Style::Compact).expect("a message");
    let out = String::from_utf8_lossy(&out);
    assert!(out.contains(r#""bucketCounts":["5","6"]"#), "{out}");
}
