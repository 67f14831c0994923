//! Resources and metrics: what their own statements leave of them, however they are written and wherever they lie beside what is
//! in them.

use ottl_compiler::TransformOptions;
use ottl_engine::Engine as _;
use ottl_engine::fast::Engine;
use ottl_otlp::wire::{put_len_field, put_varint_field};
use ottl_plan::Plan;
use ottl_schema::{ContextId, Signal};
use ottl_suite::engines;

use super::{group, transform};

/// A field that holds this.
fn field(number: u32, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    put_len_field(&mut out, number, content);
    out
}

fn attribute(number: u32, key: &str, value: &str) -> Vec<u8> {
    field(number, &[field(1, key.as_bytes()), field(2, &field(1, value.as_bytes()))].concat())
}

/// The same with the value before the key.
fn turned(key: &str, value: &str) -> Vec<u8> {
    field(1, &[field(2, &field(1, value.as_bytes())), field(1, key.as_bytes())].concat())
}

fn plan(signal: Signal, parents: (ContextId, &[&str]), records: (ContextId, &[&str])) -> Plan {
    let groups = [group(parents.0, parents.1), group(records.0, records.1)];
    let used = groups.into_iter().filter(|group| !group.statements.is_empty()).collect::<Vec<_>>();
    transform(signal, &used, TransformOptions::default())
}

/// Messages of one resource each: with its own fields in all orders, beside scopes at all places, and with damage.
fn resources() -> Vec<Vec<u8>> {
    let [a, b, prefixed] = [("a", "1"), ("b", "2"), ("pre.x", "3")].map(|(key, value)| attribute(1, key, value));
    let mut dropped = Vec::new();
    put_varint_field(&mut dropped, 2, 5);
    let many: Vec<u8> = (0..70).flat_map(|number| attribute(1, &format!("k{number}"), "v")).collect();
    let record = [attribute(6, "a", "1"), attribute(6, "c", "x")].concat();
    let scope = field(2, &[field(1, &field(1, b"name")), field(2, &record), field(2, &record)].concat());
    let url = field(3, b"https://example.com");
    let subjects = [
        Vec::new(),
        [a.as_slice(), &b, &prefixed].concat(),
        [a.as_slice(), &dropped, &prefixed].concat(),
        [dropped.as_slice(), &prefixed, &turned("b", "2"), &turned("a", "1")].concat(),
        [a.as_slice(), &b, &a].concat(),
        [many.as_slice(), &a].concat(),
        // Damage: a pair that is no message, and one that ends too late.
        [a.as_slice(), &[0x08, 1]].concat(),
        [a.as_slice(), &[0x0a, 9, 1]].concat(),
    ];
    let mut all = Vec::new();
    for subject in &subjects {
        let subject = field(1, subject);
        all.push([subject.as_slice(), &scope, &scope, &url].concat());
        all.push([scope.as_slice(), &subject, &scope].concat());
        all.push([url.as_slice(), &subject].concat());
    }
    all.push([scope.as_slice(), &scope].concat());
    // Two, which are one; scopes under their old number.
    all.push([field(1, &a).as_slice(), &scope, &field(1, &b)].concat());
    all.push([field(1, &a).as_slice(), &field(1000, &scope[2..])].concat());
    all.into_iter().map(|group| field(1, &group)).collect()
}

