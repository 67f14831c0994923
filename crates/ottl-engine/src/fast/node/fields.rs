//! Going over the fields of a message, and keeping where some of them lie.

use ottl_otlp::wire::{Reader, WireError};

/// How many fields a scan keeps the places of: those with numbers below this have tags of one byte, and the one of this number has the
/// place that would be that of the number 0, which no field has.
pub(in crate::fast) const PLACES: usize = 16;

/// The tag of a span's flags, four bytes of a number of two bytes.
const FLAGS: [u8; 2] = [(FLAGS_NUMBER << 3 | 5) as u8 | 0x80, (FLAGS_NUMBER >> 4) as u8];
const FLAGS_NUMBER: u32 = ottl_otlp::wire::fields::span::FLAGS;

/// No number of a field of which places are kept.
pub(in crate::fast) const NO_FIELD: u32 = u32::BITS - 1;

/// Messages have at most so many bytes: sums of places in them fit 32 bits.
pub(in crate::fast) const MAX_LEN: usize = u32::MAX as usize / 2;

/// Where the first of some fields lies, and its number: `places` has those of all, by number.
#[inline]
pub(in crate::fast) fn first_of(places: &[(u32, u32)], mut fields: u32) -> Option<(usize, usize, u32)> {
    let mut first: Option<(u32, u32, u32)> = None;
    while fields != 0 {
        let number = fields.trailing_zeros();
        fields &= fields - 1;
        let (start, end) = *places.get(number as usize)?;
        if first.is_none_or(|(before, ..)| start < before) {
            first = Some((start, end, number));
        }
    }
    first.map(|(start, end, number)| (start as usize, end as usize, number))
}

/// Goes over fields from `pos` on, to the end of the message or in front of a field with the tag `stop`: to where. Of those whose
/// numbers are bits of `wanted`, the places are kept in `places`, and the bits set in `present`. Nothing if one of them is there
/// twice, if a field is damaged, or if there is one of the number `refused` in another encoding than that of `stop`.
///
/// PERF (structural, logs-100): all that changes is local, and the loop is small enough that nothing is spilled.
#[cfg_attr(not(target_family = "wasm"), inline(always))]
pub(in crate::fast) fn scan_fields(
    raw: &[u8],
    mut pos: u32,
    stop: u16,
    (wanted, refused): (u32, u32),
    (present, places): (&mut u32, &mut [(u32, u32); PLACES]),
) -> Option<u32> {
    let mut found = *present;
    // No field has the number 0, and a message that says so is damaged.
    let wanted = wanted | 1;
    while let Some(head) = head_at(raw, pos)
        && head & 0xff != u32::from(stop)
    {
        let mut end = short_end(head, pos);
        let mut number = head >> 3 & 0x1f;
        if end as usize > raw.len() {
            (number, end) = longer_field(raw, pos)?;
            if number == refused {
                return None;
            }
            // Of fields with longer tags no places are kept.
            number = number.min(NO_FIELD);
        }
        if wanted >> number & 1 != 0 {
            if number == 0 || found >> number & 1 != 0 {
                return None;
            }
            found |= 1 << number;
            places[number as usize % PLACES] = (pos, end);
        }
        pos = end;
    }
    *present = found;
    Some(pos)
}

/// Goes over fields from `pos` on as long as they have the tag `tag`, of a length that follows: to where. Nothing if one is
/// damaged.
#[inline(never)]
pub(in crate::fast) fn skip_fields(raw: &[u8], mut pos: u32, tag: u8) -> Option<u32> {
    let at = |pos: u32| raw.get(pos as usize..pos as usize + 2).and_then(<[u8]>::first_chunk);
    while let Some(&[first, len]) = at(pos)
        && first == tag
    {
        let end = pos + 2 + u32::from(len);
        pos = if len < 0x80 && end as usize <= raw.len() { end } else { longer_field(raw, pos)?.1 };
    }
    // A tag without a length.
    (raw.get(pos as usize) != Some(&tag)).then_some(pos)
}

