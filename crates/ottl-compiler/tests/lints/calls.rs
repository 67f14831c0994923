//! Calls, operators and keys that types or literals decide, and units of time.

use ottl_schema::ContextId::{DataPoint, Log, Span};

use super::{conditions, statements};

#[test]
fn statements_whose_types_never_fit() {
    statements(&[
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
    ]);
}

#[test]
fn conditions_whose_types_never_fit() {
    conditions(
        Log,
        &[
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
        ],
    );
}

#[test]
fn arguments_of_other_types() {
    statements(&[
        (Log, r#"set(severity_text, ParseSeverity(body, attributes["levels"]))"#, "W0307"),
        (Log, r#"set(severity_text, ParseSeverity(body, {"x": [{"equals": [severity_text]}]}))"#, "W0307"),
        (Log, r#"set(severity_text, ParseSeverity(body, {"x": [{"equals": ["a"]}]}))"#, ""),
        (Log, r#"set(body, HasPrefix(severity_number, "1"))"#, "W0307"),
        (Log, r#"set(body, IsString(severity_number))"#, "W0324"),
        (Log, r#"set(body, String(severity_number))"#, ""),
        (Log, r#"set(body, UnixSeconds(time_unix_nano))"#, "W0307"),
        (Log, r#"delete_key(attributes, severity_number)"#, "W0307"),
        // Editors of texts.
        (Log, r#"replace_pattern(attributes, "a", "b")"#, "W0307"),
        (Log, r#"replace_match(severity_number, "a", "b")"#, "W0307"),
        (Log, r#"replace_pattern(attributes["a"], "a", "b")"#, ""),
        (Log, r#"replace_pattern(body, "a", "b")"#, ""),
    ]);
}

#[test]
fn calls_that_fail_by_their_literals() {
    statements(&[
        (Log, r#"set(body, ExtractPatterns(body, "a(b)"))"#, "W0307"),
        (Log, r#"set(body, ExtractPatterns(body, "a(?P<b>b)"))"#, ""),
        (Log, r#"set(body, Substring(body, -1, 3))"#, "W0307"),
        (Log, r#"set(body, Substring(body, 0, 0))"#, "W0307"),
        (Log, r#"set(body, Substring(body, 0, 100000))"#, ""),
        (Log, r#"set(body, Substring(body, 2, severity_number))"#, ""),
        (Log, r#"set(body, ParseInt(body, 99))"#, "W0307"),
        (Log, r#"set(body, ParseInt(body, 16))"#, ""),
        (Log, r#"set(body, Log(0))"#, "W0307"),
        (Log, r#"set(body, Log(2))"#, ""),
        (Log, r#"set(time, time + Duration("5"))"#, "W0307"),
        (Log, r#"set(time, time + Duration("5s"))"#, ""),
        (Log, r#"set(body, Int(Log(0)))"#, "W0307"),
        (Log, r#"set(body, severity_number / 0)"#, "W0307"),
        (Log, r#"set(body, severity_number / 2)"#, ""),
        (Log, r#"set(body, IsInCIDR(body, ["10.0.0.0/8"]))"#, ""),
        (Log, r#"set(body, UUID())"#, ""),
        (Log, r#"set(body, URL("http://a"))"#, ""),
    ]);
}

#[test]
fn keys_of_other_types() {
    statements(&[
        (Log, r#"set(attributes[0], 1)"#, "W0306"),
        (Log, r#"set(attributes[1.5], 1)"#, "W0306"),
        (Log, r#"set(attributes[severity_number], 1)"#, "W0306"),
        (Log, r#"set(attributes[severity_text], 1)"#, ""),
        (Log, r#"set(attributes["a"][0], 1)"#, ""),
        (Log, r#"set(body[true == false], 1)"#, "E0102"),
        (Log, r#"set(body, Split(body.string, ",")["a"])"#, "W0306"),
        (Log, r#"set(body, Split(body.string, ",")[-1])"#, "W0306"),
        (Log, r#"set(body, attributes["a"][-1]) where attributes["a"] != nil"#, "W0306"),
        (Log, r#"set(body, Concat(ExtractPatterns(body.string, "(?P<a>x)")["a"], ","))"#, "W0307"),
        (Log, r#"set(body, Concat([Split(body.string, ",")[0]], ","))"#, ""),
        (Log, r#"set(severity_number, Split(body.string, ",")[0])"#, "W0302"),
        (Log, r#"set(body, Split(body.string, ",")[0])"#, ""),
        (Span, r#"set(name, trace_state[0])"#, "W0304 W0306"),
        (Span, r#"set(trace_state[name], "x")"#, "W0306"),
    ]);
}

#[test]
fn units_of_time() {
    statements(&[
        (Log, r#"set(time_unix_nano, UnixSeconds(observed_time))"#, "W0332"),
        (Log, r#"set(observed_time_unix_nano, UnixMilli(Now()))"#, "W0332"),
        (Log, r#"set(time_unix_nano, UnixMilli(Now()) * 1000000)"#, ""),
        (Log, r#"set(time_unix_nano, UnixMilli(Now()) + 5)"#, "W0332"),
        (Log, r#"set(time_unix_nano, UnixNano(Now()))"#, ""),
        (Log, r#"set(time_unix_nano, UnixNano(Now()) - 5)"#, ""),
        (Log, r#"set(time_unix_nano, observed_time_unix_nano)"#, ""),
        (Log, r#"set(time, Unix(time_unix_nano))"#, "W0332"),
        (Log, r#"set(time, Unix(time_unix_nano / 1000000000))"#, ""),
        (Log, r#"set(time, Unix(0, time_unix_nano))"#, ""),
        (Log, r#"set(time, Unix(0, UnixMilli(time)))"#, "W0332"),
        (Log, r#"set(time, Unix(UnixSeconds(time)))"#, ""),
        (Log, r#"set(time, Unix(Int(attributes["ts"])))"#, ""),
        (Log, r#"set(flags, 1) where time_unix_nano < UnixSeconds(Now())"#, "W0332"),
        (Log, r#"set(flags, 1) where time_unix_nano < UnixNano(Now())"#, ""),
        (Log, r#"set(flags, 1) where time_unix_nano < 1700000000"#, ""),
        (Span, r#"set(attributes["a"], end_time_unix_nano - start_time_unix_nano)"#, ""),
        (Span, r#"set(attributes["a"], UnixMilli(end_time) - UnixSeconds(start_time))"#, "W0332"),
        (Span, r#"set(attributes["a"], (end_time_unix_nano - start_time_unix_nano) / 1000000)"#, ""),
        (
            Span,
            r#"set(attributes["a"], 1) where Milliseconds(end_time - start_time) > Seconds(Duration("1s"))"#,
            "W0332",
        ),
        (Span, r#"set(attributes["a"], 1) where Milliseconds(end_time - start_time) > 500"#, ""),
    ]);
}