#[test]
fn resources_are_compact_while_their_records_are_visited() {
    let of_resources: &[&[&str]] = &[
        &[r#"set(attributes["n"], "v") where attributes["a"] == "1""#],
        &[r#"delete_key(attributes, "a")"#, r#"delete_matching_keys(attributes, "^pre\\.")"#],
        &[r#"set(attributes["new"], attributes["a"])"#, r#"delete_key(attributes, "a")"#],
        &["set(dropped_attributes_count, 9)", r#"set(attributes["b"]["c"], 1) where attributes["b"] == nil"#],
        &[r#"keep_keys(attributes, ["a"])"#, "truncate_all(attributes, 1)"],
        &[r#"replace_pattern(attributes["b"], "2", "two")"#, r#"set(schema_url, "u") where attributes["b"] != nil"#],
    ];
    let of_records: &[&[&str]] = &[
        &[],
        &[r#"set(attributes["a"], resource.attributes["a"])"#],
        &[r#"set(attributes["n"], Len(resource.attributes))"#, r#"delete_key(attributes, "c")"#],
        &[
            r#"set(attributes["c"], true) where resource.attributes["n"] == "v" and resource.dropped_attributes_count != 5"#,
        ],
        &[r#"set(resource.attributes["a"], attributes["c"])"#],
    ];
    for parents in of_resources {
        for records in of_records {
            let plan = plan(Signal::Logs, (ContextId::Resource, parents), (ContextId::Log, records));
            for (at, message) in resources().iter().enumerate() {
                engines::agreed(&plan, message, &format!("{parents:?} {records:?}, resource {at}"));
            }
            engines::agreed(&plan, &resources()[..18].concat(), &format!("{parents:?} {records:?}"));
        }
    }
}

#[test]
fn parents_are_general_where_they_have_to_be() {
    let explained = |signal, of, parents: &[&str], records: &[&str]| {
        Engine::new(&plan(signal, (ContextId::Resource, parents), (of, records))).explain()
    };
    let writes = [r#"set(attributes["a"], 1)"#];
    let is_compact = |text: &str| text.split("\n  log:").next().is_some_and(|text| text.contains("layout: compact"));
    assert!(is_compact(&explained(Signal::Logs, ContextId::Log, &writes, &writes)));
    assert!(!is_compact(&explained(Signal::Logs, ContextId::Log, &["flatten(attributes)"], &writes)));
    // So are metrics whose points are visited in the same walk.
    let groups = [(ContextId::Metric, &[r#"set(unit, "1")"#][..]), (ContextId::DataPoint, &writes)];
    let text = Engine::new(&plan(Signal::Metrics, groups[0], groups[1])).explain();
    assert_eq!(text.matches("layout: compact").count(), 2, "{text}");
    // While events are visited, their spans are compact instead.
    let spans = explained(Signal::Traces, ContextId::Span, &writes, &writes);
    let events = explained(Signal::Traces, ContextId::SpanEvent, &writes, &writes);
    assert_eq!([&spans, &events].map(|text| text.matches("layout: compact").count()), [2, 1], "{spans}\n{events}");
}

/// Messages of one metric each: with its own fields in front of its points, behind them, several times, and not at all.
fn metrics() -> Vec<Vec<u8>> {
    let point = field(1, &attribute(7, "a", "1"));
    let [name, other, description, unit] =
        [(1, "system.load"), (1, "system.idle"), (2, "what it is"), (3, "ms")].map(|(n, t)| field(n, t.as_bytes()));
    let (gauge, sum, empty) = (field(5, &[point.as_slice(), &point].concat()), field(7, &point), field(5, &[]));
    let metadata = attribute(12, "a", "1");
    let metrics = [
        [name.as_slice(), &description, &unit, &gauge].concat(),
        [gauge.as_slice(), &unit, &description, &name].concat(),
        [name.as_slice(), &gauge, &unit].concat(),
        [unit.as_slice(), &sum, &name, &metadata].concat(),
        [name.as_slice(), &gauge].concat(),
        [name.as_slice(), &gauge, &other].concat(),
        [name.as_slice(), &unit, &sum, &gauge, &description].concat(),
        [metadata.as_slice(), &name, &empty].concat(),
        [name.as_slice(), &unit].concat(),
        gauge.clone(),
        // Damage: a name that is a number, and points that end too late.
        [&[0x08, 1], gauge.as_slice()].concat(),
        [name.as_slice(), &[0x2a, 9, 1]].concat(),
    ];
    metrics.into_iter().map(|metric| field(1, &field(2, &field(2, &metric)))).collect()
}

#[test]
fn metrics_are_written_around_their_points() {
    let of_metrics: &[&[&str]] = &[
        &[r#"set(name, "n")"#],
        &[r#"set(unit, "1") where unit == """#, r#"replace_pattern(name, "^system\\.", "sys.")"#],
        &[r#"set(description, "d")"#, r#"set(unit, "u")"#, r#"set(name, "") where unit == "u""#],
        &[r#"set(metadata["b"], "2")"#, r#"set(unit, "u")"#],
        &[r#"set(is_monotonic, true)"#, r#"set(unit, "u")"#],
    ];
    let of_points: &[&[&str]] = &[
        &[r#"set(attributes["a"], "2")"#],
        &[r#"set(attributes["m"], metric.name)"#],
        &[r#"set(attributes["m"], metric.unit) where metric.name == "n""#, r#"delete_key(attributes, "a")"#],
        &[r#"set(metric.unit, attributes["a"])"#],
    ];
    for parents in of_metrics {
        for points in of_points {
            let plan = plan(Signal::Metrics, (ContextId::Metric, parents), (ContextId::DataPoint, points));
            for (at, message) in metrics().iter().enumerate() {
                engines::agreed(&plan, message, &format!("{parents:?} {points:?}, metric {at}"));
            }
            engines::agreed(&plan, &metrics()[..10].concat(), &format!("{parents:?} {points:?}"));
        }
    }
}
