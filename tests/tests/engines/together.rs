//! Conditions that ask several questions about one attribute or field, which are one question of the screen.

use ottl_schema::Signal;
use ottl_suite::{engines, messages};

use super::renames::{records, values_first};
use super::statements;

const PARTS: [&str; 14] = [
    r#"attributes["old"] != nil"#,
    r#"attributes["old"] == nil"#,
    r#"attributes["old"] == "v5""#,
    r#"attributes["old"] != "v5""#,
    r#"attributes["old"] == 5"#,
    r#"attributes["old"] >= 5"#,
    r#"attributes["old"] < 5.6"#,
    r#"attributes["old"] != true"#,
    r#"attributes["old"] > "a""#,
    r#"IsString(attributes["old"])"#,
    r#"IsMatch(attributes["old"], "^v")"#,
    r#"HasPrefix(attributes["old"], "v")"#,
    r#"Len(attributes["old"]) > 2"#,
    r#"attributes["new"] == "n""#,
];

const PARTS_OF_FIELDS: [&str; 10] = [
    r#"body != nil"#,
    r#"body == nil"#,
    r#"body == "v5""#,
    r#"IsString(body)"#,
    r#"IsMatch(body, "v")"#,
    r#"HasSuffix(body, "5")"#,
    r#"Len(body) > 2"#,
    r#"severity_number >= SEVERITY_NUMBER_INFO"#,
    r#"severity_number < SEVERITY_NUMBER_WARN"#,
    r#"severity_number != 0"#,
];

/// Records with bodies of all kinds, severities, and both.
fn records_with_fields() -> Vec<u8> {
    let bodies = [
        "",
        r#""body":{}"#,
        r#""body":{"stringValue":""}"#,
        r#""body":{"stringValue":"v5"}"#,
        r#""body":{"stringValue":"nothing"}"#,
        r#""body":{"intValue":"5"}"#,
        r#""body":{"boolValue":true}"#,
        r#""body":{"bytesValue":"djU="}"#,
        r#""body":{"arrayValue":{"values":[{"stringValue":"v5"}]}}"#,
        r#""body":{"kvlistValue":{"values":[{"key":"v","value":{"intValue":"5"}}]}}"#,
    ];
    let mut records = Vec::new();
    for body in bodies {
        for severity in [0, 1, 9, 12, 13, 24] {
            let severity = format!(r#""severityNumber":{severity}"#);
            let parts: Vec<&str> = [severity.as_str(), body].into_iter().filter(|part| !part.is_empty()).collect();
            records.push(format!("{{{}}}", parts.join(",")));
        }
    }
    let text = format!(r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{}]}}]}}]}}"#, records.join(","));
    messages::protobuf(Signal::Logs, text)
}

#[test]
fn conditions_of_several_parts_about_fields_hold_where_all_parts_do() {
    let message = records_with_fields();
    let pairs = PARTS_OF_FIELDS.iter().flat_map(|first| PARTS_OF_FIELDS.map(|second| format!("{first} and {second}")));
    let all: Vec<String> = pairs.collect();
    let rewrite = r#"replace_pattern(body, "v", "vvvv") where severity_number == 13"#;
    for conditions in all.chunks(20) {
        let rule = |(i, condition): (usize, &String)| format!(r#"set(attributes["out{i}"], true) where {condition}"#);
        let texts: Vec<String> = conditions.iter().enumerate().map(rule).collect();
        let texts: Vec<&str> = [rewrite].into_iter().chain(texts.iter().map(String::as_str)).collect();
        engines::agreed(&statements(&texts), &message, &format!("{conditions:#?}"));
        engines::agreed(&statements(&texts[1..]), &message, &format!("{conditions:#?}"));
    }
}

#[test]
fn conditions_of_several_parts_hold_where_all_parts_do() {
    let message = records();
    let values_first = values_first(&message);
    let pairs = PARTS.iter().flat_map(|first| PARTS.iter().map(move |second| format!("{first} and {second}")));
    let triples = PARTS
        .iter()
        .zip(PARTS.iter().cycle().skip(5))
        .flat_map(|(first, second)| PARTS[..6].iter().map(move |third| format!("{first} and {second} and {third}")));
    let all: Vec<String> = pairs.chain(triples).collect();
    for conditions in all.chunks(24) {
        let texts: Vec<String> = (conditions.iter().enumerate())
            .map(|(i, condition)| format!(r#"set(attributes["out{i}"], true) where {condition}"#))
            .collect();
        let plan = statements(&texts.iter().map(String::as_str).collect::<Vec<_>>());
        for message in [&message, &values_first] {
            engines::agreed(&plan, message, &format!("{conditions:#?}"));
        }
    }
}
