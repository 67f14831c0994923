//! The loop for `filter-spans`: a route, or a redis client.

use ottl::Status;

use super::walk::{field, filter, text, value_of, varint};

/// The number of `SPAN_KIND_CLIENT`.
const CLIENT: u64 = 3;

/// `filter-spans`.
pub fn filter_spans(input: &[u8], out: &mut Vec<u8>) -> Option<Status> {
    filter(input, out, |_, span| {
        let (mut kind, mut route, mut redis, mut at) = (0, false, false, 0);
        while let Some(part) = field(span, at) {
            at = part.end;
            match part.tag {
                0x30 => kind = varint(span, part).unwrap_or(0),
                0x4a => {
                    let pair = &span[part.content..part.end];
                    if let Some(value) = value_of(pair, b"http.route") {
                        if text(value) == Some(b"/healthz") {
                            return true;
                        }
                        route = true;
                    } else if let Some(value) = value_of(pair, b"db.system") {
                        redis = text(value) == Some(b"redis");
                        if !redis && route {
                            return false;
                        }
                    }
                    // Kinds stand before attributes.
                    if route && (kind != CLIENT || redis) {
                        return redis;
                    }
                }
                _ => {}
            }
        }
        redis && kind == CLIENT
    })
}
