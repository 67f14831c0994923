//! Loops written by hand for two of the workloads: what an expert would write for exactly these rules, as the limit.
//!
//! They read the message the engine reads and write what it writes, but know the rules by heart. They rely on fields
//! being written as SDKs write them, which the data here is.

use ottl_otlp::wire::{Field, Reader, WireError, begin_len, end_len};

/// The value bytes of an attribute in `message` (repeated field `number`), if it is a text.
fn text_attribute<'m>(message: &'m [u8], number: u32, key: &[u8]) -> Result<Option<&'m [u8]>, WireError> {
    let mut reader = Reader::new(message);
    while let Some(field) = reader.next_field()? {
        if field.number != number {
            continue;
        }
        let pair = field.bytes()?;
        if let [0x0a, len, rest @ ..] = pair
            && usize::from(*len) == key.len()
            && rest.starts_with(key)
        {
            let value = &rest[key.len()..];
            return Ok(match value {
                [0x12, _, 0x0a, len, text @ ..] if usize::from(*len) == text.len() => Some(text),
                _ => None,
            });
        }
    }
    Ok(None)
}

/// Copies a message of groups, scopes and records without the records that `drops` names, and without what that empties.
fn filter(
    input: &[u8],
    out: &mut Vec<u8>,
    mut drops: impl FnMut(&[u8], &[u8]) -> Result<bool, WireError>,
) -> Result<(), WireError> {
    let mut groups = Reader::new(input);
    while let Some(group) = groups.next_field()? {
        let content = group.bytes()?;
        let group_start = out.len();
        let group_mark = begin_len(out, group.number, content.len());
        let (mut resource, mut scopes_left) = (&[][..], 0);
        let mut parts = Reader::new(content);
        while let Some(part) = parts.next_field()? {
            if part.number != 2 {
                if part.number == 1 {
                    resource = part.bytes()?;
                }
                out.extend_from_slice(&content[part.start..part.end]);
                continue;
            }
            let scope = part.bytes()?;
            let scope_start = out.len();
            let mark = begin_len(out, 2, scope.len());
            let (mut run, mut left) = (0, 0);
            let mut records = Reader::new(scope);
            while let Some(record) = records.next_field()? {
                if record.number == 2 {
                    if drops(resource, record.bytes()?)? {
                        out.extend_from_slice(&scope[run..record.start]);
                        run = record.end;
                    } else {
                        left += 1;
                    }
                }
            }
            out.extend_from_slice(&scope[run..]);
            end_len(out, mark);
            if left == 0 {
                out.truncate(scope_start);
            } else {
                scopes_left += 1;
            }
        }
        end_len(out, group_mark);
        if scopes_left == 0 {
            out.truncate(group_start);
        }
    }
    Ok(())
}

/// `filter-logs`: `^/(health|ready|live)z?$` on `http.target`; severity below INFO in production.
pub fn filter_logs(input: &[u8], out: &mut Vec<u8>) -> Result<(), WireError> {
    // The resource looked at last, by address, and whether it is in production.
    let mut last = (0usize, false);
    filter(input, out, |resource, record| {
        if let Some(target) = text_attribute(record, 6, b"http.target")? {
            let stem = target.strip_suffix(b"z").unwrap_or(target);
            if matches!(stem, b"/health" | b"/ready" | b"/live") {
                return Ok(true);
            }
        }
        if last.0 != resource.as_ptr() as usize {
            let environment = text_attribute(resource, 1, b"deployment.environment")?;
            last = (resource.as_ptr() as usize, environment == Some(b"production"));
        }
        if !last.1 {
            return Ok(false);
        }
        let mut fields = Reader::new(record);
        let mut severity = 0;
        while let Some(field) = fields.next_field()? {
            if let Field { number: 2, .. } = field {
                severity = field.varint()?;
            }
        }
        Ok((severity as i32) < 9)
    })
}

/// `filter-spans`: a route, or a redis client.
pub fn filter_spans(input: &[u8], out: &mut Vec<u8>) -> Result<(), WireError> {
    filter(input, out, |_, span| {
        if text_attribute(span, 9, b"http.route")? == Some(b"/healthz") {
            return Ok(true);
        }
        if text_attribute(span, 9, b"db.system")? != Some(b"redis") {
            return Ok(false);
        }
        let mut fields = Reader::new(span);
        let mut kind = 0;
        while let Some(field) = fields.next_field()? {
            if field.number == 6 {
                kind = field.varint()?;
            }
        }
        Ok(kind == 3)
    })
}
