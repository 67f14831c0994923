//! Values as texts for people.

use ottl_core::Value;
use ottl_core::ops::push_json_text;
use ottl_otlp::json::{put_float, put_hex, put_string};

use super::ShownValue;

/// Bytes after which a text of a value ends.
const LONGEST: usize = 8 << 10;

/// A value as JSON where JSON has such values. Long ones are cut.
pub(crate) fn shown(value: &Value<'_>) -> ShownValue {
    let mut out = Vec::new();
    put(&mut out, value);
    let mut text = String::from_utf8_lossy(&out).into_owned();
    if text.len() > LONGEST {
        let end = (0..=LONGEST).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
        text.truncate(end);
        text.push_str("...");
    }
    ShownValue { type_name: value.type_name().to_string(), text }
}

/// Appends the text of a value; of a list or map that is too long, its beginning.
fn put(out: &mut Vec<u8>, value: &Value<'_>) {
    match value {
        Value::Str(text) => put_string(out, text.get(..LONGEST).unwrap_or(text)),
        Value::Bytes(bytes) => put_quoted_hex(out, bytes),
        Value::TraceId(id) | Value::ProfileId(id) => put_quoted_hex(out, id),
        Value::SpanId(id) => put_quoted_hex(out, id),
        Value::Float(number) => put_float(out, *number),
        Value::Duration(nanos) => out.extend_from_slice(format!("\"{} ns\"", nanos).as_bytes()),
        Value::List(list) => {
            out.push(b'[');
            for (at, item) in list.iter().enumerate() {
                if out.len() > LONGEST {
                    break;
                }
                if at > 0 {
                    out.extend_from_slice(b", ");
                }
                put(out, &item);
            }
            out.push(b']');
        }
        Value::Map(map) => {
            out.push(b'{');
            for (at, pair) in map.iter().enumerate() {
                if out.len() > LONGEST {
                    break;
                }
                if at > 0 {
                    out.extend_from_slice(b", ");
                }
                put_string(out, pair.key);
                out.extend_from_slice(b": ");
                put(out, &pair.value);
            }
            out.push(b'}');
        }
        Value::Struct(part) => {
            let count = if part.kind.is_list() { format!(" of {}", part.count) } else { String::new() };
            out.extend_from_slice(format!("<{}{count}>", value.type_name()).as_bytes());
        }
        Value::Nil | Value::Absent => out.extend_from_slice(b"nil"),
        Value::Bool(_) | Value::Int(_) | Value::GoInt(_) | Value::Time(_) => {
            // A year that JSON has no form for.
            if push_json_text(out, value).is_err() {
                out.extend_from_slice(format!("<{}>", value.type_name()).as_bytes());
            }
        }
        Value::Lambda(_) | Value::Function(_) | Value::Path(_) | Value::Thunk(_) => {
            out.extend_from_slice(format!("<{}>", value.type_name()).as_bytes());
        }
    }
}

fn put_quoted_hex(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(b'"');
    put_hex(out, &bytes[..bytes.len().min(LONGEST / 2)]);
    out.push(b'"');
}
