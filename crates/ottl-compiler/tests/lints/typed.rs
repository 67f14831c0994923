//! Calls, operators and conditions that types alone decide.

use ottl_compiler::Compiler;
use ottl_schema::ContextId;

use super::texts::expect;

#[test]
fn statements_whose_types_never_fit() {
    use ContextId::{DataPoint, Log, Span};
    let table = [
        // Parameters.
        (Log, r#"set(attributes["h"], Hour(attributes["t"]))"#, "W0307"),
        (Log, r#"set(attributes["h"], Hour(cache["t"]))"#, "W0307 W0321"),
        (Log, r#"set(attributes["h"], Hour(ParseJSON(body)["t"]))"#, "W0307"),
        (Log, r#"set(attributes["h"], Hour(time_unix_nano))"#, "W0307"),
        (Log, r#"set(attributes["h"], Hour(observed_time - time))"#, "W0307"),
        (Log, r#"set(attributes["h"], Hour(time + Duration("1h")))"#, ""),
        (Log, r#"set(attributes["h"], Hour(Unix(attributes["t"]))) where attributes["t"] != nil"#, ""),
        (Log, r#"set(attributes["h"], FormatTime(attributes["t"], "%Y"))"#, "W0307"),
        (Log, r#"set(attributes["h"], FormatTime(Time(attributes["t"], "%Y"), "%Y"))"#, ""),
        (Log, r#"set(attributes["h"], Milliseconds(attributes["t"]))"#, "W0307"),
        (Log, r#"set(attributes["h"], Milliseconds(Duration(attributes["t"])))"#, ""),
        (Log, r#"set(attributes["h"], Seconds(Now()))"#, "W0307"),
        (Log, r#"set(attributes["h"], Len(severity_number))"#, "W0307"),
        (Log, r#"set(attributes["h"], Len(time))"#, "W0307"),
        (Log, r#"set(attributes["h"], Len(attributes["a"]))"#, ""),
        (Log, r#"set(attributes["h"], Len(trace_id.string))"#, ""),
        (Span, r#"set(attributes["h"], Len(events))"#, ""),
        (Log, r#"set(attributes["h"], Int(attributes))"#, "W0307"),
        (Log, r#"set(attributes["h"], Int(attributes["a"]))"#, ""),
        (Log, r#"set(attributes["h"], Int(severity_text))"#, ""),
        (Log, r#"set(attributes["h"], Double(Now()))"#, "W0307"),
        (Log, r#"set(attributes["h"], String(time))"#, ""),
        (Log, r#"set(attributes["h"], Concat([time, trace_id, attributes], ","))"#, ""),
        (Log, r#"set(attributes["h"], Index(severity_number, "x"))"#, "W0307"),
        (Log, r#"set(attributes["h"], Keys(severity_text))"#, "W0307"),
        (Log, r#"set(attributes["h"], ParseJSON(attributes))"#, "W0307"),
        (Log, r#"set(attributes["h"], Split(severity_number, ","))"#, "W0307"),
        // Literals.
        (Log, r#"set(time, Time("2020-13-01", "%Y-%m-%d"))"#, "W0307"),
        (Log, r#"set(time, Time("2020-12-01", "%Y-%m-%d"))"#, ""),
        (Log, r#"set(time, Time("Feb 29", "%b %d"))"#, ""),
        (Log, r#"set(attributes["h"], Split("a,b", ",")[5])"#, "W0307"),
        (Log, r#"set(attributes["h"], Split("a,b", ",")[1])"#, ""),
        (Log, r#"set(attributes["h"], ParseJSON("{\"a\": 1}")["b"])"#, "W0307"),
        // Operators.
        (Log, r#"set(time, Now() - 5)"#, "W0307"),
        (Log, r#"set(time, Now() - Duration("5s"))"#, ""),
        (Log, r#"set(time, Now() - attributes["a"])"#, "W0307"),
        (Log, r#"set(attributes["h"], Now() + Now())"#, "W0307"),
        (Log, r#"set(attributes["h"], time - time_unix_nano)"#, "W0307"),
        (Log, r#"set(attributes["h"], Duration("5s") * 2)"#, "W0307"),
        (Log, r#"set(attributes["h"], Seconds(observed_time - time) * 2)"#, ""),
        (Span, r#"set(attributes["h"], name + 1)"#, "W0307"),
        (Span, r#"set(attributes["h"], name + kind.string)"#, "W0307"),
        (Span, r#"set(attributes["h"], attributes["a"] + name)"#, "W0307"),
        (Span, r#"set(attributes["h"], -name)"#, "W0307"),
        (Span, r#"set(attributes["h"], -attributes["a"])"#, ""),
        (DataPoint, r#"set(value_double, value_double * 1000) where value_double > 0.0"#, ""),
        (DataPoint, r#"set(value_double, attributes["a"] / 1000.0) where attributes["a"] != nil"#, ""),
        // Lists.
        (Log, r#"append(severity_text, "x")"#, "W0302"),
        (Log, r#"append(attributes, "x")"#, "W0302"),
        (Log, r#"append(time, "x")"#, "W0302"),
        (Log, r#"append(attributes["a"], "x")"#, ""),
        (Log, r#"append(body, "x")"#, ""),
        (DataPoint, r#"append(explicit_bounds, 1.0)"#, ""),
        (Log, r#"delete_index(attributes["l"], -1)"#, "W0307"),
        (Log, r#"delete_index(attributes["l"], 1, 0)"#, "W0307"),
        (Log, r#"delete_index(attributes["l"], 0, 1)"#, ""),
        (Log, r#"delete_index(attributes["l"], 2)"#, ""),
    ];
    let compiler = Compiler::new(ottl_functions::registry());
    expect(table.map(|(context, text, want)| (text, want, compiler.compile_statement(context, text))));
}

#[test]
fn conditions_whose_types_never_fit() {
    let compiler = Compiler::new(ottl_functions::registry());
    let table = [
        ("Len(body)", "W0330"),
        ("not Len(body)", "W0330"),
        (r#"severity_number > 1 and ToLowerCase(severity_text)"#, "W0330"),
        (r#"ParseJSON(body)"#, "W0330"),
        (r#"ParseJSON(body)["ok"]"#, ""),
        (r#"ExtractPatterns(body, "(?P<a>x)")["a"]"#, "W0330"),
        (r#"Coalesce([attributes["a"], false])"#, ""),
        (r#"Bool(attributes["a"])"#, ""),
        // What attributes hold is never a time, a duration or an id.
        (r#"attributes["t"] > Now()"#, "W0301"),
        (r#"attributes["d"] > Duration("5s")"#, "W0301"),
        (r#"attributes["trace"] == trace_id"#, "W0301"),
        (r#"attributes["trace"] == trace_id.string"#, ""),
        (r#"cache["t"] != time"#, "W0321 W0301"),
        (r#"body == attributes"#, ""),
    ];
    expect(table.map(|(text, want)| (text, want, compiler.compile_condition(ContextId::Log, text))));
}

#[test]
fn what_builds_on_itself_is_done_once() {
    use ContextId::{DataPoint, Log, Metric, Span};
    let compiler = Compiler::new(ottl_functions::registry());
    let table = [
        (DataPoint, r#"set(metric.name, Concat([metric.name, "_x"], ""))"#, "W0401"),
        (DataPoint, r#"set(metric.name, Concat([metric.name, "_x"], "")) where metric.name == "a""#, ""),
        (DataPoint, r#"set(metric.name, Concat([metric.name, "_x"], "")) where not IsMatch(metric.name, "_x$")"#, ""),
        (DataPoint, r#"set(metric.name, Concat([metric.name, "_x"], "")) where metric.unit == "s""#, ""),
        (DataPoint, r#"set(metric.name, Concat([metric.name, "_x"], "")) where IsMatch(metric.name, "^a")"#, "W0401"),
        (Metric, r#"set(metric.name, Concat([metric.name, "_x"], ""))"#, ""),
        (DataPoint, r#"replace_pattern(metric.name, "^", "x.")"#, "W0401"),
        (DataPoint, r#"replace_pattern(metric.name, "\\.", "_")"#, ""),
        (DataPoint, r#"set(metric.name, ToLowerCase(metric.name))"#, ""),
        (Log, r#"set(resource.attributes["n"], Concat([resource.attributes["n"], "x"], ""))"#, "W0401"),
        (Log, r#"set(resource.attributes["n"], Concat([resource.attributes["a"], "x"], ""))"#, ""),
        (Log, r#"set(resource.attributes["n"], SHA256(resource.attributes["n"]))"#, "W0401"),
        (Log, r#"set(resource.attributes["n"], resource.attributes["n"] * 1000)"#, "W0401"),
        (Log, r#"set(resource.attributes["n"], resource.attributes["n"] + 1)"#, ""),
        (Log, r#"replace_pattern(resource.attributes["k8s.pod.name"], "-[^-]+$", "")"#, "W0401"),
        (Log, r#"replace_all_patterns(resource.attributes, "value", "^", "x")"#, "W0401"),
        (Log, r#"truncate_all(resource.attributes, 10)"#, ""),
        (Log, r#"set(scope.name, Trim(scope.name))"#, ""),
        (Span, r#"delete_index(resource.attributes["l"], 0)"#, "W0401"),
        (Span, r#"set(scope.version, Format("%s-x", [scope.version]))"#, "W0401"),
    ];
    expect(table.map(|(context, text, want)| (text, want, compiler.compile_statement(context, text))));
}