/// Where the fields with the tag `tag`, of a length that follows, lie in a message, if all of that number lie together; `(0, 0)`
/// if there are none. `skipped` is the tag of others of which there are many, and where those lie if that is known. Nothing if
/// a field is damaged.
#[inline(never)]
pub(in crate::fast) fn run_of(raw: &[u8], tag: u8, skipped: (u8, (u32, u32))) -> Option<(u32, u32)> {
    if raw.len() > MAX_LEN {
        return None;
    }
    let (mut pos, mut start, mut end) = (0, 0, 0);
    while let Some(head) = head_at(raw, pos) {
        if head & 0xff == u32::from(skipped.0) {
            let is_known = pos == skipped.1.0 && pos < skipped.1.1;
            pos = if is_known { skipped.1.1 } else { skip_fields(raw, pos, skipped.0)? };
            continue;
        }
        if head & 0xff == u32::from(tag) {
            if end != 0 {
                return None;
            }
            (start, end) = (pos, skip_fields(raw, pos, tag)?);
            pos = end;
            continue;
        }
        let (mut number, mut next) = (head >> 3 & 0x1f, short_end(head, pos));
        if next as usize > raw.len() {
            (number, next) = longer_field(raw, pos)?;
        }
        if number == 0 || number == u32::from(tag >> 3) {
            return None;
        }
        pos = next;
    }
    Some((start, end))
}

/// How many fields of a number a message has, each of a length that follows.
///
/// # Errors
/// Damage of the framing; another wire type.
#[inline(never)]
pub(in crate::fast) fn count_fields(raw: &[u8], number: u32) -> Result<i64, WireError> {
    let (mut pos, mut count) = (0, 0);
    if raw.len() <= MAX_LEN {
        while let Some(head) = head_at(raw, pos) {
            let (end, tag) = (short_end(head, pos), head & 0xff);
            if end as usize > raw.len() || tag < 8 || tag >> 3 == number && tag & 7 != 2 {
                break;
            }
            count += i64::from(tag >> 3 == number);
            pos = end;
        }
    }
    let mut reader = Reader::new(raw.get(pos as usize..).unwrap_or_default());
    while let Some(field) = reader.next_field()? {
        if field.number == number {
            field.bytes()?;
            count += 1;
        }
    }
    Ok(count)
}

/// Number and end of a field whose tag, length or value is longer than nearly all are.
#[inline(never)]
fn longer_field(raw: &[u8], pos: u32) -> Option<(u32, u32)> {
    let rest = raw.get(pos as usize..)?;
    // PERF (spans): nearly all have these.
    if rest.len() >= 6 && rest.starts_with(&FLAGS) {
        return Some((FLAGS_NUMBER, pos + 6));
    }
    let field = Reader::new(rest).next_field().ok()??;
    Some((field.number, pos + field.end as u32))
}

/// The first four bytes of the field at `pos`; of one of the last fields fewer, and zeros. Nothing where no field is.
///
/// Places have 32 bits, so that the compiler sees that sums do not wrap: one bounds check instead of two.
#[cfg_attr(not(target_family = "wasm"), inline(always))]
pub(in crate::fast) fn head_at(raw: &[u8], pos: u32) -> Option<u32> {
    let at = pos as usize;
    match raw.get(at..at + 4).and_then(<[u8]>::first_chunk) {
        Some(head) => Some(u32::from_le_bytes(*head)),
        None if at >= raw.len() => None,
        None => Some(last_head(raw, at)),
    }
}

#[inline(never)]
fn last_head(raw: &[u8], at: usize) -> u32 {
    raw.get(at..).unwrap_or_default().iter().rev().fold(0, |head, byte| head << 8 | u32::from(*byte))
}

/// Where the field at `pos` of a message of at most [`MAX_LEN`] bytes ends, which begins so, if its tag has one byte, and it a
/// length or value of one or two bytes or a fixed width; else a number past every message. The number of the field may be 0.
///
/// PERF (metrics): where the next field starts depends on this one. A table by tag would put a load between them; a branch
/// is foreseen.
#[cfg_attr(not(target_family = "wasm"), inline(always))]
pub(in crate::fast) fn short_end(head: u32, pos: u32) -> u32 {
    // Tag, and length or value, of one byte each; then those of a length or value of two. Each is one comparison: of a
    // match by wire type the compiler makes a table of jumps.
    if head & 0x8087 == 2 {
        return pos + 2 + (head >> 8 & 0xff);
    }
    if head & 0x87 == 1 {
        return pos + 9;
    }
    if head & 0x80_0087 == 2 {
        return pos + 3 + (head >> 8 & 0x7f | head >> 9 & 0x3f80);
    }
    if head & 0x8087 == 0 {
        return pos + 2;
    }
    if head & 0x87 == 5 {
        return pos + 5;
    }
    if head & 0x80_0087 == 0 {
        return pos + 3;
    }
    u32::MAX
}
