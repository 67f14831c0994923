//! Questions whose answer is known before there is a record.

use ottl_schema::ContextId::{DataPoint, Log, Metric, Span, SpanEvent};

use super::{conditions, statements};

#[test]
fn questions_that_a_path_decides() {
    statements(&[
        (Span, r#"set(name, "x") where IsMatch(kind.string, "SERVER")"#, "W0323"),
        (Span, r#"set(name, "x") where not HasPrefix(span.kind.string, "SPAN_KIND") and name == "y""#, "W0323"),
        (Span, r#"set(name, "x") where IsMatch(target=status.code, pattern="ERROR")"#, "W0323"),
        (SpanEvent, r#"set(name, "x") where HasSuffix(span.kind.string, "_SERVER")"#, "W0323"),
        (Log, r#"set(body, "x") where IsMatch(severity_number, "(?i)error|fatal")"#, "W0323"),
        (Metric, r#"set(unit, "x") where not (IsMatch(type, "Histogram") or name == "a")"#, "W0323"),
        (DataPoint, r#"set(attributes["a"], 1) where IsMatch(metric.aggregation_temporality, "^DELTA$")"#, "W0323"),
        (Log, r#"set(body, "x") where IsMatch(trace_id.string, "^[0-9]+XYZ")"#, "W0323"),
        (Span, r#"set(name, "x") where HasPrefix(span_id.string, "ABC")"#, "W0323"),
        (Span, r#"set(name, "x") where IsMatch(kind.string, "(?i)server")"#, ""),
        (Span, r#"set(name, "x") where IsMatch(kind.string, "^(Server|Consumer)$")"#, ""),
        (Log, r#"set(body, "x") where IsMatch(severity_number, "^1[0-9]$")"#, ""),
        (Log, r#"set(body, "x") where IsMatch(severity_number, "ERROR|17")"#, ""),
        (Log, r#"set(body, "x") where IsMatch(severity_text, "ERROR")"#, ""),
        (Log, r#"set(body, "x") where IsMatch(trace_id.string, "^[0-3a-f]")"#, ""),
        (Log, r#"set(body, "x") where IsMatch(attributes["level"], "ERROR")"#, ""),
        (Log, r#"set(body, "x") where IsString(severity_number)"#, "W0324"),
        (Span, r#"set(name, "x") where not IsInt(span.name)"#, "W0324"),
        (Metric, r#"set(name, "x") where IsMap(metric.unit) or name == "y""#, "W0324"),
        (Log, r#"set(body, "x") where IsString(body)"#, ""),
        (Log, r#"set(body, "x") where IsString(attributes["a"])"#, ""),
        (Span, r#"set(name, "x") where status.code == 500"#, "W0325"),
        (Span, r#"set(name, "x") where not (7 == span.kind)"#, "W0325"),
        (Log, r#"set(body, "x") where severity_number > 24 and body == "y""#, "W0325"),
        (Log, r#"set(body, "x") where severity_number >= 100"#, "W0325"),
        (Span, r#"set(kind, 9)"#, "W0325"),
        (Log, r#"set(severity_number, 25)"#, "W0325"),
        (Log, r#"set(severity_number, 24)"#, ""),
        (DataPoint, r#"set(flags, 77)"#, ""),
        (Log, r#"set(body, "x") where severity_text == severity_text"#, "W0301"),
        (Log, r#"set(body, "x") where body == body"#, ""),
    ]);
}

#[test]
fn elements_that_a_list_never_has() {
    statements(&[
        (Log, r#"set(flags, 1) where ContainsValue(["a", "b"], severity_number)"#, "W0301"),
        (Log, r#"set(flags, 1) where ContainsValue([200, 201], severity_text)"#, "W0301"),
        (Log, r#"set(flags, 1) where ContainsValue([200, 201], 200.5)"#, ""),
        (Log, r#"set(flags, 1) where ContainsValue([200, "x"], severity_text)"#, ""),
        (Log, r#"set(flags, 1) where ContainsValue(["a", "b"], attributes["a"])"#, ""),
        (Log, r#"set(flags, 1) where ContainsValue(attributes["a"], 5)"#, ""),
        (Log, r#"set(flags, 1) where ContainsValue(Split(body, ","), 5)"#, "W0301"),
        (Log, r#"set(flags, 1) where ContainsValue(Split(body, ","), "5")"#, ""),
        (Log, r#"set(flags, 1) where ContainsValue(["a", "b"], nil)"#, ""),
    ]);
}

#[test]
fn guards_that_are_not_needed() {
    statements(&[
        (Span, r#"set(name, "x") where not (name == nil) and name == "y""#, "H0301"),
        (Span, r#"set(name, "x") where not (span.name == nil or name == "y")"#, "H0301"),
        (Span, r#"set(name, "x") where IsString(name) and name == "y""#, "H0301"),
        (Span, r#"set(name, "x") where name == "y" and (kind != nil and kind == SPAN_KIND_SERVER)"#, "H0301"),
        (Span, r#"set(name, "x") where name == nil and kind == SPAN_KIND_SERVER"#, "W0301"),
    ]);
}

#[test]
fn contradictions_in_chains() {
    statements(&[
        // Chains inside chains.
        (Log, r#"set(body, "x") where (severity_text != "a" and body != "y") or severity_text != "b""#, ""),
        (Log, r#"set(body, "x") where severity_text == "a" and (body == "y" and severity_text == "b")"#, "W0303"),
        (Log, r#"set(body, "x") where severity_text == "a" and not (body == "y" or severity_text != "b")"#, "W0303"),
        (Log, r#"set(body, "x") where not (severity_text == "a" and severity_text == "b")"#, "W0303"),
        (Log, r#"set(body, "x") where IsMatch(body, "a") and not IsMatch(body, "a")"#, "W0303"),
        // The call in the inner chain never holds there, and the outer chain always holds.
        (Log, r#"set(body, "x") where IsMatch(body, "a") or not (IsMatch(body, "a") and body == "b")"#, "W0303 W0303"),
        (Log, r#"set(body, "x") where IsString(body) and IsMap(body)"#, "W0303"),
        (Log, r#"set(body, "x") where IsMatch(body, "^a") and HasPrefix(body, "b")"#, "W0303"),
        (Log, r#"set(body, "x") where IsMatch(body, "^a") and IsMatch(body, "^ab?c")"#, ""),
        (Log, r#"set(body, "x") where IsMatch(body, "^a") and IsMatch(attributes["b"], "^b")"#, ""),
        (Log, r#"set(body, "x") where not IsMatch(body, "^a") or not IsMatch(body, "^b")"#, "W0303"),
        (Log, r#"set(body, "x") where IsMatch(body, "^a") or IsMatch(body, "^b")"#, ""),
        (Log, r#"set(body, "x") where IsString(body) or IsMap(body)"#, ""),
        // Chains of the other kind.
        (
            Log,
            r#"set(body, "x") where severity_text == "a" and (severity_text == "b" or severity_text == "c")"#,
            "W0303",
        ),
        (Log, r#"set(body, "x") where severity_text == "a" and (severity_text == "b" or body == "c")"#, ""),
        (Log, r#"set(body, "x") where (body == 1 or body == 2) and (body == 3 or body == 4)"#, "W0303"),
        (Log, r#"set(body, "x") where (body == 1 or body == 2) and (body == 3 or body == 2)"#, ""),
        (
            Log,
            r#"set(body, "x") where severity_text != "a" or (severity_text == "a" and body != 1) or body == 1"#,
            "W0303",
        ),
        (Log, r#"set(body, "x") where severity_text != "a" or (severity_text == "a" and body != 1) or body == 2"#, ""),
        (Log, r#"set(body, "x") where IsMatch(body, "a") and not IsMatch(body, "b")"#, ""),
    ]);
}

#[test]
fn conditions_of_constants() {
    statements(&[
        (Log, r#"set(body, "x") where false"#, "W0308"),
        (Log, r#"set(body, "x") where 1 == 2"#, "W0308"),
        (Log, r#"set(body, "x") where "a" == "b""#, "W0308"),
        (Log, r#"set(body, "x") where not true"#, "W0308"),
        (Log, r#"set(body, "x") where severity_number > 1 and nil == 1"#, "W0308"),
        (Log, r#"set(body, "x") where severity_number > 1 or nil == 1"#, ""),
        (Log, r#"set(body, "x") where true"#, "W0319"),
    ]);
    conditions(Log, &[(r#"true"#, "W0319"), (r#"1 > 2"#, "W0308"), (r#"not (1 < 2)"#, "W0308"), (r#"1 < 2"#, "W0319")]);
}

#[test]
fn comparisons_that_types_decide() {
    conditions(
        Log,
        &[
            (r#"severity_number == "ERROR""#, "W0301"),
            (r#"severity_number != "ERROR""#, "W0301"),
            (r#""ERROR" == severity_number"#, "W0301"),
            (r#"severity_number == 17.0"#, ""),
            (r#"severity_text > 1"#, "W0301"),
            (r#"attributes["a"] == "x""#, ""),
            (r#"attributes["a"] == nil"#, ""),
            (r#"body == nil"#, ""),
            (r#"severity_text == nil"#, "W0301"),
            (r#"nil != severity_text"#, "W0301"),
            (r#"severity_text != nil and IsMatch(severity_text, "x")"#, "H0301"),
            (r#"IsMatch(severity_text, "x") and nil != severity_number and trace_id != nil"#, "H0301 H0301"),
            (r#"attributes["a"] != nil and attributes["a"] == 1"#, ""),
            (r#"severity_text != nil or body == 1"#, "W0301"),
            (r#"severity_text == nil and body == 1"#, "W0301"),
            (r#"IsMatch(body, "http*")"#, "W0312"),
            (r#"IsMatch(body, "http.*")"#, ""),
            (r#"trace_id == nil"#, "W0301"),
            (r#"trace_id == "00""#, "W0301"),
            (r#"trace_id.string == "00""#, "W0316"),
            (r#"trace_id.string != "0102030405060708090A0B0C0D0E0F10""#, "W0316"),
            (r#"trace_id.string == "0102030405060708090a0b0c0d0e0f10""#, ""),
            (r#"trace_id.string == "00000000000000000000000000000000""#, ""),
            (r#"span_id.string == """#, "W0316"),
            (r#"severity_text == "SERVER""#, ""),
            (r#"severity_number == "WARNING""#, "W0301"),
            (r#"cache["a"] == 1"#, "W0321"),
            (r#"span_id == SpanID(0x0000000000000000)"#, ""),
            (r#"span_id == trace_id"#, "W0301"),
            (r#"attributes < resource.attributes"#, "W0301"),
            (r#"Len(body) == "1""#, "W0301"),
            (r#"time > Now()"#, ""),
            (r#"Now() - time > Duration("1h")"#, ""),
            (r#"Now() - time > 3600"#, "W0301"),
        ],
    );
}

#[test]
fn filters_of_severities_that_nobody_set() {
    conditions(
        Log,
        &[
            (r#"severity_number < SEVERITY_NUMBER_INFO"#, "W0318"),
            (r#"severity_number <= 8 or body == "x""#, "W0318"),
            (r#"not (severity_number >= 9)"#, "W0318"),
            (r#"17 > severity_number"#, "W0318"),
            (r#"severity_number < 1"#, ""),
            (r#"severity_number > 8"#, ""),
            (r#"severity_number < 9 and severity_number != 0"#, ""),
            (r#"severity_number < 9 and severity_number > 0"#, ""),
            (r#"severity_number < 9 and severity_text != """#, ""),
        ],
    );
}

#[test]
fn comparisons_of_one_value() {
    conditions(
        Log,
        &[
            // With texts.
            (r#"severity_text != "a" or severity_text != "b""#, "W0303"),
            (r#"severity_text != "a" or "b" != severity_text or body == 1"#, "W0303"),
            (r#"severity_text != "a" or severity_text != "a""#, ""),
            (r#"severity_text != "a" and severity_text != "b""#, ""),
            (r#"attributes["a"] != "a" or attributes["b"] != "b""#, ""),
            (r#"attributes["a"] != "a" or attributes["a"] != "b""#, "W0303"),
            (r#"severity_text == "a" and severity_text == "b""#, "W0303"),
            (r#"severity_number == 1 and severity_number == 1.0"#, ""),
            (r#"not (severity_text != "a" or severity_text != "b")"#, "W0303"),
            // Bounds.
            (r#"attributes["a"] > 5 and attributes["a"] < 3"#, "W0303"),
            (r#"attributes["a"] > 5 and 5 > attributes["a"]"#, "W0303"),
            (r#"attributes["a"] > 5 and attributes["a"] < 6"#, ""),
            (r#"attributes["a"] > "a" and attributes["a"] < 6"#, "W0303"),
            (r#"attributes["a"] > "a" and attributes["a"] < "b""#, ""),
            (r#"attributes["a"] >= 5 or attributes["a"] < 5"#, ""),
            (r#"severity_number >= 5 or severity_number < 5"#, "W0303"),
            (r#"severity_number > 4 or severity_number <= 4.0"#, "W0303"),
            (r#"severity_number > 4 or severity_number < 4"#, ""),
            (r#"attributes["a"] != nil and attributes["a"] == nil"#, "W0303"),
            (r#"attributes["a"] != nil or attributes["a"] == nil"#, "W0303"),
            (r#"attributes["a"] == nil and attributes["a"] == """#, "W0303"),
            (r#"attributes["a"] == nil and attributes["a"] != """#, ""),
            (r#"attributes["a"] == 1 and attributes["a"] != 1"#, "W0303"),
            (r#"attributes["a"] == 1 and not (attributes["a"] != 2)"#, "W0303"),
            (r#"attributes["a"] != 1 and not (attributes["a"] != 2)"#, ""),
            (r#"attributes["a"] == 1 and attributes["a"] > 0"#, ""),
            (r#"attributes["a"] >= 1 and attributes["a"] <= 1 and attributes["a"] != 1"#, "W0303"),
            (r#"attributes["a"] >= 1 and attributes["b"] <= 1 and attributes["a"] < 1"#, "W0303"),
            (r#"attributes["a"] == true and attributes["a"] == false"#, "W0303"),
            (r#"attributes["a"] != true and attributes["a"] != false"#, ""),
            (r#"attributes["a"] == 9007199254740993 and attributes["a"] == 9007199254740992.0"#, ""),
            (r#"body == {"a": 1, "b": 2} and body == {"a": 1, "c": 3}"#, ""),
            (r#"Len(body) == 1 and Len(body) == 2"#, ""),
        ],
    );
}

#[test]
fn constants_that_leave_one_answer() {
    conditions(
        Log,
        &[
            (r#"attributes["a"] > nil"#, "W0301"),
            (r#"nil < attributes["a"]"#, "W0301"),
            (r#"attributes["a"] >= nil"#, ""),
            (r#"attributes["a"] < """#, "W0301"),
            (r#"attributes["a"] < false"#, "W0301"),
            (r#"attributes["a"] > "a""#, ""),
            (r#"severity_number > 4"#, ""),
            (r#"severity_number > 24"#, "W0325"),
            (r#"24 < severity_number"#, "W0325"),
            (r#"severity_number >= 24"#, ""),
            (r#"severity_number >= 0"#, "W0318"),
            (r#"severity_number < 0"#, "W0325"),
            (r#"severity_number > 0"#, ""),
            (r#"flags > 24"#, ""),
        ],
    );
}
