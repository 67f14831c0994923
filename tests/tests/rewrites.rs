//! What the fast engine makes of conditions before it runs them: both engines in every configuration, over records on which each
//! condition meets every kind of value, and what is counted for statements that were left out.

use ottl_engine::fast::Engine;
use ottl_plan::Plan;
use ottl_schema::Signal;
use ottl_suite::{engines, messages, rules};

/// Conditions that `fold`, `normalise`, `prune` and `order` look at.
const CONDITIONS: &[&str] = &[
    // Constants.
    r#"1 + 1 == 2"#,
    r#"1 / 0 == 2"#,
    r#"attributes["n"] == 2 - 1"#,
    r#"attributes["n"] == Concat(["x"], "")"#,
    r#"Int(Concat(["x"], "")) == nil"#,
    r#"attributes["n"] == 1 or Int(Concat(["x"], "")) == 1"#,
    r#"attributes["n"] == 1 and 1 + 1 == 3"#,
    r#"Int(attributes["n"]) == 1 and 1 + 1 == 3"#,
    r#"1 + 1 == 3 and 1 / 0 == 1"#,
    r#"1 + 1 == 2 or 1 / 0 == 1"#,
    r#"Len("abc") == 3 and attributes["n"] != nil"#,
    r#"Split("a,b", ",")[1] == "b" and attributes["n"] == nil"#,
    r#"Split("a,b", ",")[7] == "b""#,
    r#"Duration("1h") + Duration("1h") == Duration("2h")"#,
    r#"-(1 - 2) == attributes["n"]"#,
    // Forms that say the same.
    r#"not (attributes["n"] == 1)"#,
    r#"not (attributes["n"] != 1)"#,
    r#"not (attributes["n"] < 1)"#,
    r#"not (not (attributes["n"] < 1))"#,
    r#"not (attributes["n"] == nil)"#,
    r#"1 < attributes["n"]"#,
    r#"1.0 >= attributes["n"]"#,
    r#""x" == attributes["n"]"#,
    r#"nil == attributes["n"]"#,
    r#"{"k": 1} == attributes["n"]"#,
    r#"attributes["n"] != nil and (attributes["n"] != 1 and attributes["n"] != "x")"#,
    r#"attributes["n"] == 1 or (attributes["n"] == "x" or Int(attributes["n"]) == 7)"#,
    r#"IsMatch(attributes["n"], "x") == true"#,
    r#"IsMatch(attributes["n"], "x") != true"#,
    r#"true == IsMatch(attributes["n"], "x")"#,
    r#"false == IsMatch(attributes["n"], "x")"#,
    r#"IsMatch(attributes["n"], "x") == false and attributes["n"] != 1"#,
    r#"HasPrefix(attributes["n"], "x") == false"#,
    r#"IsMatch(attributes["n"], "x") != true or 2 * 0 == 2"#,
    r#"not (not (IsMatch(attributes["n"], "x") == false))"#,
    r#"IsString(attributes["n"]) == 1"#,
    // What holds always or never.
    r#"attributes["n"] > 5 and attributes["n"] < 3"#,
    r#"attributes["n"] != 1 or attributes["n"] != 2"#,
    r#"attributes["n"] == 1 and not (attributes["n"] == 1.0)"#,
    r#"attributes["n"] == nil and attributes["n"] == 0x01"#,
    r#"attributes["n"] >= 1 or attributes["n"] < 1"#,
    r#"attributes["n"] > nil"#,
    r#"severity_text == "a" and severity_text == "b""#,
    r#"Int(attributes["n"]) == 1 and attributes["n"] > 5 and attributes["n"] < 3"#,
    r#"attributes["n"] > 5 and Int(attributes["n"]) == 1 and attributes["n"] < 3"#,
    r#"attributes["n"]["k"] == 1 and attributes["n"]["k"] == 2"#,
    r#"body == "x" and body == "y""#,
    // Searches behind which something cheap stands.
    r#"IsMatch(attributes["n"], "(?i)x+y|x") and severity_number < 9"#,
    r#"IsMatch(attributes["n"], "(?i)x+y|x") or severity_number < 9"#,
    r#"not IsMatch(attributes["n"], "(?i)x+y|x") and severity_number < 9"#,
    r#"IsMatch(body, "(?i)x+y|x") and IsMatch(attributes["n"], "(?i)y") and severity_number < 9"#,
    r#"IsMatch(body, "(?i)x+y|x") and attributes["n"] == 1"#,
    r#"HasSuffix(attributes["n"], "x") and severity_number < 9"#,
    r#"attributes["n"] != nil and HasPrefix(attributes["n"], "x")"#,
    r#"HasPrefix(severity_text, "w")"#,
    r#"IsMatch(attributes["n"], "x+y|x") and resource.attributes["r"] == "b""#,
    // Lengths, and guards that cannot fail.
    r#"Len(attributes["n"]) > 0"#,
    r#"Len(attributes["n"]) == 1 or severity_number < 9"#,
    r#"1 >= Len(attributes["n"])"#,
    r#"not (Len(attributes["n"]) != 1)"#,
    r#"Len(attributes["n"]) > 0.5"#,
    r#"Len(body) < 100 and IsString(attributes["n"])"#,
    r#"IsString(attributes["n"]) and Len(attributes["n"]) < 2"#,
    r#"attributes["n"] != nil and Len(attributes["n"]) < 2"#,
    r#"Len(severity_text) <= 0 and IsString(attributes["n"]) and Int(attributes["n"]) == 7"#,
    r#"IsString(attributes["n"]) and IsMatch(attributes["n"], "^(x|y)$")"#,
];

