//! What is doubted and what is not: statements and conditions with the codes of their warnings.

mod group;
mod texts;
mod typed;

use ottl_compiler::{Compiler, GroupSpec, SourceText, TransformOptions};
use ottl_core::{Gate, Target};
use ottl_schema::{ContextId, Signal};

#[test]
fn statements() {
    use ContextId::{DataPoint, Log, Metric, Resource, Span, SpanEvent};
    let table = [
        // Units of time.
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
        // Texts that are taken as they are, or letter by letter.
        (Log, r#"set(attributes["a"], Split(body, "\\s+"))"#, "W0312"),
        (Log, r#"set(attributes["a"], Split(body, "\\|")[0])"#, "W0312"),
        (Log, r#"set(attributes["a"], Split(body, "|"))"#, ""),
        (Log, r#"set(attributes["a"], Split(body, "\\"))"#, ""),
        (Log, r#"set(attributes["a"], Trim(body, "\\s"))"#, "W0312"),
        (Log, r#"set(attributes["a"], Trim(body, " \t\n"))"#, ""),
        (Log, r#"set(attributes["a"], Trim(body, "https"))"#, "W0333"),
        (Log, r#"set(attributes["a"], Trim(body, "\""))"#, ""),
        (Log, r#"set(attributes["a"], Trim(body))"#, ""),
        (Log, r#"set(flags, 1) where IsMatch(body, "/error/i")"#, "W0312"),
        (Log, r#"set(flags, 1) where IsMatch(attributes["url.path"], "/shop/i")"#, ""),
        (Log, r#"set(flags, 1) where IsMatch(attributes["url.path"], "/shop|cart/i")"#, "W0312"),
        (Log, r#"replace_pattern(body, "/\\d+/g", "x")"#, "W0312"),
        (Log, r#"replace_pattern(body, "/users/\\d+/", "/users/x/")"#, ""),
        (Log, r#"replace_pattern(attributes["path"], "/[0-9]+/i", "/n/i") where attributes["path"] != nil"#, ""),
        (Log, r#"set(attributes["c"], Concat(attributes["a"], attributes["b"]))"#, "W0307"),
        (Log, r#"set(attributes["c"], Concat(attributes["a"], ","))"#, ""),
        (Log, r#"set(attributes["c"], Concat([attributes["a"], attributes["b"]], ","))"#, ""),
        // Formats of replacements.
        (Log, r#"replace_pattern(body, "(a)", "$1", SHA256, "x")"#, "W0313"),
        (Log, r#"replace_pattern(body, "(a)", "$1", SHA256, "%d %s")"#, "W0313"),
        (Log, r#"replace_pattern(body, "(a)", "$1", SHA256, "<%s>")"#, ""),
        (Log, r#"replace_pattern(body, "(a)", "$1", SHA256)"#, ""),
        (Log, r#"replace_pattern(body, "(a)", "$1", replacement_format = "<%s>")"#, "W0313"),
        (Log, r#"replace_all_patterns(attributes, "value", "(a)", "$1", SHA256, "x")"#, "W0313"),
        // Elements of lists.
        (Log, r#"set(flags, 1) where ContainsValue(["a", "b"], severity_number)"#, "W0301"),
        (Log, r#"set(flags, 1) where ContainsValue([200, 201], severity_text)"#, "W0301"),
        (Log, r#"set(flags, 1) where ContainsValue([200, 201], 200.5)"#, ""),
        (Log, r#"set(flags, 1) where ContainsValue([200, "x"], severity_text)"#, ""),
        (Log, r#"set(flags, 1) where ContainsValue(["a", "b"], attributes["a"])"#, ""),
        (Log, r#"set(flags, 1) where ContainsValue(attributes["a"], 5)"#, ""),
        (Log, r#"set(flags, 1) where ContainsValue(Split(body, ","), 5)"#, "W0301"),
        (Log, r#"set(flags, 1) where ContainsValue(Split(body, ","), "5")"#, ""),
        (Log, r#"set(flags, 1) where ContainsValue(["a", "b"], nil)"#, ""),
        // Types of writes.
        (Log, r#"set(severity_number, "ERROR")"#, "W0302"),
        (Log, r#"set(severity_number, 1.0)"#, "W0302"),
        (Log, r#"set(severity_number, nil)"#, "W0302"),
        (Log, r#"set(severity_number, Int(body))"#, ""),
        (Log, r#"set(severity_number, ParseJSON(body))"#, ""),
        (Log, r#"set(time, time_unix_nano)"#, "W0302"),
        (Log, r#"set(time, observed_time)"#, ""),
        (Log, r#"set(time, attributes["ts"])"#, "W0302"),
        (Log, r#"set(time, body)"#, "W0302"),
        (Log, r#"set(time, body["ts"]) where body["ts"] != nil"#, "W0302"),
        (Log, r#"set(time, Time(attributes["ts"], "%Y"))"#, ""),
        (Log, r#"set(trace_id, attributes["id"])"#, "W0302"),
        (Span, r#"set(start_time, attributes["ts"])"#, "W0302"),
        (DataPoint, r#"set(time, attributes["ts"])"#, "W0302"),
        (DataPoint, r#"set(exemplars, 1)"#, "W0302"),
        (Span, r#"set(status, "ERROR")"#, "W0302"),
        (Span, r#"set(status, STATUS_CODE_ERROR)"#, "W0302"),
        (Span, r#"set(status, attributes["status"])"#, "W0302"),
        (SpanEvent, r#"set(span.status.code, STATUS_CODE_ERROR) where span.status == 2"#, "W0301"),
        (Span, r#"set(name, "x") where status == "ERROR""#, "W0301"),
        (Span, r#"set(name, "x") where STATUS_CODE_ERROR == status"#, "W0301"),
        (Span, r#"set(name, "x") where status.code == STATUS_CODE_ERROR"#, ""),
        (Span, r#"set(name, "x") where status != nil and name == "y""#, ""),
        (Log, r#"set(attributes, {})"#, ""),
        (Log, r#"set(attributes, nil)"#, ""),
        (Log, r#"set(attributes, "x")"#, "W0302"),
        (Log, r#"set(attributes["a"], time)"#, "W0302"),
        (Log, r#"set(attributes["a"], trace_id)"#, "W0302"),
        (Log, r#"set(attributes["a"], nil)"#, ""),
        (Log, r#"set(body, Duration("1h"))"#, "W0302"),
        (Log, r#"set(body, [1])"#, ""),
        (Log, r#"set(body.string, 1)"#, "W0302"),
        (Log, r#"set(trace_id, trace_id.string)"#, "W0302"),
        (Log, r#"set(otelcol.client.addr, "x")"#, "W0302"),
        (Log, r#"delete_key(severity_text, "x")"#, "W0302"),
        (Log, r#"delete_key(body, "x")"#, ""),
        (Log, r#"delete_index(attributes, 0)"#, "W0302"),
        (DataPoint, r#"set(value_double, 1)"#, "W0302"),
        (DataPoint, r#"set(explicit_bounds, "x")"#, "W0302"),
        // Writes without an effect.
        (Metric, r#"set(type, "x")"#, "W0309"),
        (Log, r#"set(severity_text, severity_text)"#, "W0309"),
        (Log, r#"set(severity_text, log.severity_text) where body == "x""#, "W0309"),
        (Log, r#"set(time, time)"#, "W0309"),
        (Log, r#"set(trace_id, trace_id)"#, "W0309"),
        (Log, r#"set(scope.name, scope.name)"#, "W0309"),
        (Log, r#"set(severity_text, scope.name)"#, ""),
        (Log, r#"set(time_unix_nano, observed_time_unix_nano)"#, ""),
        (Log, r#"set(body, body)"#, "W0309"),
        (Log, r#"set(body, body) where body != nil"#, "W0309"),
        (Log, r#"set(attributes["a"], attributes["a"])"#, "W0309"),
        (Log, r#"set(attributes["a"], attributes["b"])"#, "W0304"),
        (Log, r#"set(attributes, attributes)"#, ""),
        (Log, r#"set(attributes["a"], attributes["a"]) where attributes["a"] == nil"#, ""),
        (DataPoint, r#"set(value_int, value_int)"#, "W0304"),
        (DataPoint, r#"set(attributes["a"], count)"#, "W0304"),
        (DataPoint, r#"set(attributes["a"], count) where metric.type == METRIC_DATA_TYPE_HISTOGRAM"#, ""),
        (DataPoint, r#"set(attributes["a"], attributes["b"]) where metric.type == METRIC_DATA_TYPE_SUM"#, "W0304"),
        // Numbers that a field cuts.
        (Log, r#"set(dropped_attributes_count, -1)"#, "W0331"),
        (Log, r#"set(flags, 4294967296)"#, "W0331"),
        (Log, r#"set(flags, 4294967295)"#, ""),
        (Log, r#"set(time_unix_nano, -1)"#, "W0331"),
        (Log, r#"set(severity_number, -1)"#, "W0325"),
        (DataPoint, r#"set(value_int, -1)"#, ""),
        (DataPoint, r#"set(scale, -1)"#, ""),
        (DataPoint, r#"set(count, -1)"#, "W0331"),
        // What is replaced or merged without an effect.
        (Log, r#"replace_pattern(body, "a b", "a b")"#, "W0309"),
        (Log, r#"replace_all_matches(attributes, replacement="x", pattern="x")"#, "W0309"),
        (Log, r#"replace_pattern(body, "a.", "a.")"#, ""),
        (Log, r#"merge_maps(attributes, {}, "upsert")"#, "W0309"),
        (Span, r#"merge_maps(attributes, span.attributes, "insert")"#, "W0309"),
        (Span, r#"merge_maps(attributes, resource.attributes, "insert")"#, ""),
        // Questions that a path decides.
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
        // Guards that are not needed, whichever way they are written.
        (Span, r#"set(name, "x") where not (name == nil) and name == "y""#, "H0301"),
        (Span, r#"set(name, "x") where not (span.name == nil or name == "y")"#, "H0301"),
        (Span, r#"set(name, "x") where IsString(name) and name == "y""#, "H0301"),
        (Span, r#"set(name, "x") where name == "y" and (kind != nil and kind == SPAN_KIND_SERVER)"#, "H0301"),
        (Span, r#"set(name, "x") where name == nil and kind == SPAN_KIND_SERVER"#, "W0301"),
        // Contradictions in chains inside chains.
        (Log, r#"set(body, "x") where (severity_text != "a" and body != "y") or severity_text != "b""#, ""),
        (Log, r#"set(body, "x") where severity_text == "a" and (body == "y" and severity_text == "b")"#, "W0303"),
        (Log, r#"set(body, "x") where severity_text == "a" and not (body == "y" or severity_text != "b")"#, "W0303"),
        (Log, r#"set(body, "x") where not (severity_text == "a" and severity_text == "b")"#, "W0303"),
        (Log, r#"set(body, "x") where IsMatch(body, "a") and not IsMatch(body, "a")"#, "W0303"),
        (Log, r#"set(body, "x") where IsMatch(body, "a") or not (IsMatch(body, "a") and body == "b")"#, "W0303"),
        (Log, r#"set(body, "x") where IsString(body) and IsMap(body)"#, "W0303"),
        (Log, r#"set(body, "x") where IsMatch(body, "^a") and HasPrefix(body, "b")"#, "W0303"),
        (Log, r#"set(body, "x") where IsMatch(body, "^a") and IsMatch(body, "^ab?c")"#, ""),
        (Log, r#"set(body, "x") where IsMatch(body, "^a") and IsMatch(attributes["b"], "^b")"#, ""),
        (Log, r#"set(body, "x") where not IsMatch(body, "^a") or not IsMatch(body, "^b")"#, "W0303"),
        (Log, r#"set(body, "x") where IsMatch(body, "^a") or IsMatch(body, "^b")"#, ""),
        (Log, r#"set(body, "x") where IsString(body) or IsMap(body)"#, ""),
        // Across chains of the other kind.
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
        (Log, r#"set(body, "x") where severity_text >= "ERROR""#, "W0329"),
        (Log, r#"set(body, "x") where severity_text == "ERROR""#, ""),
        (Log, r#"set(body, "a\bc")"#, "W0317"),
        (Log, r#"set(body, "a\\bc")"#, ""),
        (Log, r#"set(body, "${log.body}")"#, "W0327"),
        (Log, r#"set(body, "${env:HOME} {{ x }} {log.body}")"#, ""),
        (Log, r#"set(body, Split(" ", attributes["a"])) where attributes["a"] != nil"#, "W0328"),
        (Log, r#"set(body, Split("a b", " "))"#, ""),
        (Log, r#"set(time, Time("2024-07-31", "%Y-%M-%d"))"#, "W0326"),
        (Log, r#"set(time, Time("2024-07-31", "%Y-%m-%d"))"#, ""),
        (Log, r#"set(body, "x") where IsMatch(body, "a") and not IsMatch(body, "b")"#, ""),
        // Groups by names that a pattern does not have, globs among regular expressions, layouts of two kinds.
        (Log, r#"set(body, ExtractPatterns(body, "(?P<id>a)")["ID"])"#, "W0310"),
        (Log, r#"set(body, ExtractPatterns(body, "(?P<id>a)")["id"])"#, ""),
        (Log, r#"replace_pattern(body, "/users/*", "x")"#, "W0312"),
        (Log, r#"replace_match(body, "token=.*", "x")"#, "W0312"),
        (Log, r#"replace_match(body, "notes.*", "x")"#, ""),
        (Log, r#"set(time, Time(body, "%d/%b/%Y:HH:mm:ss"))"#, "W0315"),
        (Span, r#"set(attributes["d"], FormatTime(start_time, "yyyy-%m-%d"))"#, "W0315"),
        (Log, r#"set(time, Time(body, "%Y-%m-%dT%H:%M:%S%z"))"#, ""),
        // Copies that are named after what they are copies of.
        (Metric, r#"copy_metric(name=Concat([name, "_total"], "")) where HasPrefix(name, "http")"#, "W0402"),
        (
            Metric,
            r#"copy_metric(name=Concat([name, "total"], ".")) where IsMatch(metric.name, "^rpc\\.server") and unit == "s""#,
            "W0402",
        ),
        (Metric, r#"copy_metric(metric.name) where name == "a""#, "W0402"),
        (Metric, r#"copy_metric(name=Concat([name, "_total"], "")) where name == "http""#, ""),
        (Metric, r#"copy_metric(name=Concat(["old", name], ".")) where HasPrefix(name, "http")"#, ""),
        (Metric, r#"copy_metric(name=Concat([name, "_total"], "")) where HasSuffix(name, "_count")"#, ""),
        // Conditions of constants.
        (Log, r#"set(body, "x") where false"#, "W0308"),
        (Log, r#"set(body, "x") where 1 == 2"#, "W0308"),
        (Log, r#"set(body, "x") where "a" == "b""#, "W0308"),
        (Log, r#"set(body, "x") where not true"#, "W0308"),
        (Log, r#"set(body, "x") where severity_number > 1 and nil == 1"#, "W0308"),
        (Log, r#"set(body, "x") where severity_number > 1 or nil == 1"#, ""),
        (Log, r#"set(body, "x") where true"#, "W0319"),
        // Texts that ids and enums do not have.
        (Span, r#"set(kind.string, "SERVER")"#, "W0302"),
        (Span, r#"set(kind.string, "Server")"#, ""),
        (Log, r#"set(trace_id.string, "abc")"#, "W0302"),
        (Log, r#"set(trace_id.string, "0102030405060708090a0b0c0d0e0f10")"#, ""),
        (Log, r#"set(severity_number, "WARNING")"#, "W0302"),
        // Sources that can be nil.
        (Log, r#"set(severity_text, attributes["l"])"#, "W0304"),
        (Log, r#"set(attributes["a"], attributes["l"])"#, "W0304"),
        (Log, r#"set(attributes["a"], cache["l"])"#, "W0321"),
        (Log, r#"set(attributes["a"], attributes["l"]) where attributes["l"] != nil"#, ""),
        (Log, r#"set(attributes["a"], attributes["l"]) where IsString(attributes["l"])"#, ""),
        (Log, r#"set(attributes["a"], attributes["l"]) where attributes["m"] != nil"#, "W0304"),
        (Log, r#"set(attributes["a"], severity_text)"#, ""),
        (Log, r#"set(attributes["a"], resource.attributes["l"])"#, ""),
        (Log, r#"set(body, resource.attributes["l"])"#, ""),
        (Log, r#"set(severity_text, resource.attributes["l"])"#, "W0304"),
        (Resource, r#"set(attributes["a"], attributes["l"]) where attributes["a"] == nil"#, ""),
        (Log, r#"set(attributes["a"], scope.attributes["l"])"#, "W0304"),
        (Log, r#"set(attributes["a"], Concat([attributes["l"]], ","))"#, ""),
        (Log, r#"set(attributes["a"], Concat("x-", body))"#, "E0307"),
        (Log, r#"set(attributes["a"], Concat(ToUpperCase("x"), "-"))"#, "W0307"),
        (Log, r#"set(attributes["a"], Concat(body, "-"))"#, ""),
        // Shared parents.
        (Log, r#"append(resource.attributes["l"], "x")"#, "W0401"),
        (Resource, r#"append(attributes["l"], "x")"#, ""),
        (Log, r#"append(attributes["l"], "x")"#, ""),
        (Log, r#"set(attributes["a"], body["b"]["c"]) where body["b"] != nil"#, ""),
        (Log, r#"set(attributes["a"], attributes["l"][0]) where IsMap(attributes["l"])"#, ""),
        (Log, r#"set(attributes["a"], body["b"]) where IsMap(body)"#, "W0304"),
        (Log, r#"set(resource.attributes["a"], "x") where body == "y""#, "W0401"),
        (SpanEvent, r#"set(span.status.code, STATUS_CODE_ERROR) where name == "exception""#, ""),
        (SpanEvent, r#"set(span.status.message, name) where name == "exception""#, "W0401"),
        // Templates.
        (Log, r#"replace_pattern(body, "(a)", "$1b")"#, "W0305"),
        (Log, r#"replace_pattern(body, "(a)", "${1}b")"#, ""),
        (Log, r#"replace_pattern(body, "(a)", body.string)"#, ""),
        (Log, r#"replace_pattern(body, "(a)", "a $12_x")"#, "W0305"),
        (Log, r#"replace_pattern(body, "(a)", "$$1x")"#, ""),
        (Log, r#"replace_pattern(body, "(a)", "$1-x $0")"#, ""),
        (Log, r#"replace_pattern(body, "(a)", "$1-x $2")"#, "W0310"),
        (Log, r#"replace_pattern(body, "a", "${1}")"#, "W0310"),
        (Log, r#"replace_pattern(body, "(?P<n>a)", "$n ${n}")"#, ""),
        (Log, r#"replace_pattern(body, "(?P<n>a)", "${m}")"#, "W0310"),
        (Log, r#"replace_pattern(body, "(?P<n>a)", "$1")"#, ""),
        (Log, r#"replace_pattern(body, severity_text, "$7 $n")"#, ""),
        (Log, r#"replace_pattern(body, "(a)", "\\1")"#, "W0310"),
        (Log, r#"replace_pattern(body, "(a)", "$")"#, ""),
        (Log, r#"replace_pattern(body, "(a)", "$2", SHA256)"#, "W0310"),
        (Log, r#"replace_all_patterns(attributes, "value", "(a)", "$2")"#, "W0310"),
        (Log, r#"replace_match(body, "a*", "$2")"#, "W0310"),
        // Patterns and keys.
        (Log, r#"delete_key(attributes, "http.*")"#, "W0311"),
        (Log, r#"delete_key(attributes, "http.method")"#, ""),
        (Log, r#"delete_key(attributes, "$schema")"#, ""),
        (Log, r#"delete_key(attributes, severity_text)"#, ""),
        (Log, r#"keep_keys(attributes, ["a", "^b"])"#, "W0311"),
        (Log, r#"keep_keys(attributes, ["a", "b"])"#, ""),
        (Log, r#"limit(attributes, 10, ["a|b"])"#, "W0311"),
        (Log, r#"set(attributes["a.*"], 1)"#, "W0311"),
        (Log, r#"set(attributes["a"], 1) where attributes["b*"] == 1"#, "W0311"),
        (Log, r#"set(attributes["a.b"], 1) where cache["*"] == 1"#, "W0321"),
        (Log, r#"delete_matching_keys(attributes, "^http\\.")"#, ""),
        (Log, r#"delete_matching_keys(attributes, "http.method")"#, ""),
        (Log, r#"delete_matching_keys(attributes, "http*")"#, "W0312"),
        (Log, r#"delete_matching_keys(attributes, "http.*")"#, ""),
        (Log, r#"replace_match(body, "^a", "b")"#, "W0312"),
        (Log, r#"replace_match(body, "https?://.*", "b")"#, "W0312"),
        (Log, r#"delete_matching_keys(attributes, "http.*.secret*")"#, "W0312"),
        (Log, r#"delete_matching_keys(attributes, "http.*.secrets?")"#, ""),
        (Log, r#"replace_all_matches(attributes, "id-\\d+", "b")"#, "W0312"),
        (Log, r#"replace_all_matches(attributes, "/user/*/list/*", "b")"#, ""),
        (Log, r#"replace_match(body, "[a-z]*{x,y}?", "b")"#, ""),
        (Log, r#"replace_pattern(body, "ab*", "b")"#, ""),
        (Log, r#"replace_pattern(body, "\bab", "b")"#, "W0317"),
        (Log, r#"replace_pattern(body, "\\bab", "b")"#, ""),
        // Editors of texts.
        (Log, r#"replace_pattern(attributes, "a", "b")"#, "W0307"),
        (Log, r#"replace_match(severity_number, "a", "b")"#, "W0307"),
        (Log, r#"replace_pattern(attributes["a"], "a", "b")"#, ""),
        (Log, r#"replace_pattern(body, "a", "b")"#, ""),
        // Formats and layouts.
        (Log, r#"set(body, Format("%s-%s", [severity_text]))"#, "W0313"),
        (Log, r#"set(body, Format("%s", [severity_text, 1]))"#, "W0313"),
        (Log, r#"set(body, Format("%d", [severity_text]))"#, "W0313"),
        (Log, r#"set(body, Format("%d", [severity_number]))"#, ""),
        (Log, r#"set(body, Format("%d %v", [attributes["a"], 1]))"#, ""),
        (Log, r#"set(body, Format("100%", []))"#, "W0313"),
        (Log, r#"set(body, Format("100%% %[1]s", ["a"]))"#, ""),
        (Log, r#"set(body, FormatTime(time, "yyyy-MM-dd"))"#, "W0315"),
        (Log, r#"set(body, FormatTime(time, "%Y"))"#, ""),
        (Log, r#"set(time, Time(body, "HH:mm"))"#, "W0315"),
        // Octal numbers.
        (Log, r#"set(body, 010)"#, "W0314"),
        (Log, r#"set(body, [1, 0644])"#, "W0314"),
        (Log, r#"set(body, 1) where attributes["a"][010] == 0"#, "W0314"),
        (Log, r#"set(body, 07) where severity_number == 0"#, ""),
        (Log, r#"set(body, "010")"#, ""),
        // Calls that fail by their literals.
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
        // Keys.
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
        // Arguments.
        (Log, r#"set(severity_text, ParseSeverity(body, attributes["levels"]))"#, "W0307"),
        (Log, r#"set(severity_text, ParseSeverity(body, {"x": [{"equals": [severity_text]}]}))"#, "W0307"),
        (Log, r#"set(severity_text, ParseSeverity(body, {"x": [{"equals": ["a"]}]}))"#, ""),
        (Log, r#"set(body, HasPrefix(severity_number, "1"))"#, "W0307"),
        (Log, r#"set(body, IsString(severity_number))"#, "W0324"),
        (Log, r#"set(body, String(severity_number))"#, ""),
        (Log, r#"set(body, UnixSeconds(time_unix_nano))"#, "W0307"),
        (Log, r#"delete_key(attributes, severity_number)"#, "W0307"),
        // Shared parents.
        (Log, r#"set(resource.attributes["a"], body)"#, "W0304 W0401"),
        (Log, r#"set(resource.attributes["a"], "x")"#, ""),
        (Log, r#"set(resource.attributes["a"], scope.name)"#, "W0401"),
        (Log, r#"set(scope.name, resource.schema_url)"#, ""),
        (Log, r#"delete_key(resource.attributes, "x") where severity_number > 8"#, "W0401"),
        (Log, r#"delete_key(resource.attributes, "x") where resource.attributes["y"] == 1"#, ""),
        (DataPoint, r#"set(metric.name, "x") where attributes["a"] == 1"#, "W0401"),
        (DataPoint, r#"set(metric.name, "x") where metric.unit == "s""#, ""),
        // Copies.
        (Metric, r#"copy_metric()"#, "W0402"),
        (Metric, r#"copy_metric(name="b")"#, "W0402"),
        (Metric, r#"copy_metric(name="b") where unit == "s""#, "W0402"),
        (Metric, r#"copy_metric(name="b") where name == "a""#, ""),
        (Metric, r#"copy_metric(name="b") where name != "a""#, "W0402"),
        (Metric, r#"copy_metric(name="http.b") where IsMatch(name, "^http")"#, "W0402"),
        (Metric, r#"copy_metric(name="b.http") where IsMatch(name, "^http")"#, ""),
        (Metric, r#"copy_metric(name="http.b") where HasPrefix(name, "http") and unit == "s""#, "W0402"),
        (Metric, r#"copy_metric(name="http.b") where HasPrefix(name, "http") and name != "http.b""#, ""),
        (Metric, r#"copy_metric(name="b") where name == "a" or unit == "s""#, ""),
        (Metric, r#"copy_metric(name=Concat([name, ".b"], "")) where IsMatch(name, "^http")"#, "W0402"),
        (Metric, r#"copy_metric("b", unit="ms") where unit == "s""#, ""),
    ];
    let compiler = Compiler::new(ottl_functions::registry());
    for (context, text, want) in table {
        let compiled = compiler.compile_statement(context, text);
        let mut codes: Vec<&str> = compiled.diagnostics.iter().map(|(_, d)| d.code.as_str()).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.join(" "), want, "{text}: {:?}", compiled.diagnostics);
    }
}

#[test]
fn conditions() {
    let table = [
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
        // Severities that nobody set.
        (r#"severity_number < SEVERITY_NUMBER_INFO"#, "W0318"),
        (r#"severity_number <= 8 or body == "x""#, "W0318"),
        (r#"not (severity_number >= 9)"#, "W0318"),
        (r#"17 > severity_number"#, "W0318"),
        (r#"severity_number < 1"#, ""),
        (r#"severity_number > 8"#, ""),
        (r#"severity_number < 9 and severity_number != 0"#, ""),
        (r#"severity_number < 9 and severity_number > 0"#, ""),
        (r#"severity_number < 9 and severity_text != """#, ""),
        (r#"true"#, "W0319"),
        (r#"cache["a"] == 1"#, "W0321"),
        (r#"span_id == SpanID(0x0000000000000000)"#, ""),
        (r#"span_id == trace_id"#, "W0301"),
        (r#"attributes < resource.attributes"#, "W0301"),
        (r#"Len(body) == "1""#, "W0301"),
        (r#"time > Now()"#, ""),
        (r#"Now() - time > Duration("1h")"#, ""),
        (r#"Now() - time > 3600"#, "W0301"),
        (r#"severity_text != "a" or severity_text != "b""#, "W0303"),
        (r#"severity_text != "a" or "b" != severity_text or body == 1"#, "W0303"),
        (r#"severity_text != "a" or severity_text != "a""#, ""),
        (r#"severity_text != "a" and severity_text != "b""#, ""),
        (r#"attributes["a"] != "a" or attributes["b"] != "b""#, ""),
        (r#"attributes["a"] != "a" or attributes["a"] != "b""#, "W0303"),
        (r#"severity_text == "a" and severity_text == "b""#, "W0303"),
        (r#"severity_number == 1 and severity_number == 1.0"#, ""),
        (r#"not (severity_text != "a" or severity_text != "b")"#, "W0303"),
        (r#"1 > 2"#, "W0308"),
        (r#"not (1 < 2)"#, "W0308"),
        (r#"1 < 2"#, "W0319"),
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
        // Constants that leave one answer.
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
    ];
    let compiler = Compiler::new(ottl_functions::registry());
    for (text, want) in table {
        let compiled = compiler.compile_condition(ContextId::Log, text);
        assert!(compiled.plan.is_some(), "{text}: {:?}", compiled.diagnostics);
        let codes: Vec<&str> = compiled.diagnostics.iter().map(|(_, d)| d.code.as_str()).collect();
        assert_eq!(codes.join(" "), want, "{text}: {:?}", compiled.diagnostics);
    }
}

#[test]
fn the_gate_of_nil_decides_about_sources() {
    let mut compiler = Compiler::new(ottl_functions::registry());
    compiler.target = Target::V0_161;
    compiler.gates = compiler.gates.without(Gate::AllowNil);
    let compiled = compiler.compile_statement(ContextId::Log, r#"set(body, attributes["a"])"#);
    assert_eq!(compiled.diagnostics, []);
    let compiled = compiler.compile_statement(ContextId::Log, r#"set(body, nil)"#);
    let codes: Vec<&str> = compiled.diagnostics.iter().map(|(_, d)| d.code.as_str()).collect();
    assert_eq!(codes, ["W0309"]);
}

#[test]
fn conditions_of_a_group_guard_its_statements() {
    let text = |id, text| SourceText { id, text };
    let compiler = Compiler::new(ottl_functions::registry());
    for (conditions, want) in [
        (vec![], "W0304"),
        (vec![r#"attributes["a"] != nil"#], ""),
        (vec![r#"IsString(attributes["a"]) and severity_number > 8"#], ""),
        (vec![r#"attributes["b"] != nil"#], "W0304"),
        (vec![r#"attributes["a"] != nil"#, r#"attributes["b"] != nil"#], "W0304"),
        (vec![r#"attributes["b"] == attributes["a"]"#, r#"attributes["a"] != nil"#], ""),
    ] {
        let group = |conditions: &[&'static str]| GroupSpec {
            context: Some(ContextId::Log),
            conditions: conditions.iter().map(|condition| text(0, condition)).collect(),
            statements: vec![text(1, r#"set(body, attributes["a"])"#)],
            ..GroupSpec::default()
        };
        // The conditions of one group say nothing of another.
        let groups = [group(&[r#"attributes["a"] != nil"#]), group(&conditions)];
        let compiled = compiler.compile_transform(Signal::Logs, &groups, TransformOptions::default());
        let codes: Vec<&str> = compiled.diagnostics.iter().map(|(_, d)| d.code.as_str()).collect();
        assert_eq!(codes.join(" "), want, "{conditions:?}: {:?}", compiled.diagnostics);
    }
}

#[test]
fn what_a_statement_sets_guards_those_behind_it() {
    let text = |id, text| SourceText { id, text };
    let compiler = Compiler::new(ottl_functions::registry());
    for (before, want) in [
        (r#"set(attributes["a"], "other")"#, ""),
        (r#"set(attributes["a"], "other") where attributes["a"] == nil"#, ""),
        (r#"set(attributes["a"], attributes["c"]) where attributes["c"] != nil"#, "W0304"),
        (r#"set(attributes["a"], Coalesce([attributes["b"], attributes["c"]]))"#, "W0304"),
        (r#"set(attributes["a"]["b"], 1)"#, "W0304"),
        (r#"set(attributes["b"], 1)"#, "W0304"),
        (r#"truncate_all(attributes, 10)"#, "W0304"),
    ] {
        let statements = vec![text(1, before), text(2, r#"set(severity_text, attributes["a"])"#)];
        let group = GroupSpec { context: Some(ContextId::Log), statements, ..GroupSpec::default() };
        let compiled = compiler.compile_transform(Signal::Logs, &[group], TransformOptions::default());
        let codes: Vec<&str> = compiled.diagnostics.iter().map(|(_, d)| d.code.as_str()).collect();
        assert_eq!(codes.join(" "), want, "{before}: {:?}", compiled.diagnostics);
    }
}

#[test]
fn logs_that_are_flattened_share_nothing() {
    let compiler = Compiler::new(ottl_functions::registry());
    for (statement, flatten_data, want) in [
        (r#"set(resource.attributes["a"], attributes["a"]) where attributes["a"] != nil"#, false, "W0401"),
        (r#"set(resource.attributes["a"], attributes["a"]) where attributes["a"] != nil"#, true, ""),
        (r#"set(scope.name, "x") where severity_number > 8"#, true, ""),
        (r#"append(scope.attributes["a"], "x")"#, true, ""),
    ] {
        let statements = vec![SourceText { id: 0, text: statement }];
        let group = GroupSpec { context: Some(ContextId::Log), statements, ..GroupSpec::default() };
        let options = TransformOptions { flatten_data, ..TransformOptions::default() };
        let compiled = compiler.compile_transform(Signal::Logs, &[group], options);
        let codes: Vec<&str> = compiled.diagnostics.iter().map(|(_, d)| d.code.as_str()).collect();
        assert_eq!(codes.join(" "), want, "{statement}: {:?}", compiled.diagnostics);
    }
}

#[test]
fn lists_that_run_for_children_alone_are_doubted() {
    let compiler = Compiler::new(ottl_functions::registry());
    let event = r#"set(spanevent.name, "x")"#;
    for (statement, context, want) in [
        (r#"set(span.name, "x")"#, None, "W0403"),
        (r#"set(resource.attributes["a"], "x")"#, None, "W0403"),
        (r#"set(span.name, "x") where spanevent.name == "y""#, None, ""),
        (r#"set(spanevent.attributes["a"], span.name)"#, None, ""),
        (r#"set(span.name, "x")"#, Some(ContextId::SpanEvent), ""),
    ] {
        let statements = [statement, event].into_iter().map(|text| SourceText { id: 0, text }).collect();
        let group = GroupSpec { context, statements, ..GroupSpec::default() };
        let compiled = compiler.compile_transform(Signal::Traces, &[group], TransformOptions::default());
        let codes: Vec<&str> = compiled.diagnostics.iter().map(|(_, d)| d.code.as_str()).collect();
        assert_eq!(codes.join(" "), want, "{statement}: {:?}", compiled.diagnostics);
    }
    let points = [r#"set(metric.name, "x")"#, r#"set(datapoint.attributes["a"], 1)"#];
    let statements = points.into_iter().map(|text| SourceText { id: 0, text }).collect();
    let group = GroupSpec { statements, ..GroupSpec::default() };
    let compiled = compiler.compile_transform(Signal::Metrics, &[group], TransformOptions::default());
    assert_eq!(compiled.diagnostics, [], "nearly every metric has data points");
}

fn codes_of(compiled: &ottl_compiler::Compiled) -> String {
    let codes: Vec<&str> = compiled.diagnostics.iter().map(|(_, d)| d.code.as_str()).collect();
    codes.join(" ")
}
