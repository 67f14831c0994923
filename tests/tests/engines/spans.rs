//! Spans and their events: what statements of both leave of a span, wherever its events lie; comparisons and values that are
//! computed from times, counts, flags and the status; ids.

use ottl_compiler::TransformOptions;
use ottl_otlp::wire::fields::span;
use ottl_otlp::wire::{put_fixed32_field, put_fixed64_field, put_len_field, put_varint_field};
use ottl_plan::Plan;
use ottl_schema::{ContextId, Signal};
use ottl_suite::engines;

use super::{group, transform};

/// The fields of a span, apart.
struct Parts {
    events: [Vec<u8>; 2],
    attributes: [Vec<u8>; 2],
    others: Vec<u8>,
    behind: Vec<u8>,
}

fn pair(key: &str, value: &str) -> Vec<u8> {
    let (mut any, mut out) = (Vec::new(), Vec::new());
    put_len_field(&mut any, 1, value.as_bytes());
    put_len_field(&mut out, 1, key.as_bytes());
    put_len_field(&mut out, 2, &any);
    out
}

fn event(name: &str, attributes: &[(&str, &str)]) -> Vec<u8> {
    let (mut event, mut out) = (Vec::new(), Vec::new());
    put_fixed64_field(&mut event, 1, 1_000);
    put_len_field(&mut event, 2, name.as_bytes());
    for (key, value) in attributes {
        put_len_field(&mut event, 3, &pair(key, value));
    }
    put_len_field(&mut out, span::EVENTS, &event);
    out
}

fn attribute(key: &str, value: &str) -> Vec<u8> {
    let mut out = Vec::new();
    put_len_field(&mut out, span::ATTRIBUTES, &pair(key, value));
    out
}

fn parts() -> Parts {
    let (mut others, mut behind, mut status) = (Vec::new(), Vec::new(), Vec::new());
    put_len_field(&mut others, span::TRACE_ID, &[7; 16]);
    put_len_field(&mut others, span::SPAN_ID, &[9; 8]);
    put_len_field(&mut others, span::NAME, b"GET /a");
    put_varint_field(&mut others, span::KIND, 2);
    put_fixed64_field(&mut others, span::START_TIME_UNIX_NANO, 1_000);
    put_fixed64_field(&mut others, span::END_TIME_UNIX_NANO, 5_000_000_000);
    put_len_field(&mut behind, span::LINKS, b"");
    put_len_field(&mut status, 2, b"late");
    put_varint_field(&mut status, 3, 2);
    put_len_field(&mut behind, span::STATUS, &status);
    put_fixed32_field(&mut behind, span::FLAGS, 257);
    Parts {
        events: [event("retry", &[("attempt", "1"), ("b", "x")]), event("other", &[])],
        attributes: [attribute("a", "1"), [attribute("old", "v"), attribute("b", "2")].concat()],
        others,
        behind,
    }
}

/// Spans with events at all places: none, one, two, in two runs, in front of everything and behind it, and with damage.
fn message() -> Vec<u8> {
    let Parts { events: [first, second], attributes: [a, b], others, behind } = parts();
    let all = [others.as_slice(), &a, &b].concat();
    let long = event("retry", &[("attempt", &"9".repeat(20_000))]);
    let spans: Vec<Vec<u8>> = vec![
        all.clone(),
        [all.as_slice(), &first, &behind].concat(),
        [all.as_slice(), &first, &second, &behind].concat(),
        [all.as_slice(), &first, &behind, &second].concat(),
        [first.as_slice(), &second, &all, &behind].concat(),
        [others.as_slice(), &a, &second, &b, &first, &behind].concat(),
        [others.as_slice(), &a, &a, &first, &b, &behind].concat(),
        [behind.as_slice(), &all, &second, &first].concat(),
        [all.as_slice(), &behind, &behind, &first].concat(),
        [all.as_slice(), &long, &second].concat(),
        [others.as_slice(), &first].concat(),
        first.clone(),
        Vec::new(),
        // An event of another wire type, flags of another one, times without all their bytes.
        [all.as_slice(), &first, &[0x58, 1]].concat(),
        [all.as_slice(), &first, &[0x80, 1, 5]].concat(),
        [all.as_slice(), &first, &[0x41, 1, 2]].concat(),
    ];
    let mut out = Vec::new();
    for span in spans {
        // Each in a message part of its own would be the same: damage is found where it lies.
        let (mut scope, mut resource) = (Vec::new(), Vec::new());
        put_len_field(&mut scope, 2, &span);
        put_len_field(&mut resource, 2, &scope);
        put_len_field(&mut out, 1, &resource);
    }
    out
}

/// One message for each span.
fn messages() -> Vec<Vec<u8>> {
    let whole = message();
    let mut reader = ottl_otlp::wire::Reader::new(&whole);
    let mut out = Vec::new();
    while let Ok(Some(field)) = reader.next_field() {
        out.push(whole[field.start..field.end].to_vec());
    }
    out
}

fn plan(spans: &[&str], events: &[&str]) -> Plan {
    let groups = [group(ContextId::Span, spans), group(ContextId::SpanEvent, events)];
    let used = groups.into_iter().filter(|group| !group.statements.is_empty()).collect::<Vec<_>>();
    transform(Signal::Traces, &used, TransformOptions::default())
}

/// Demands that the engines agree, on each span alone and on those that are whole together.
fn agree(plan: &Plan, name: &str) {
    let messages = messages();
    for (at, message) in messages.iter().enumerate() {
        engines::agreed(plan, message, &format!("{name}, span {at}"));
    }
    engines::agreed(plan, &messages[..messages.len() - 3].concat(), name);
}