/// Records whose attribute `n` is of every kind, or is not there.
fn message() -> Vec<u8> {
    let values = [
        r#""intValue":"1""#,
        r#""intValue":"7""#,
        r#""doubleValue":1"#,
        r#""doubleValue":"NaN""#,
        r#""stringValue":"x""#,
        r#""stringValue":"XXy""#,
        r#""stringValue":"""#,
        r#""boolValue":true"#,
        r#""bytesValue":"""#,
        r#""bytesValue":"eA==""#,
        r#""kvlistValue":{"values":[{"key":"k","value":{"intValue":"1"}}]}"#,
        r#""arrayValue":{"values":[{"stringValue":"x"},{"doubleValue":"NaN"}]}"#,
        "",
    ];
    let record = |(at, value): (usize, &&str)| {
        let (number, text) = (at % 3 * 5, ["", "warn", "a"][at % 3]);
        format!(
            r#"{{"severityNumber":{number},"severityText":"{text}","body":{{{value}}},
               "attributes":[{{"key":"o","value":{{}}}},{{"key":"n","value":{{{value}}}}}]}}"#
        )
    };
    let records: Vec<String> = values.iter().enumerate().map(record).chain(["{}".to_owned()]).collect();
    let all = records.join(",");
    let group = |name| {
        format!(
            r#"{{"resource":{{"attributes":[{{"key":"r","value":{{"stringValue":"{name}"}}}}]}},
               "scopeLogs":[{{"logRecords":[{all}]}}]}}"#
        )
    };
    let text = format!(r#"{{"resourceLogs":[{},{}]}}"#, group("a"), group("b"));
    messages::protobuf(Signal::Logs, text)
}

fn compiled(processor: &str, body: &str) -> Plan {
    rules::plan(processor, Signal::Logs, body)
}

/// Demands that the engines agree in every configuration; the numbers of evaluations of each text.
fn agree(plan: &Plan, message: &[u8]) -> Vec<u64> {
    let report = engines::agreed(plan, message, &format!("{:?}", plan.sources)).report;
    report.sources.iter().map(|source| source.evaluated).collect()
}

fn quoted(condition: &str) -> String {
    condition.replace('\'', "''")
}

