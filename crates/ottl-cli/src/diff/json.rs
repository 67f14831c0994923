//! What two rule sets do differently, as one JSON object.

use serde_json::{Value, json};

use super::Found;
use super::samples::{Blame, Sample};
use super::side::Side;
use super::statements::{Counted, Row};
use super::text::costs;

/// The object; without `values` it says no value of the data.
pub(super) fn show(found: &Found, values: bool, is_above: Option<bool>) -> String {
    let compared = &found.compared;
    let [cost_of_old, cost_of_new] = costs(found);
    let fields: Vec<Value> =
        found.fields.rows().iter().map(|(path, records)| json!({ "path": path, "records": records })).collect();
    let object = json!({
        "old": side(&found.old, cost_of_old),
        "new": side(&found.new, cost_of_new),
        "messages": found.messages,
        "unreadable": found.unreadable,
        "records": found.records,
        "records_with_rules": found.served,
        "different": {
            "records": found.different,
            "failed": found.failed,
            "mended": found.mended,
            "dropped": compared.dropped,
            "kept": compared.kept,
            "changed": compared.changed,
            "shared_only": compared.shared,
            "added": compared.added,
            "removed": compared.removed,
        },
        "is_above": is_above,
        "fields": fields,
        "statements": found.statements.iter().map(row).collect::<Vec<_>>(),
        "samples": found.samples.iter().map(|one| sample(one, values)).collect::<Vec<_>>(),
    });
    format!("{object}\n")
}

fn side(side: &Side, cost: Option<f64>) -> Value {
    json!({
        "rules": side.name,
        "changed": side.totals.changed,
        "dropped": side.totals.dropped,
        "added": side.totals.added,
        "failed": side.totals.failed,
        "failed_messages": side.totals.failed_messages,
        "errors": side.errors(),
        "nanoseconds_per_record": cost,
    })
}

fn row(row: &Row) -> Value {
    let [old, new] = row.sides.each_ref().map(|side| side.as_ref().map(counted));
    json!({ "text": row.text, "signal": row.signal, "old": old, "new": new })
}

fn counted(of: &Counted) -> Value {
    json!({
        "file": of.file,
        "line": of.line,
        "column": of.column,
        "processor": of.processor,
        "evaluated": of.counters.evaluated,
        "matched": of.counters.matched,
        "changed": of.counters.changed,
        "failed": of.counters.failed,
    })
}

fn sample(sample: &Sample, values: bool) -> Value {
    let masked = |value: &Option<String>| match value {
        Some(value) if values => Value::from(value.as_str()),
        Some(_) => Value::from("***"),
        None => Value::Null,
    };
    let fields = sample.fields.iter().map(|field| {
        let [old_by, new_by] = field.by.each_ref().map(|by| by.as_ref().map(blame));
        let (old, new) = (masked(&field.old), masked(&field.new));
        json!({ "path": field.path, "old": old, "new": new, "old_by": old_by, "new_by": new_by })
    });
    json!({
        "kind": sample.kind.name(),
        "input": sample.file,
        "message": sample.message,
        "record": sample.record,
        "point": sample.point,
        "place": sample.place,
        "records": sample.records,
        "by": sample.by.as_ref().map(blame),
        "error": sample.error,
        "fields": fields.collect::<Vec<_>>(),
        "more_fields": sample.more_fields,
    })
}

fn blame(blame: &Blame) -> Value {
    json!({ "text": blame.text, "file": blame.file, "line": blame.line, "column": blame.column })
}
