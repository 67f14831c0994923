//! The loop for `filter-logs`: `^/(health|ready|live)z?$` on `http.target`; severity below INFO in production.

use ottl::Status;

use super::walk::{PerResource, field, filter, resource_attribute, text, value_of, varint};

/// `filter-logs`.
pub fn filter_logs(input: &[u8], out: &mut Vec<u8>) -> Option<Status> {
    let mut production = PerResource::new(false);
    filter(input, out, |resource, record| {
        let (mut severity, mut at) = (0, 0);
        while let Some(part) = field(record, at) {
            at = part.end;
            match part.tag {
                0x10 => severity = varint(record, part).unwrap_or(0),
                0x32 => {
                    let Some(value) = value_of(&record[part.content..part.end], b"http.target") else { continue };
                    let target = text(value).unwrap_or_default();
                    let stem = target.strip_suffix(b"z").unwrap_or(target);
                    if matches!(stem, b"/health" | b"/ready" | b"/live") {
                        return true;
                    }
                    // Severities stand before attributes.
                    break;
                }
                _ => {}
            }
        }
        (severity as i32) < 9
            && production.of(resource, |resource| {
                resource_attribute(resource, b"deployment.environment").and_then(text) == Some(b"production")
            })
    })
}