#[test]
fn conditions_mean_the_same_in_every_form() {
    let message = message();
    for condition in CONDITIONS {
        let text = quoted(condition);
        for mode in ["ignore", "propagate"] {
            let filter = format!("error_mode: {mode}\nlog_conditions:\n  - context: log\n    conditions: ['{text}']");
            agree(&compiled("filter", &filter), &message);
            let transform = format!(
                "error_mode: {mode}\nlog_statements:\n  - context: log\n    statements: ['set(severity_text, \"hit\") where {text}']"
            );
            agree(&compiled("transform", &transform), &message);
        }
    }
}

#[test]
fn many_of_them_together_mean_what_each_does() {
    let statements: String =
        CONDITIONS.iter().map(|one| format!("      - 'set(attributes[\"hit\"], 1) where {}'\n", quoted(one))).collect();
    let transform = format!("log_statements:\n  - context: log\n    statements:\n{statements}");
    agree(&compiled("transform", &transform), &message());
    let conditions: String = CONDITIONS.iter().map(|one| format!("      - '{}'\n", quoted(one))).collect();
    let filter = format!("log_conditions:\n  - context: log\n    conditions:\n{conditions}");
    agree(&compiled("filter", &filter), &message());
}

#[test]
fn what_is_left_out_counts_as_evaluated() {
    let message = message();
    let transform = r#"
log_statements:
  - context: log
    statements:
      - 'set(severity_text, "a") where 1 + 1 == 3'
      - 'set(severity_text, "b") where severity_number == 5'
      - 'set(severity_text, "c") where false'
  - context: log
    conditions: ['attributes["n"] > 5 and attributes["n"] < 3', 'false']
    statements:
      - 'set(severity_text, "d")'
"#;
    // By the order of the texts: the conditions of a group come before its statements.
    assert_eq!(agree(&compiled("transform", transform), &message), [28, 28, 28, 28, 28, 0]);
    let filter = r#"
log_conditions:
  - context: log
    conditions: ['false', 'severity_number == 5', 'attributes["n"] > 5 and attributes["n"] < 3']
"#;
    // Eight records are dropped by the second one.
    assert_eq!(agree(&compiled("filter", filter), &message), [28, 28, 20]);
}

/// Where a filter asks the bytes of records, those that are written as few are give the same answers, or none.
#[test]
fn records_of_any_encoding_are_asked_alike() {
    let text = r#"{"resourceLogs":[{"resource":{"attributes":[{"key":"r","value":{"stringValue":"b"}}]},"scopeLogs":[{"logRecords":[
        {"severityNumber":5,"severityText":"a","attributes":[{"key":"o","value":{"intValue":"3"}},{"key":"n","value":{"stringValue":"x"}}]},
        {"severityNumber":9,"attributes":[{"key":"n","value":{"intValue":"1"}},{"key":"n","value":{"stringValue":"x"}}]}]}]}]}"#;
    let message = messages::protobuf(Signal::Logs, text);
    let conditions = r#"
  - 'IsMatch(log.attributes["n"], "^(x|y)$") and log.severity_number < SEVERITY_NUMBER_INFO'
  - 'log.attributes["n"] == 1 and resource.attributes["r"] == "b" or log.severity_text == "q"'"#;
    let (mut sound, mut dropped) = (0, 0);
    for mode in ["ignore", "propagate"] {
        let plan = compiled("filter", &format!("error_mode: {mode}\nlog_conditions:{conditions}"));
        assert!(ottl_engine::Engine::explain(&Engine::new(&plan)).contains("of the bytes of each record"));
        for at in 0..message.len() {
            for byte in [0x00, 0x7f, 0x80, 0xff, message[at] ^ 1, message[at] ^ 2, message[at] ^ 4, message[at] ^ 8] {
                let mut other = message.clone();
                other[at] = byte;
                let (fast, interp) = engines::both(&Engine::new(&plan), &other, engines::MEMORY);
                assert_eq!(engines::difference(&plan, &other, &fast, &interp), None, "{at} {byte}");
                sound += usize::from(ottl_otlp::schema::validate(Signal::Logs, &other).is_ok());
                dropped += usize::from(interp.report.dropped.log_records > 0);
            }
        }
    }
    assert!(sound > 200 && dropped > 200, "{sound} {dropped}");
}
