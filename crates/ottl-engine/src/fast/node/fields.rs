//! Going over the fields of a message, and keeping where some of them lie.

use ottl_otlp::wire::Reader;

/// How many fields a scan keeps the places of: those with numbers below this have tags of one byte.
pub(in crate::fast) const PLACES: usize = 16;

/// No number of a field of which places are kept.
pub(in crate::fast) const NO_FIELD: u32 = u32::BITS - 1;

/// Goes over fields from `pos` on, to the end of the message or in front of a field with the tag `stop`: to where. Of those whose
/// numbers are bits of `wanted`, the places are kept in `places`, and the bits set in `present`. Nothing if one of them is there
/// twice, if a field is damaged, or if there is one of the number `refused` in another encoding than that of `stop`.
///
/// PERF (structural, logs-100): all that changes is local, and the loop is small enough that nothing is spilled.
#[inline(always)]
pub(in crate::fast) fn scan_fields(
    raw: &[u8],
    mut pos: usize,
    stop: u16,
    (wanted, refused): (u32, u32),
    (present, places): (&mut u32, &mut [(u32, u32); PLACES]),
) -> Option<usize> {
    let mut found = *present;
    while let Some(&tag) = raw.get(pos)
        && u16::from(tag) != stop
    {
        let mut end = short_field_end(raw, pos, tag);
        let mut number = u32::from(tag >> 3);
        if end > raw.len() {
            (number, end) = longer_field(raw, pos)?;
            if number == refused {
                return None;
            }
            // Of fields with longer tags no places are kept.
            number = number.min(NO_FIELD);
        }
        if wanted >> number & 1 != 0 {
            if found >> number & 1 != 0 {
                return None;
            }
            found |= 1 << number;
            places[number as usize % PLACES] = (pos as u32, end as u32);
        }
        pos = end;
    }
    *present = found;
    Some(pos)
}

/// Goes over fields from `pos` on as long as they have the tag `tag`, of a length that follows: to where. Nothing if one is
/// damaged.
#[inline(never)]
pub(in crate::fast) fn skip_fields(raw: &[u8], mut pos: usize, tag: u8) -> Option<usize> {
    while let Some(&[first, len]) = raw.get(pos..).and_then(<[u8]>::first_chunk)
        && first == tag
    {
        let end = pos + 2 + usize::from(len);
        pos = if len < 0x80 && end <= raw.len() { end } else { longer_field(raw, pos)?.1 };
    }
    // A tag without a length.
    (raw.get(pos) != Some(&tag)).then_some(pos)
}

/// Number and end of a field whose tag, length or value is longer than nearly all are.
#[inline(never)]
fn longer_field(raw: &[u8], pos: usize) -> Option<(u32, usize)> {
    let field = Reader::new(raw.get(pos..)?).next_field().ok()??;
    Some((field.number, pos + field.end))
}

/// Where the field at `pos` ends, if its tag has one byte, and it a length or value of one or two bytes or a fixed width;
/// else, or beyond what an address can be, a number past every message.
///
/// PERF (metrics): where the next field starts depends on this one. A table by tag would put a load between them; a branch
/// is foreseen. Four bytes are loaded at once.
#[inline(always)]
pub(super) fn short_field_end(raw: &[u8], pos: usize, tag: u8) -> usize {
    let Some(bytes) = raw.get(pos..pos + 4).and_then(<[u8]>::first_chunk) else {
        return last_field_end(raw, pos, tag);
    };
    let word = u32::from_le_bytes(*bytes);
    if tag < 8 {
        return usize::MAX;
    }
    // Tag, and length or value, of one byte each; then those of a length or value of two. Each is one comparison: of a
    // match by wire type the compiler makes a table of jumps.
    if word & 0x8087 == 2 {
        return pos + 2 + (word >> 8 & 0xff) as usize;
    }
    if word & 0x87 == 1 {
        return pos + 9;
    }
    if word & 0x80_0087 == 2 {
        return pos + 3 + (word >> 8 & 0x7f | word >> 9 & 0x3f80) as usize;
    }
    if word & 0x8087 == 0 {
        return pos + 2;
    }
    if word & 0x87 == 5 {
        return pos + 5;
    }
    if word & 0x80_0087 == 0 {
        return pos + 3;
    }
    usize::MAX
}

/// The same for one of the last fields.
fn last_field_end(raw: &[u8], pos: usize, tag: u8) -> usize {
    let next = raw.get(pos + 1..).unwrap_or_default();
    match (tag, tag & 7, next) {
        (..8 | 0x80.., ..) => usize::MAX,
        (_, 1, _) => pos + 9,
        (_, 2, [len, ..]) if *len < 0x80 => pos + 2 + usize::from(*len),
        (_, 2, [low, high, ..]) if *high < 0x80 => pos + 3 + (usize::from(*low & 0x7f) | usize::from(*high) << 7),
        (_, 0, [value, ..]) if *value < 0x80 => pos + 2,
        (_, 0, [_, high, ..]) if *high < 0x80 => pos + 3,
        (_, 5, _) => pos + 5,
        _ => usize::MAX,
    }
}
