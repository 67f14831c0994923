//! The loop for `metrics`: names and units as they pass, and the attributes of each point cut and put together.
//!
//! It relies on attributes of a point standing behind its other fields. A unit that was not there comes last.

use ottl::Status;
use ottl_otlp::wire::{begin_len, end_len, put_len_field};

use super::walk::{Pairs, field, value_of};

/// The attribute `env: prod`, as a field.
const ENV: &[u8] = b"\x3a\x0d\x0a\x03env\x12\x06\x0a\x04prod";

/// A unit `1`, as a field.
const UNIT: &[u8] = b"\x1a\x011";

/// A data point's attributes.
const ATTRIBUTE: u8 = 0x3a;

/// Writes a data point.
#[inline(always)]
fn point(point: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let mut pairs = Pairs::new();
    let (mut first, mut host, mut env, mut at) = (point.len(), None, false, 0);
    while at < point.len() {
        let part = field(point, at)?;
        at = part.end;
        if part.tag != ATTRIBUTE {
            if pairs.len() > 0 {
                return None;
            }
            continue;
        }
        let pair = &point[part.content..part.end];
        match pair {
            [0x0a, 7, ..] if value_of(pair, b"host.id").is_some() => host = host.or(Some(pairs.len())),
            [0x0a, 3, b'e', b'n', b'v', ..] => env = true,
            _ => {}
        }
        if pairs.len() == 0 {
            first = part.start;
        }
        pairs.push(part.start, part.end)?;
    }
    if let Some(host) = host {
        pairs.swap_remove(host);
    }
    let mark = begin_len(out, 1, point.len());
    out.extend_from_slice(&point[..first]);
    pairs.runs(|start, end| out.extend_from_slice(&point[start..end]));
    if !env {
        out.extend_from_slice(ENV);
    }
    end_len(out, mark);
    Some(())
}

/// Writes what a metric is made of.
#[inline(always)]
fn metric(metric: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let (mut unit, mut at) = (false, 0);
    while at < metric.len() {
        let part = field(metric, at)?;
        at = part.end;
        let content = &metric[part.content..part.end];
        match part.tag {
            0x0a if content.starts_with(b"system.") => {
                put_len_field(out, 1, &[b"sys.", &content[b"system.".len()..]].concat());
            }
            0x1a => {
                unit = true;
                out.extend_from_slice(if content.is_empty() { UNIT } else { &metric[part.start..part.end] });
            }
            // Gauges and sums.
            0x2a | 0x3a => {
                let mark = begin_len(out, u32::from(part.tag >> 3), content.len());
                let mut at = 0;
                while at < content.len() {
                    let member = field(content, at)?;
                    at = member.end;
                    match member.tag {
                        0x0a => point(&content[member.content..member.end], out)?,
                        _ => out.extend_from_slice(&content[member.start..member.end]),
                    }
                }
                end_len(out, mark);
            }
            _ => out.extend_from_slice(&metric[part.start..part.end]),
        }
    }
    if !unit {
        out.extend_from_slice(UNIT);
    }
    Some(())
}

/// Writes a resource's metrics, and everything around them.
fn members(input: &[u8], depth: u32, out: &mut Vec<u8>) -> Option<()> {
    let mut at = 0;
    while at < input.len() {
        let part = field(input, at)?;
        at = part.end;
        let content = &input[part.content..part.end];
        // Resources are field 1 of the message, scopes and metrics field 2 of what holds them.
        if part.tag != if depth == 0 { 0x0a } else { 0x12 } {
            out.extend_from_slice(&input[part.start..part.end]);
            continue;
        }
        let mark = begin_len(out, u32::from(part.tag >> 3), content.len());
        match depth {
            2 => metric(content, out)?,
            _ => members(content, depth + 1, out)?,
        }
        end_len(out, mark);
    }
    Some(())
}

/// `metrics`.
pub fn metrics(input: &[u8], out: &mut Vec<u8>) -> Option<Status> {
    members(input, 0, out)?;
    Some(Status::Changed)
}
