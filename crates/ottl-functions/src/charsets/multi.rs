//! Sets in which several bytes stand for a character.
//!
//! COMPAT: of a sequence that stands for nothing, bytes that could stand for something by themselves are looked at again; how
//! many those are differs from set to set, and is the reference's, also where other decoders do it otherwise.

use ottl_core::EvalError;

use super::{RANGES, REPLACEMENT, Table, Text};

/// A set with sequences of several bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Multi {
    ShiftJis,
    EucJp,
    Iso2022Jp,
    EucKr,
    Gbk,
    Gb18030,
    Hz,
    Big5,
}

/// A character, and how many bytes stand for it.
type Step = (char, usize);

impl Multi {
    pub(super) fn decode(self, bytes: &[u8], text: &mut Text<'_>) -> Result<(), EvalError> {
        match self {
            Multi::Iso2022Jp => iso_2022_jp(bytes, text),
            Multi::Hz => hz(bytes, text),
            Multi::ShiftJis => each(bytes, text, |bytes, _| Ok(shift_jis(bytes))),
            Multi::EucJp => each(bytes, text, |bytes, _| Ok(euc_jp(bytes))),
            Multi::EucKr => each(bytes, text, |bytes, _| Ok(euc_kr(bytes))),
            Multi::Gbk => each(bytes, text, |bytes, _| Ok(gbk(bytes, false))),
            Multi::Gb18030 => each(bytes, text, |bytes, _| Ok(gbk(bytes, true))),
            Multi::Big5 => each(bytes, text, big5),
        }
    }
}

/// Decodes by a function that is asked at each byte which is not ASCII; ASCII stands for itself.
fn each<'a>(
    bytes: &[u8],
    text: &mut Text<'a>,
    step: impl Fn(&[u8], &mut Text<'a>) -> Result<Step, EvalError>,
) -> Result<(), EvalError> {
    let mut rest = bytes;
    while !rest.is_empty() {
        let ascii = rest.iter().position(|byte| !byte.is_ascii()).unwrap_or(rest.len());
        text.0.extend_from_slice(&rest[..ascii])?;
        rest = &rest[ascii..];
        if rest.is_empty() {
            break;
        }
        let (char, len) = step(rest, text)?;
        text.push(char)?;
        rest = &rest[len..];
    }
    Ok(())
}

fn shift_jis(bytes: &[u8]) -> Step {
    let lead = bytes[0];
    let row = match lead {
        0x80 => return ('\u{80}', 1),
        0xa1..=0xdf => return (half_width(lead - 0xa1), 1),
        0x81..=0x9f => lead - 0x81,
        0xe0..=0xfc => lead - 0xc1,
        _ => return (REPLACEMENT, 1),
    };
    let (row, column) = match bytes.get(1) {
        Some(&trail @ 0x40..=0x7e) => (row * 2, trail - 0x40),
        Some(&trail @ 0x80..=0x9e) => (row * 2, trail - 0x41),
        Some(&trail @ 0x9f..=0xfc) => (row * 2 + 1, trail - 0x9f),
        Some(0xfd..) => return (REPLACEMENT, 2),
        _ => return (REPLACEMENT, 1),
    };
    (Table::Jis0208.char(usize::from(row) * 94 + usize::from(column)), 2)
}

/// A katakana of half width.
fn half_width(number: u8) -> char {
    char::from_u32(0xff61 + u32::from(number)).unwrap_or(REPLACEMENT)
}

fn euc_jp(bytes: &[u8]) -> Step {
    const TRAIL: std::ops::RangeInclusive<u8> = 0xa1..=0xfe;
    match (bytes[0], bytes.get(1).copied(), bytes.get(2).copied()) {
        (0x8e, Some(trail @ 0xa1..=0xdf), _) => (half_width(trail - 0xa1), 2),
        (0x8e, Some(0xe0..=0xfe), _) => (REPLACEMENT, 2),
        (0x8f, Some(first), Some(second)) if TRAIL.contains(&first) => {
            if TRAIL.contains(&second) {
                (square(Table::Jis0212, first, second), 3)
            } else {
                (REPLACEMENT, 2)
            }
        }
        (0x8f, Some(0xa1..=0xfd), None) => (REPLACEMENT, 2),
        (lead @ 0xa1..=0xfe, Some(trail), _) if TRAIL.contains(&trail) => (square(Table::Jis0208, lead, trail), 2),
        _ => (REPLACEMENT, 1),
    }
}