#[test]
fn spans_are_written_with_their_events() {
    let of_spans: &[&[&str]] = &[
        &[],
        &[r#"set(attributes["seen"], true)"#],
        &[r#"set(name, "other")"#, r#"delete_key(attributes, "a")"#],
        &[r#"set(attributes["new"], attributes["old"])"#, r#"delete_key(attributes, "old")"#],
        &[r#"set(attributes["seen"], true) where attributes["a"] == "none""#],
        &["flatten(attributes)"],
        &["set(status.code, 1)", "set(flags, 3)"],
    ];
    let of_events: &[&[&str]] = &[
        &[],
        &[r#"set(attributes["seen"], span.name)"#],
        &[r#"set(name, "renamed") where name == "retry""#],
        &[r#"set(span.attributes["retries"], attributes["attempt"]) where attributes["attempt"] != nil"#],
        &[r#"set(span.attributes["all"], Len(span.attributes))"#, r#"set(attributes["n"], Len(span.events))"#],
        &[r#"set(span.name, Concat([span.name, name], "+"))"#, r#"delete_key(span.attributes, "a")"#],
        &[r#"set(attributes["late"], true) where time - span.start_time >= Duration("0s")"#],
        &[r#"keep_keys(attributes, ["b"])"#, "set(span.status.code, 1) where span.status.code == 2"],
        &[r#"set(span.events, nil) where name == "other""#],
    ];
    for spans in of_spans {
        for events in of_events {
            if spans.is_empty() && events.is_empty() {
                continue;
            }
            agree(&plan(spans, events), &format!("{spans:?} {events:?}"));
        }
    }
}

#[test]
fn a_span_with_event_rules_is_compact() {
    let explained = |spans: &[&str], events: &[&str]| {
        ottl_engine::Engine::explain(&ottl_engine::fast::Engine::new(&plan(spans, events)))
    };
    let events = [r#"set(attributes["seen"], true)"#];
    assert!(explained(&[r#"set(attributes["a"], flags) where Len(links) > 0"#], &events).contains("layout: compact"));
    // Where the list may be replaced, the span is a node.
    let replaces = [r#"set(attributes["a"], 1)"#, r#"set(events, nil) where attributes["b"] == 1"#];
    assert!(!explained(&replaces, &events).contains("layout: compact\n    group 1"));
}

#[test]
fn times_counts_flags_and_the_status_are_computed_without_values() {
    for condition in [
        r#"end_time - start_time > Duration("1s")"#,
        r#"Duration("1s") < end_time - start_time"#,
        r#"end_time < start_time + Duration("10ms")"#,
        r#"start_time - Duration("1h") < end_time - Duration("2h")"#,
        r#"Duration("1h") + start_time >= end_time"#,
        "Milliseconds(end_time - start_time) == 4999",
        "Nanoseconds(end_time - start_time) < 1000000",
        "Microseconds(start_time - end_time) / kind < 0",
        "Microseconds(start_time - end_time) / dropped_links_count < 0",
        "end_time_unix_nano - start_time_unix_nano > 7 * kind",
        "status.code == STATUS_CODE_ERROR",
        "status.code != kind",
        "flags != 0",
        "flags - 256 == 1 and dropped_attributes_count == 0",
        "Len(links) > 0",
        "Len(events) > 1 or Len(links) == Len(events)",
        r#"span_id == SpanID("0909090909090909")"#,
        "parent_span_id == SpanID(0x0000000000000000)",
        r#"trace_id != TraceID("07070707070707070707070707070707")"#,
        r#"attributes["a"] < 5 or attributes["missing"] >= "x" or attributes["missing"] != 0x00"#,
    ] {
        let conditional = format!(r#"set(attributes["holds"], true) where {condition}"#);
        agree(&plan(&[&conditional], &[]), condition);
        let others = [conditional.as_str(), r#"set(flags, 0) where status.message == "late""#, &conditional];
        agree(&plan(&others, &[]), condition);
    }
    for statement in [
        r#"set(attributes["ms"], Milliseconds(end_time - start_time))"#,
        r#"set(attributes["flags"], flags)"#,
        r#"set(attributes["kind"], kind)"#,
        r#"set(attributes["links"], Len(links) + Len(events))"#,
        r#"set(attributes["s"], Seconds(end_time - start_time))"#,
        r#"set(attributes["id"], trace_id.string)"#,
        "set(end_time, start_time + Duration(\"1s\"))",
        "set(status.code, 1)",
        r#"set(status.message, "")"#,
        r#"set(span_id, SpanID("0102030405060708"))"#,
        "set(parent_span_id, SpanID(0x0000000000000000))",
        "set(flags, 4294967295)",
        r#"set(attributes["id"], SpanID("0102030405060708"))"#,
        r#"set_semconv_span_name("1.37.0", "original")"#,
        r#"replace_all_patterns(attributes, "key", "^old$", "new")"#,
        r#"replace_all_patterns(attributes, "key", "^old$", "a")"#,
        r#"replace_pattern(attributes["a"], "(1)", "$1", SHA256)"#,
    ] {
        agree(&plan(&[statement], &[]), statement);
        let renames = r#"replace_all_patterns(attributes, "key", "^a$", "http.method")"#;
        agree(&plan(&[renames, statement, r#"set_semconv_span_name("1.37.0")"#], &[]), statement);
        agree(
            &plan(&[r#"delete_key(attributes, "b")"#, statement, r#"set(name, "x") where flags > 3"#], &[]),
            statement,
        );
    }
}
