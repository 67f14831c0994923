//! How many records a message holds.

use ottl::otlp::Signal;
use ottl::otlp::wire::{Payload, Reader, WireError};

/// The fields to follow from a message of the signal down to its records, with the numbers that `opentelemetry-proto`
/// gives them: resource groups, scope groups, records; for metrics also the kinds of data and their points.
const fn steps(signal: Signal) -> &'static [&'static [u32]] {
    match signal {
        Signal::Traces | Signal::Logs | Signal::Profiles => &[&[1], &[2], &[2]],
        // Gauge, sum, histogram, exponential histogram, summary: all have their points in field 1.
        Signal::Metrics => &[&[1], &[2], &[2], &[5, 7, 9, 10, 11], &[1]],
    }
}

/// The number of log records, spans, data points or profiles.
///
/// # Errors
/// Damage above the records.
pub fn count(signal: Signal, message: &[u8]) -> Result<u64, WireError> {
    below(steps(signal), message)
}

/// Goes down at most five levels.
fn below(steps: &[&[u32]], message: &[u8]) -> Result<u64, WireError> {
    let Some((numbers, deeper)) = steps.split_first() else { return Ok(1) };
    let mut sum = 0;
    let mut reader = Reader::new(message);
    while let Some(field) = reader.next_field()? {
        if let Payload::Bytes(content) = field.payload
            && numbers.contains(&field.number)
        {
            sum += below(deeper, content).map_err(|error| error.offset_by(field.content_start()))?;
        }
    }
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

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
