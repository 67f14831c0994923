//! Going over the fields of a message, and keeping where some of them lie.

use ottl_otlp::wire::Reader;

/// How many fields a scan keeps the places of: those with numbers below this have tags of one byte.
pub(in crate::fast) const PLACES: usize = 16;

/// No number of a field of which places are kept.
pub(in crate::fast) const NO_FIELD: u32 = u32::BITS - 1;

/// Messages have at most so many bytes: sums of places in them fit 32 bits.
pub(in crate::fast) const MAX_LEN: usize = u32::MAX as usize / 2;

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

/// Number and end of a field whose tag, length or value is longer than nearly all are.
#[inline(never)]
fn longer_field(raw: &[u8], pos: u32) -> Option<(u32, u32)> {
    let field = Reader::new(raw.get(pos as usize..)?).next_field().ok()??;
    Some((field.number, pos + field.end as u32))
}

/// The first four bytes of the field at `pos`; of one of the last fields fewer, and zeros. Nothing where no field is.
///
/// Places have 32 bits, so that the compiler sees that sums do not wrap: one bounds check instead of two.
#[inline(always)]
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
#[inline(always)]
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
