//! What errors of functions say: which argument, what was wanted and what came, never a value of the data.
#![cfg(all(feature = "host", feature = "interp"))]

use ottl::{Compiler, Engine, Report, Scratch, Signal};

/// What no error may show.
const DATA: &str = "qzjxkw";

fn message() -> Vec<u8> {
    let attribute = |key: &str, value: &str| format!(r#"{{"key":"{key}","value":{value}}}"#);
    let attributes = [
        attribute("text", &format!(r#"{{"stringValue":"{DATA}"}}"#)),
        attribute("open", &format!(r#"{{"stringValue":"({DATA}"}}"#)),
        attribute("json", &format!(r#"{{"stringValue":"{{\"{DATA}\": {DATA}}}"}}"#)),
        attribute("empty", r#"{"stringValue":""}"#),
        attribute("int", r#"{"intValue":"5"}"#),
        attribute("list", &format!(r#"{{"arrayValue":{{"values":[{{"stringValue":"{DATA}"}},{{"intValue":"1"}}]}}}}"#)),
    ];
    let body = format!(r#"{{"stringValue":"{DATA}"}}"#);
    let text = format!(
        r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{{"body":{body},"attributes":[{}]}}]}}]}}]}}"#,
        attributes.join(",")
    );
    let mut bytes = Vec::new();
    ottl::otlp::json::to_protobuf(Signal::Logs, text.as_bytes(), &mut bytes).expect("OTLP/JSON");
    bytes
}

/// What the only error says, and the expression that it is in.
fn error(rules: &str, engine: Engine) -> (String, String) {
    let compiler = Compiler::new().engine(engine).expand(true).variables(|_| Some("%Y".to_owned()));
    let rules = compiler.compile(rules).unwrap_or_else(|error| panic!("{rules}: {error}"));
    let mut report = Report::new();
    let sent = rules.transform_into(Signal::Logs, &message(), &mut Scratch::new(), &mut Vec::new(), &mut report);
    assert!(sent.is_ok(), "{rules:?}: {sent:?}");
    let text = format!("{report:?} {}", serde_json::to_string(&report).expect("a report"));
    assert!(!text.contains(DATA), "{text}");
    let found = report
        .errors()
        .next()
        .map(|failure| (failure.text(), failure.expression().unwrap_or_else(|| failure.statement.text()).to_owned()));
    found.unwrap_or_else(|| panic!("{rules:?} did not fail"))
}

#[test]
fn errors_say_which_argument_and_what_was_wanted() {
    let table: &[(&str, &str)] = &[
        (r#"Concat(log.attributes["int"], ",")"#, "argument `vals`: expected list but got int64"),
        (r#"Substring(log.attributes["int"], 1, 2)"#, "argument `target`: expected string but got int64"),
        (r#"Substring(log.body, log.body, 2)"#, "argument `start`: expected int64 but got string"),
        (r#"Substring(log.body, 1, 100)"#, "start 1 with length 100 leaves the text, which has 6 bytes"),
        (r#"Time(log.body, "%Y-%m")"#, "argument `time`: the text does not fit the layout `%Y-%m`"),
        (r#"Time(log.body, "${env:LAYOUT}")"#, "argument `time`: the text does not fit the layout"),
        (r#"Time(log.attributes["int"], "%Y")"#, "argument `time`: expected string but got int64"),
        (r#"Int(log.body)"#, "argument `target`: the text is not a valid int"),
        (r#"Double(log.body)"#, "argument `target`: the text is not a valid float"),
        (r#"Int(log.attributes["list"])"#, "argument `target`: cannot convert list to int64"),
        (r#"Duration(log.body)"#, "argument `duration`: the text is not a valid duration such as `1h2m3.5s`"),
        (r#"TraceID(log.body)"#, "argument `target`: the text is not a valid trace id of 16 bytes or 32 hex digits"),
        (r#"SpanID(log.body)"#, "argument `target`: the text is not a valid span id of 8 bytes or 16 hex digits"),
        (r#"IsMatch(log.body, log.attributes["int"])"#, "argument `pattern`: expected string but got int64"),
        (
            r#"IsMatch(log.body, log.attributes["open"])"#,
            "argument `pattern`: the text is not a valid regular expression: missing closing )",
        ),
        (
            r#"ExtractPatterns(log.body, log.body)"#,
            "argument `pattern`: the pattern has no named group, such as `(?P<name>...)`",
        ),
        (
            r#"IsInCIDR("10.0.0.1", [log.body])"#,
            "argument `networks`: the text is not a valid network such as `10.0.0.0/8`",
        ),
        (r#"IsInCIDR("10.0.0.1", [log.attributes["int"]])"#, "argument `networks`: expected string but got int64"),
        (r#"ParseJSON(log.body)"#, "argument `target`: not the beginning of a JSON value (at byte 0)"),
        (r#"ParseJSON(log.attributes["json"])"#, "argument `target`: not the beginning of a JSON value (at byte 11)"),
        (
            r#"ParseJSON("{\"a\": 1 \"b\": 2}")"#,
            "argument `target`: a JSON object needs a comma or its end (at byte 8)",
        ),
        (r#"ParseJSON("[1, \"x")"#, "argument `target`: a JSON string has no end (at byte 4)"),
        (r#"ParseJSON("{\"a\": [1,")"#, "argument `target`: the JSON text ends in the middle (at byte 9)"),
        (r#"ParseJSON(log.attributes["empty"])"#, "argument `target`: there is no JSON in an empty text"),
        (r#"ParseJSON("5")"#, "argument `target`: the JSON text is neither an object nor an array"),
        (r#"ParseKeyValue(log.body)"#, "argument `target`: a pair has no delimiter (at byte 0)"),
        (r#"ParseKeyValue("a=1 'b c'=2 d")"#, "argument `target`: a pair has no delimiter (at byte 12)"),
        (r#"ParseKeyValue("a=1 b='x")"#, "argument `target`: a quote has no end (at byte 6)"),
        (r#"ParseCSV("a\"b", "x")"#, "argument `target`: a quote stands in a field without quotes (at byte 1)"),
        (r#"ParseCSV("\"a", "x")"#, "argument `target`: a quote has no end (at byte 0)"),
        (
            r#"ParseXML("<a><b></a>")"#,
            "argument `target`: an XML end tag closes another element than the open one (at byte 6)",
        ),
        (r#"ParseKeyValue(log.attributes["empty"])"#, "argument `target`: there are no pairs in an empty text"),
        (r#"URL(Concat([log.body, "://["], ""))"#, "argument `u_r_i`: the text is not a valid URL"),
        (r#"Log(0)"#, "argument `target`: a logarithm needs a number greater than zero"),
        (r#"Len(log.attributes["int"])"#, "argument `target`: expected text, bytes, list or map but got int64"),
        (r#"Index(log.body, log.attributes["int"])"#, "argument `value`: expected string but got int64"),
        (
            r#"Base64Encode(log.body, log.body)"#,
            "argument `variant`: the variant is none of base64, base64-raw, base64-url and base64-raw-url",
        ),
        (r#"Split(log.attributes["int"], ",")"#, "argument `target`: expected string but got int64"),
        (r#"Any(log.body, (k, v) => true)"#, "argument `source`: expected list or map but got string"),
        (
            r#"Filter(log.attributes["list"], (k, v) => v)"#,
            "argument `predicate`: the lambda expression returned string, which cannot be used here",
        ),
        (r#"MapEach(log.attributes["list"], (i, v) => Int(v))"#, "argument `target`: the text is not a valid int"),
        (r#"Concat([Int(log.body)], "")"#, "argument `target`: the text is not a valid int"),
        (r#"Split("a,b", ",")[2]"#, "index 2 is out of bounds: the list has 2"),
    ];
    let statements: &[(&str, &str)] = &[
        (r#"keep_keys(log.body, ["x"])"#, "argument `target`: expected map but got string"),
        (r#"merge_maps(log.attributes, log.body, "insert")"#, "argument `source`: expected map but got string"),
        (
            r#"delete_index(log.attributes["list"], 7)"#,
            "argument `start_index`: index 7 is out of bounds: the list has 2",
        ),
        (
            r#"delete_index(log.attributes["list"], 1, 9)"#,
            "argument `end_index`: index 9 is out of bounds: the list has 2",
        ),
        (
            r#"delete_index(log.attributes["list"], 1, 0)"#,
            "argument `end_index`: the end index is less than the start index",
        ),
        (r#"delete_index(log.body, 1)"#, "argument `target`: expected list but got string"),
        (
            r#"replace_pattern(log.body, log.attributes["open"], "x")"#,
            "argument `regex_pattern`: the text is not a valid regular expression: missing closing )",
        ),
        (
            r#"replace_all_patterns(log.attributes, "value", log.attributes["open"], "x")"#,
            "argument `regex_pattern`: the text is not a valid regular expression: missing closing )",
        ),
        (
            r#"replace_pattern(log.body, "q", log.attributes["int"])"#,
            "argument `replacement`: expected string but got int64",
        ),
        (
            r#"replace_match(log.body, Concat(["[", log.body], ""), "x")"#,
            "argument `pattern`: the text is not a valid glob",
        ),
        (
            r#"delete_matching_keys(log.attributes, log.attributes["open"])"#,
            "argument `pattern`: the text is not a valid regular expression: missing closing )",
        ),
    ];
    let mut wrong = Vec::new();
    let sets = table.iter().map(|(call, want)| (format!("set(log.attributes[\"x\"], {call})"), *call, *want));
    for (statement, call, want) in sets.chain(statements.iter().map(|(text, want)| ((*text).to_owned(), *text, *want)))
    {
        let rules = format!("log_statements:\n  - |-\n    {statement}\n");
        let (fast, interp) = (error(&rules, Engine::Fast), error(&rules, Engine::Interp));
        if fast != interp || fast.0 != want || !call.contains(&fast.1) {
            wrong.push(format!("{call}: {fast:?} {interp:?}, wanted {want}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn expressions_with_variables_are_those_of_the_file() {
    let rules = "log_statements: ['set(log.attributes[\"${env:A}\"], Int(log.body)) where \"${env:B}\" == \"%Y\"']";
    assert_eq!(error(rules, Engine::Fast).1, "Int(log.body)");
    let rules = "log_statements: ['set(log.attributes[\"${env:A}\"], Time(log.body, \"${env:B}\"))']";
    assert_eq!(error(rules, Engine::Fast).1, "Time(log.body, \"${env:B}\")");
}

#[test]
fn long_statements_are_shown_by_their_beginning() {
    let keys = "[\"key\"]".repeat(600);
    let rules = format!("error_mode: ignore\nlog_statements:\n  - 'set(log.attributes{keys}, 1)'\n");
    let rules = Compiler::new().compile(&rules).expect("compiles");
    let mut report = Report::new();
    let sent = rules.transform_into(Signal::Logs, &message(), &mut Scratch::new(), &mut Vec::new(), &mut report);
    assert!(sent.is_ok());
    let statement = report.statements().next().expect("one statement");
    assert!(statement.statement.text().len() > 4000);
    let shown = statement.statement.to_string();
    assert!(shown.len() < 500 && shown.ends_with("...`"), "{shown}");
    let failure = statement.failures().next().expect("deeper than values may be");
    assert_eq!(failure.first.to_string(), "limit reached: value_depth");
}
