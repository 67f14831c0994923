//! How many records a message holds, and how many of them another version of it changes.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use ottl::otlp::Signal;
use ottl::otlp::schema::MessageId;
use ottl::otlp::schema::topology::{DATA_POINTS, groups};
use ottl::otlp::wire::{Payload, Reader, WireError};

/// The fields to follow from a message of the signal down to its records, as bits by their numbers: resource groups, scope
/// groups, records; for metrics also the kinds of data and their points.
const fn steps(signal: Signal) -> &'static [u32] {
    const STEPS: [u32; 5] = [
        1 << groups::RESOURCES,
        1 << groups::SCOPES,
        1 << groups::RECORDS,
        MessageId::Metric.def().oneof(),
        1 << DATA_POINTS,
    ];
    match signal {
        Signal::Traces | Signal::Logs | Signal::Profiles => STEPS.split_at(3).0,
        Signal::Metrics => &STEPS,
    }
}

/// Whether a field is one of those to follow.
const fn is_in(step: u32, number: u32) -> bool {
    number < u32::BITS && step >> number & 1 == 1
}

/// The number of log records, spans, data points or profiles.
///
/// # Errors
/// Damage above the records.
pub fn count(signal: Signal, message: &[u8]) -> Result<u64, WireError> {
    below(steps(signal), message)
}

/// The number of log records, spans, metrics or profiles.
///
/// # Errors
/// Damage above the records.
pub fn records(signal: Signal, message: &[u8]) -> Result<u64, WireError> {
    below(&steps(signal)[..3], message)
}

/// Goes down at most five levels.
fn below(steps: &[u32], message: &[u8]) -> Result<u64, WireError> {
    let Some((step, deeper)) = steps.split_first() else { return Ok(1) };
    let mut sum = 0;
    let mut reader = Reader::new(message);
    while let Some(field) = reader.next_field()? {
        if let Payload::Bytes(content) = field.payload
            && is_in(*step, field.number)
        {
            sum += below(deeper, content).map_err(|error| error.offset_by(field.content_start()))?;
        }
    }
    Ok(sum)
}

/// How many records of a message are not in the message that was made of it, as they are, with resource and scope as they
/// are.
///
/// # Errors
/// Damage above the records.
pub fn changed(signal: Signal, before: &[u8], after: &[u8]) -> Result<u64, WireError> {
    let (mut old, mut new) = (Vec::new(), Vec::new());
    digests(steps(signal), before, 0, &mut old)?;
    digests(steps(signal), after, 0, &mut new)?;
    if old.len() == new.len() {
        return Ok(old.iter().zip(&new).filter(|(old, new)| old != new).count() as u64);
    }
    // Records were dropped or added: those that are still the same are looked up.
    let mut kept: HashMap<u64, u64> = HashMap::new();
    for digest in old {
        *kept.entry(digest).or_default() += 1;
    }
    let is_new = |digest: &&u64| match kept.get_mut(digest) {
        Some(left @ 1..) => {
            *left -= 1;
            false
        }
        _ => true,
    };
    Ok(new.iter().filter(is_new).count() as u64)
}

/// A number for each record, made of its bytes and those of what it lies in.
fn digests(steps: &[u32], message: &[u8], above: u64, out: &mut Vec<u64>) -> Result<(), WireError> {
    let mut hasher = DefaultHasher::new();
    above.hash(&mut hasher);
    let Some((step, deeper)) = steps.split_first() else {
        message.hash(&mut hasher);
        out.push(hasher.finish());
        return Ok(());
    };
    let is_child = |number: u32, payload: &Payload<'_>| matches!(payload, Payload::Bytes(_)) && is_in(*step, number);
    let mut reader = Reader::new(message);
    while let Some(field) = reader.next_field()? {
        if !is_child(field.number, &field.payload) {
            message[field.start..field.end].hash(&mut hasher);
        }
    }
    let mut reader = Reader::new(message);
    while let Some(field) = reader.next_field()? {
        if let Payload::Bytes(content) = field.payload
            && is_in(*step, field.number)
        {
            digests(deeper, content, hasher.finish(), out).map_err(|error| error.offset_by(field.content_start()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changed_records_are_counted_whoever_else_goes() {
        let protobuf = |text: &str| {
            let mut out = Vec::new();
            ottl::otlp::json::to_protobuf(Signal::Logs, text.as_bytes(), &mut out).expect("well-formed");
            out
        };
        let logs = |resource: &str, bodies: &[&str]| {
            let records: Vec<String> =
                bodies.iter().map(|body| format!(r#"{{"body":{{"stringValue":"{body}"}}}}"#)).collect();
            let attributes = format!(r#"{{"attributes":[{{"key":"{resource}"}}]}}"#);
            protobuf(&format!(
                r#"{{"resourceLogs":[{{"resource":{attributes},"scopeLogs":[{{"logRecords":[{}]}}]}}]}}"#,
                records.join(",")
            ))
        };
        let before = logs("r", &["a", "b", "b", "c"]);
        let rows = [
            (logs("r", &["a", "b", "b", "c"]), 0),
            (logs("r", &["a", "x", "b", "c"]), 1),
            (logs("r", &["b", "c"]), 0),
            (logs("r", &["b", "y"]), 1),
            (logs("r", &["b", "b", "b"]), 1),
            (logs("s", &["a", "b", "b", "c"]), 4),
            (logs("s", &["a"]), 1),
        ];
        for (after, expected) in rows {
            assert_eq!(changed(Signal::Logs, &before, &after), Ok(expected));
        }
    }

    #[test]
    fn records_are_counted_through_all_groups() {
        let protobuf = |signal, text: &str| {
            let mut out = Vec::new();
            ottl::otlp::json::to_protobuf(signal, text.as_bytes(), &mut out).expect("well-formed");
            out
        };
        let rows = [
            (Signal::Logs, r#"{}"#, 0),
            (
                Signal::Logs,
                r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{},{}]},{"logRecords":[{}]}]},{"scopeLogs":[{}]}]}"#,
                3,
            ),
            (
                Signal::Traces,
                r#"{"resourceSpans":[{"resource":{"attributes":[{"key":"a"}]},"scopeSpans":[{"spans":[{"name":"x"}]}]}]}"#,
                1,
            ),
            (
                Signal::Metrics,
                r#"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"gauge":{"dataPoints":[{},{}]}},{"summary":{"dataPoints":[{}]}},{"name":"x"}]}]}]}"#,
                3,
            ),
        ];
        for (signal, text, records) in rows {
            assert_eq!(count(signal, &protobuf(signal, text)), Ok(records), "{text}");
        }
        assert!(count(Signal::Logs, &[0x0a, 5, 0]).is_err());
    }
}