/// A character of a table of 94 columns.
fn square(table: Table, row: u8, column: u8) -> char {
    table.char(usize::from(row - 0xa1) * 94 + usize::from(column - 0xa1))
}

fn euc_kr(bytes: &[u8]) -> Step {
    let (lead, trail) = (bytes[0], bytes.get(1).copied().unwrap_or(0));
    if matches!(lead, 0x80 | 0xff) || bytes.len() < 2 {
        return (REPLACEMENT, 1);
    }
    let column = match trail {
        0x41..=0x5a => Some(trail - 0x41),
        0x61..=0x7a => Some(trail - 0x61 + 26),
        0x81..=0xfe => Some(trail - 0x81 + 52),
        _ => None,
    };
    let number = match column {
        Some(column) if lead < 0xc7 => Some(178 * usize::from(lead - 0x81) + usize::from(column)),
        Some(_) if trail >= 0xa1 => Some(178 * 70 + 94 * usize::from(lead - 0xc7) + usize::from(trail - 0xa1)),
        _ => None,
    };
    match number.map_or(REPLACEMENT, |number| Table::EucKr.char(number)) {
        REPLACEMENT if trail.is_ascii() => (REPLACEMENT, 1),
        char => (char, 2),
    }
}

fn gbk(bytes: &[u8], four: bool) -> Step {
    let lead = bytes[0];
    if lead == 0x80 {
        return ('\u{20ac}', 1);
    }
    let column = match (lead, bytes.get(1)) {
        (0xff, _) | (_, None) => return (REPLACEMENT, 1),
        (_, Some(&trail @ 0x40..=0x7e)) => trail - 0x40,
        (_, Some(&trail @ 0x80..=0xfe)) => trail - 0x41,
        // COMPAT: digits, and what follows them up to `@`.
        (_, Some(0x30..=0x3f)) if four => return four_bytes(bytes),
        _ => return (REPLACEMENT, 1),
    };
    (Table::Gbk.char(usize::from(lead - 0x81) * 190 + usize::from(column)), 2)
}

/// A sequence of four bytes whose first two are good.
fn four_bytes(bytes: &[u8]) -> Step {
    let &[first, second, third @ 0x81..=0xfe, fourth @ 0x30..=0x39, ..] = bytes else { return (REPLACEMENT, 1) };
    let [first, second, third, fourth] = [first - 0x81, second - 0x30, third - 0x81, fourth - 0x30].map(u32::from);
    let number = ((first * 10 + second) * 126 + third) * 10 + fourth;
    if number < 39420 {
        let run = RANGES.get().partition_point(|&(start, _)| start <= number);
        let char = run
            .checked_sub(1)
            .and_then(|run| RANGES.get().get(run))
            .and_then(|(start, char)| char::from_u32(char + number - start));
        return (char.unwrap_or(REPLACEMENT), 4);
    }
    match number.checked_sub(189_000).filter(|&number| number < 0x10_0000) {
        Some(number) => (char::from_u32(0x1_0000 + number).unwrap_or(REPLACEMENT), 4),
        None => (REPLACEMENT, 1),
    }
}

