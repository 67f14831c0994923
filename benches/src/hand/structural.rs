//! The loop for `structural`: one walk notes where the parts of a record lie, then it is written in runs.
//!
//! It relies on attributes standing together, on a severity text before them, and on no attribute `env` or `slow`.

use ottl::Status;
use ottl_otlp::wire::{begin_len, end_len, put_len_field};

use super::walk::{Fate, Pairs, PerResource, Rules, field, resource_attribute, rewrite, value_of, varint};

/// The attribute `slow: true`, as a field.
const SLOW: &[u8] = b"\x32\x0a\x0a\x04slow\x12\x02\x10\x01";

/// The severity text `ERROR`, as a field.
const ERROR: &[u8] = b"\x1a\x05ERROR";

/// Where the new attribute `env` stands among places in the record: behind all of them.
const ENV: usize = u32::MAX as usize;

struct Structural {
    /// The attribute `env` of the record's resource, as a field.
    env: Vec<u8>,
    resource: PerResource<()>,
}

/// The key of a pair begins like this.
fn starts_internal(key: &[u8]) -> bool {
    key.starts_with(b"internal.")
}

impl Rules for Structural {
    #[inline(always)]
    fn decide(&mut self, resource: &[u8], _: &[u8]) -> Option<Fate> {
        let env = &mut self.env;
        self.resource.of(resource, |resource| {
            let mut pair = b"\x0a\x03env".to_vec();
            put_len_field(&mut pair, 2, resource_attribute(resource, b"deployment.environment").unwrap_or_default());
            env.clear();
            put_len_field(env, 6, &pair);
        });
        Some(Fate::Changed)
    }

    #[inline(always)]
    fn write(&mut self, record: &[u8], out: &mut Vec<u8>) -> Option<()> {
        let mut pairs = Pairs::new();
        let (mut slow, mut error, mut internal, mut session) = (false, false, false, None);
        let mut severity = (0, 0);
        let (mut first, mut last, mut at) = (0, 0, 0);
        while at < record.len() {
            let part = field(record, at)?;
            at = part.end;
            match part.tag {
                0x10 => error = varint(record, part)? as i32 >= 17,
                0x1a => severity = (part.start, part.end),
                0x32 => {
                    let pair = &record[part.content..part.end];
                    match pair {
                        [0x0a, 10, b's', ..] if value_of(pair, b"session.id").is_some() => {
                            session = session.or(Some(pairs.len()));
                        }
                        [0x0a, 11, b'd', ..] => {
                            if let Some([0x21, double @ ..]) = value_of(pair, b"duration_ms") {
                                slow = f64::from_le_bytes(double.try_into().ok()?) > 900.0;
                            }
                        }
                        [0x0a, _, b'i', ..] => internal |= starts_internal(&pair[2..]),
                        _ => {}
                    }
                    if pairs.len() == 0 {
                        first = part.start;
                    } else if part.start != last {
                        return None;
                    }
                    last = part.end;
                    pairs.push(part.start, part.end)?;
                }
                _ => {}
            }
        }
        pairs.push(ENV, ENV)?;
        if let Some(session) = session {
            pairs.swap_remove(session);
        }
        if internal {
            let is_internal = |start| {
                field(record, start).is_some_and(|part| record[part.content..].get(2..).is_some_and(starts_internal))
            };
            pairs.retain(|start, _| start == ENV || !is_internal(start));
        }
        let mark = begin_len(out, 2, record.len());
        let mut run = 0;
        if error {
            if severity.1 == 0 || severity.0 > first {
                return None;
            }
            out.extend_from_slice(&record[..severity.0]);
            out.extend_from_slice(ERROR);
            run = severity.1;
        }
        out.extend_from_slice(&record[run..first]);
        pairs.runs(|start, end| match start {
            ENV => out.extend_from_slice(&self.env),
            _ => out.extend_from_slice(&record[start..end]),
        });
        if slow {
            out.extend_from_slice(SLOW);
        }
        out.extend_from_slice(&record[last..]);
        end_len(out, mark);
        Some(())
    }
}

/// `structural`.
pub fn structural(input: &[u8], out: &mut Vec<u8>) -> Option<Status> {
    rewrite(input, out, &mut Structural { env: Vec::new(), resource: PerResource::new(()) })
}
