//! The loop for `spans`: one walk notes where the parts of a span lie, then it is written in runs.
//!
//! It relies on attributes standing together, on a name before them and a status with a code behind them, on no attribute
//! `duration_ms` or `service`, and on texts in ASCII where they are long.

use ottl::Status;
use ottl_otlp::wire::{begin_len, end_len, put_len_field, put_varint_field};

use super::walk::{Fate, Field, Pairs, PerResource, Rules, field, resource_attribute, rewrite, value_of};

/// Where the new attribute `duration_ms` stands among places in the span: behind all of them.
const DURATION: usize = u32::MAX as usize;

/// An attribute of a span.
const ATTRIBUTE: u8 = 0x4a;

/// Texts are cut to this many bytes, and attributes to this many.
const LONGEST: usize = 64;
const MOST: usize = 12;

#[derive(Default)]
struct Spans {
    /// The attribute `service` of the span's resource, as a field.
    service: Vec<u8>,
    /// A pair while it is put together.
    pair: Vec<u8>,
}

/// Puts `{id}` for the digits behind each slash.
#[inline(always)]
fn name(name: &[u8], out: &mut Vec<u8>) {
    let mark = begin_len(out, 5, name.len());
    let (mut run, mut at) = (0, 0);
    while at < name.len() {
        at += 1;
        if name[at - 1] != b'/' {
            continue;
        }
        let digits = name[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits > 0 {
            out.extend_from_slice(&name[run..at]);
            out.extend_from_slice(b"{id}");
            at += digits;
            run = at;
        }
    }
    out.extend_from_slice(&name[run..]);
    end_len(out, mark);
}

fn fixed64(span: &[u8], place: Option<Field>) -> u64 {
    let bytes = place.and_then(|place| span[place.content..place.end].try_into().ok());
    u64::from_le_bytes(bytes.unwrap_or_default())
}

impl Spans {
    /// The attribute at this field with a text that is cut, if it is longer.
    #[inline(always)]
    fn cut(&mut self, attribute: &[u8], out: &mut Vec<u8>) -> Option<bool> {
        let whole = field(attribute, 0)?;
        let pair = &attribute[whole.content..];
        let key = field(pair, 0)?;
        let value = field(pair, key.end)?;
        let content = &pair[value.content..value.end];
        if content.len() <= LONGEST + 2 || content[0] != 0x0a {
            return Some(false);
        }
        let long = field(content, 0)?;
        let text = &content[long.content..long.end];
        if text.len() <= LONGEST {
            return Some(false);
        }
        self.pair.clear();
        self.pair.extend_from_slice(&pair[..key.end]);
        let mark = begin_len(&mut self.pair, 2, LONGEST + 2);
        put_len_field(&mut self.pair, 1, &text[..LONGEST]);
        end_len(&mut self.pair, mark);
        put_len_field(out, 9, &self.pair);
        Some(true)
    }
}

impl Rules for (Spans, PerResource<()>) {
    #[inline(always)]
    fn decide(&mut self, resource: &[u8], _: &[u8]) -> Option<Fate> {
        let service = &mut self.0.service;
        self.1.of(resource, |resource| {
            let mut pair = b"\x0a\x07service".to_vec();
            put_len_field(&mut pair, 2, resource_attribute(resource, b"service.name").unwrap_or_default());
            service.clear();
            put_len_field(service, 9, &pair);
        });
        Some(Fate::Changed)
    }

    #[inline(always)]
    fn write(&mut self, span: &[u8], out: &mut Vec<u8>) -> Option<()> {
        let rules = &mut self.0;
        let mut pairs = Pairs::new();
        let (mut named, mut start, mut end, mut status) = (None, None, None, None);
        let (mut agent, mut failed) = (None, false);
        // How many of the attributes that are kept first there are, and which places they have.
        let (mut method, mut route) = (usize::MAX, usize::MAX);
        let (mut first, mut last, mut at) = (0, 0, 0);
        // Texts longer than fits a pair of one length byte are rare; whether there is one decides how pairs are written.
        let mut long = false;
        while at < span.len() {
            let part = field(span, at)?;
            at = part.end;
            match part.tag {
                0x2a => named = Some(part),
                0x39 => start = Some(part),
                0x41 => end = Some(part),
                0x7a => status = Some(part),
                ATTRIBUTE => {
                    let pair = &span[part.content..part.end];
                    long |= pair.len() > LONGEST;
                    match pair {
                        [0x0a, 19, b'u', ..] if value_of(pair, b"user_agent.original").is_some() => {
                            agent = agent.or(Some(pairs.len()));
                        }
                        [0x0a, 19, b'h', ..] if value_of(pair, b"http.request.method").is_some() => method = part.start,
                        [0x0a, 10, b'h', ..] if value_of(pair, b"http.route").is_some() => route = part.start,
                        [0x0a, 25, ..] => {
                            if let Some([0x18, code @ ..]) = value_of(pair, b"http.response.status_code") {
                                let code = ottl_otlp::wire::read_varint(code, 0).ok()?.0;
                                failed = code as i64 >= 500;
                            }
                        }
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
        let (named, status) = (named?, status?);
        if named.start > first || status.start < last {
            return None;
        }
        pairs.push(DURATION, DURATION)?;
        if let Some(agent) = agent {
            pairs.swap_remove(agent);
        }
        if pairs.len() > MOST {
            let mut others = MOST - usize::from(method != usize::MAX) - usize::from(route != usize::MAX);
            pairs.retain(|start, _| {
                let stays = start == method || start == route || others > 0;
                others -= usize::from(stays && start != method && start != route);
                stays
            });
        }
        let mark = begin_len(out, 2, span.len());
        out.extend_from_slice(&span[..named.start]);
        name(&span[named.content..named.end], out);
        out.extend_from_slice(&span[named.end..first]);
        let millis = fixed64(span, end).wrapping_sub(fixed64(span, start)) as i64 / 1_000_000;
        let mut write = |start: usize, end: usize| -> Option<()> {
            if start == DURATION {
                rules.pair.clear();
                rules.pair.extend_from_slice(b"\x0a\x0bduration_ms");
                let mark = begin_len(&mut rules.pair, 2, 2);
                put_varint_field(&mut rules.pair, 3, millis as u64);
                end_len(&mut rules.pair, mark);
                put_len_field(out, 9, &rules.pair);
                return Some(());
            }
            if !long {
                out.extend_from_slice(&span[start..end]);
                return Some(());
            }
            let (mut run, mut at) = (start, start);
            while at < end {
                let next = field(span, at)?.end;
                if next - at > LONGEST {
                    let copied = out.len();
                    out.extend_from_slice(&span[run..at]);
                    match rules.cut(&span[at..next], out)? {
                        true => run = next,
                        false => out.truncate(copied),
                    }
                }
                at = next;
            }
            out.extend_from_slice(&span[run..end]);
            Some(())
        };
        let mut sound = Some(());
        pairs.runs(|start, end| sound = sound.and_then(|()| write(start, end)));
        sound?;
        out.extend_from_slice(&rules.service);
        if failed {
            out.extend_from_slice(&span[last..status.start]);
            // STATUS_CODE_ERROR; a status here has a code and nothing else.
            match &span[status.content..status.end] {
                [0x18, _] => out.extend_from_slice(b"\x7a\x02\x18\x02"),
                _ => return None,
            }
            out.extend_from_slice(&span[status.end..]);
        } else {
            out.extend_from_slice(&span[last..]);
        }
        end_len(out, mark);
        Some(())
    }
}

/// `spans`.
pub fn spans(input: &[u8], out: &mut Vec<u8>) -> Option<Status> {
    rewrite(input, out, &mut (Spans::default(), PerResource::new(())))
}