/// Four sequences stand for two characters: the first of them goes to the text here.
fn big5(bytes: &[u8], text: &mut Text<'_>) -> Result<Step, EvalError> {
    let lead = bytes[0];
    let column = match (lead, bytes.get(1)) {
        (0x80 | 0xff, _) | (_, None | Some(..0x40)) => return Ok((REPLACEMENT, 1)),
        (_, Some(&trail @ 0x40..=0x7e)) => trail - 0x40,
        (_, Some(&trail @ 0xa1..=0xfe)) => trail - 0x62,
        _ => return Ok((REPLACEMENT, 2)),
    };
    let number = usize::from(lead - 0x81) * 157 + usize::from(column);
    let (first, second) = match number {
        1133 => ('\u{ca}', '\u{304}'),
        1135 => ('\u{ca}', '\u{30c}'),
        1164 => ('\u{ea}', '\u{304}'),
        1166 => ('\u{ea}', '\u{30c}'),
        _ => return Ok((Table::Big5.char(number), 2)),
    };
    text.push(first)?;
    Ok((second, 2))
}

/// What the bytes of ISO-2022-JP stand for until the next escape.
enum Shift {
    Ascii,
    Katakana,
    Square(Table),
}

fn iso_2022_jp(bytes: &[u8], text: &mut Text<'_>) -> Result<(), EvalError> {
    let (mut shift, mut rest) = (Shift::Ascii, bytes);
    while let Some(&lead) = rest.first() {
        let (char, len) = match (lead, &shift) {
            (0x80.., _) => (REPLACEMENT, 1),
            (0x1b, _) => {
                let (next, len) = match rest {
                    [_, b'$', b'@' | b'B', ..] => (Shift::Square(Table::Jis0208), 3),
                    [_, b'$', b'(', b'D', ..] => (Shift::Square(Table::Jis0212), 4),
                    [_, b'(', b'B' | b'J', ..] => (Shift::Ascii, 3),
                    [_, b'(', b'I', ..] => (Shift::Katakana, 3),
                    _ => {
                        text.push(REPLACEMENT)?;
                        rest = &rest[1..];
                        continue;
                    }
                };
                (shift, rest) = (next, &rest[len..]);
                continue;
            }
            (_, Shift::Ascii) => (char::from(lead), 1),
            (0x21..=0x5f, Shift::Katakana) => (half_width(lead - 0x21), 1),
            (_, Shift::Katakana) => (REPLACEMENT, 1),
            (b'\n', Shift::Square(_)) => {
                shift = Shift::Ascii;
                ('\n', 1)
            }
            // COMPAT: a second byte that is out of range belongs to another row.
            (_, Shift::Square(table)) => match rest.get(1) {
                Some(trail) => {
                    let [row, column] = [lead, *trail].map(|byte| usize::from(byte.wrapping_sub(0x21)));
                    (table.char(row * 94 + column), 2)
                }
                None => (REPLACEMENT, 1),
            },
        };
        text.push(char)?;
        rest = &rest[len..];
    }
    Ok(())
}

fn hz(bytes: &[u8], text: &mut Text<'_>) -> Result<(), EvalError> {
    let (mut is_shifted, mut rest) = (false, bytes);
    while let Some(&lead) = rest.first() {
        let (char, len) = match (lead, rest.get(1)) {
            (0x80.., _) => (REPLACEMENT, 1),
            (b'~', Some(escape @ (b'{' | b'}' | b'\n'))) => {
                if *escape != b'\n' {
                    is_shifted = *escape == b'{';
                }
                rest = &rest[2..];
                continue;
            }
            (b'~', Some(b'~')) => ('~', 2),
            (b'~', Some(_)) => (REPLACEMENT, 2),
            (b'~', None) => (REPLACEMENT, 1),
            _ if !is_shifted => (char::from(lead), 1),
            (_, None) => (REPLACEMENT, 1),
            (0x21..=0x7d, Some(&trail @ 0x21..=0x7e)) => {
                (Table::Gbk.char(usize::from(lead - 1) * 190 + usize::from(trail + 0x3f)), 2)
            }
            (_, Some(0x81..)) => (REPLACEMENT, 1),
            _ => (REPLACEMENT, 2),
        };
        text.push(char)?;
        rest = &rest[len..];
    }
    Ok(())
}
