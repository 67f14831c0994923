//! Character sets: the texts that bytes stand for, in every set that the reference decodes.
//!
//! Names and tables are those of the reference's library, a data set ([`DataSet::Charsets`]); what bytes that stand for nothing become,
//! U+FFFD, and how many of them are one, is that library's, too ([`multi`], [`unicode`]). Sets of single bytes are tables alone.
//!
//! Deliberately elsewhere: base64, which is no character set (`converters::decode`).

mod multi;
mod unicode;

use std::collections::HashMap;

use ottl_core::data::{DataSet, Tables, rows};
use ottl_core::{Arena, ArenaVec, EvalError};

use self::multi::Multi;
use crate::space::trim_space;

/// What bytes that stand for no character become.
const REPLACEMENT: char = '\u{fffd}';

/// What each byte stands for.
type Single = [char; 256];

/// A character set.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Charset {
    /// Bytes as they are.
    Raw,
    Ascii,
    Utf8,
    Utf16 {
        little: bool,
        /// Whether a byte order mark at the start says otherwise, and is left out.
        marked: bool,
    },
    Single(&'static Single),
    Multi(Multi),
}

impl Charset {
    /// The set of this name; none if the reference knows none.
    pub(crate) fn find(name: &[u8]) -> Option<Charset> {
        let name = std::str::from_utf8(name).ok()?;
        // One character for each, as the reference does it: that of the Kelvin sign is `k`.
        let lower: String = name.chars().filter_map(|c| c.to_lowercase().next()).collect();
        Some(match lower.as_str() {
            "" | "utf-8" | "utf8" | "ascii" | "us-ascii" => Charset::Utf8,
            "utf-16" | "utf16" => Charset::Utf16 { little: true, marked: false },
            "nop" | "utf-8-raw" | "utf8-raw" => Charset::Raw,
            lower => {
                // COMPAT: white space is only taken off names of the registry, so that ` utf-16` is another set.
                let trimmed = std::str::from_utf8(trim_space(lower.as_bytes())).ok()?;
                Charset::registered(DATA.get().names.get(trimmed)?)?
            }
        })
    }

    /// The set that an XML document declares by this label, in lower case; none if the reference knows none.
    pub(crate) fn labelled(label: &[u8]) -> Option<Charset> {
        Charset::registered(DATA.get().labels.get(std::str::from_utf8(label).ok()?)?)
    }

    /// The set that a row of names ends with.
    fn registered(set: &str) -> Option<Charset> {
        Some(match set {
            "us-ascii" => Charset::Ascii,
            "utf-8" => Charset::Utf8,
            "utf-16" => Charset::Utf16 { little: false, marked: true },
            "utf-16be" => Charset::Utf16 { little: false, marked: false },
            "utf-16le" => Charset::Utf16 { little: true, marked: false },
            "shift_jis" => Charset::Multi(Multi::ShiftJis),
            "extended_unix_code_packed_format_for_japanese" => Charset::Multi(Multi::EucJp),
            "iso-2022-jp" => Charset::Multi(Multi::Iso2022Jp),
            "euc-kr" => Charset::Multi(Multi::EucKr),
            "gbk" => Charset::Multi(Multi::Gbk),
            "gb18030" => Charset::Multi(Multi::Gb18030),
            "hz-gb-2312" => Charset::Multi(Multi::Hz),
            "big5" => Charset::Multi(Multi::Big5),
            number => Charset::Single(DATA.get().singles.get(number.parse::<usize>().ok()?)?),
        })
    }

    /// The text that the bytes stand for: themselves if they are that text, else one in the arena.
    ///
    /// # Errors
    /// [`ottl_core::ErrorKind::Budget`].
    pub(crate) fn decode<'a>(self, bytes: &'a [u8], arena: &'a Arena) -> Result<&'a [u8], EvalError> {
        let is_same = match self {
            Charset::Raw => true,
            Charset::Utf8 => std::str::from_utf8(bytes).is_ok(),
            Charset::Ascii => bytes.is_ascii(),
            _ => bytes.is_empty(),
        };
        if is_same {
            return Ok(bytes);
        }
        let mut text = Text(arena.vec_for(bytes.len())?);
        match self {
            Charset::Raw => text.0.extend_from_slice(bytes)?,
            Charset::Utf8 => unicode::utf8(bytes, &mut text)?,
            Charset::Ascii => {
                for &byte in bytes {
                    text.push(if byte.is_ascii() { char::from(byte) } else { REPLACEMENT })?;
                }
            }
            Charset::Utf16 { little, marked } => unicode::utf16(bytes, little, marked, &mut text)?,
            Charset::Single(table) => {
                for &byte in bytes {
                    text.push(table[usize::from(byte)])?;
                }
            }
            Charset::Multi(set) => set.decode(bytes, &mut text)?,
        }
        Ok(text.0.into_slice())
    }
}

/// A text while it is made.
struct Text<'a>(ArenaVec<'a, u8>);

impl Text<'_> {
    #[inline]
    fn push(&mut self, char: char) -> Result<(), EvalError> {
        if char.is_ascii() {
            return self.0.push(char as u8);
        }
        self.0.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes())
    }
}

/// What is read of the rows at once.
struct Data {
    /// Sets by name, in lower case.
    names: HashMap<&'static str, &'static str>,
    /// Sets by the labels of XML documents, in lower case.
    labels: HashMap<&'static str, &'static str>,
    singles: Vec<Single>,
}

static DATA: Tables<Data> = Tables::new(DataSet::Charsets, |bytes| {
    let mut data = Data { names: HashMap::new(), labels: HashMap::new(), singles: Vec::new() };
    for row in rows(bytes) {
        let mut cells = row.split('\t');
        match (cells.next(), cells.next(), cells.next()) {
            (Some("name"), Some(name), Some(set)) => {
                data.names.insert(name, set);
            }
            (Some("label"), Some(label), Some(set)) => {
                data.labels.insert(label, set);
            }
            (Some("single"), _, Some(digits)) => {
                data.singles.push(std::array::from_fn(|i| hex(digits, i * 4).unwrap_or(REPLACEMENT)));
            }
            _ => {}
        }
    }
    data
});

/// The character of four hexadecimal digits.
fn hex(digits: &str, at: usize) -> Option<char> {
    char::from_u32(u32::from_str_radix(digits.get(at..at + 4)?, 16).ok()?)
}

/// A table of two-byte sequences.
#[derive(Clone, Copy, Debug)]
enum Table {
    Jis0208,
    Jis0212,
    Gbk,
    Big5,
    EucKr,
}

impl Table {
    /// The character of this number.
    #[inline]
    fn char(self, number: usize) -> char {
        self.chars().get(number).copied().filter(|&char| char != NONE).unwrap_or(REPLACEMENT)
    }

    /// Made at the first use.
    fn chars(self) -> &'static [char] {
        const fn table(read: fn(&'static [u8]) -> Vec<char>) -> Tables<Vec<char>> {
            Tables::new(DataSet::Charsets, read)
        }
        fn chars(bytes: &'static [u8], name: &str) -> Vec<char> {
            rows(bytes).filter_map(|row| row.strip_prefix(name)?.strip_prefix('\t')).flat_map(unfolded).collect()
        }
        static TABLES: [Tables<Vec<char>>; 5] = [
            table(|bytes| chars(bytes, "jis0208")),
            table(|bytes| chars(bytes, "jis0212")),
            table(|bytes| chars(bytes, "gbk")),
            table(|bytes| chars(bytes, "big5")),
            table(|bytes| chars(bytes, "euckr")),
        ];
        TABLES[self as usize].get()
    }
}

/// What stands in the rows of tables where there is no character.
const NONE: char = ' ';

/// The characters of a row, which says how far each is from the one before: upwards and downwards in turn, from `!` on.
fn unfolded(row: &'static str) -> impl Iterator<Item = char> {
    let mut last = 0_i32;
    row.chars().map(move |step| {
        if step == NONE {
            return NONE;
        }
        let surrogates = if step > '\u{d7ff}' { 0x800 } else { 0 };
        let far = (step as i32 - surrogates).saturating_sub('!' as i32);
        last = last.saturating_add(if far % 2 == 0 { far / 2 } else { -(far / 2) - 1 });
        u32::try_from(last).ok().and_then(char::from_u32).unwrap_or(NONE)
    })
}

/// Runs of the four-byte sequences of GB18030: the number of the first and its character.
static RANGES: Tables<Vec<(u32, u32)>> = Tables::new(DataSet::Charsets, |bytes| {
    let digits = rows(bytes).find_map(|row| row.strip_prefix("ranges\t")).unwrap_or_default();
    let number = |at: usize| u32::from_str_radix(digits.get(at..at + 4)?, 16).ok();
    (0..digits.len()).step_by(8).filter_map(|at| Some((number(at)?, number(at + 4)?))).collect()
});

#[cfg(all(test, feature = "charsets"))]
mod tests {
    use super::*;

    #[test]
    fn tables_are_complete() {
        let data = DATA.get();
        let counts = (data.names.len(), data.labels.len(), data.singles.len(), RANGES.get().first());
        assert_eq!(counts, (226, 222, 42, Some(&(0, 0x80))));
        let sizes =
            [Table::Jis0208, Table::Jis0212, Table::Gbk, Table::Big5, Table::EucKr].map(|table| table.chars().len());
        assert_eq!(sizes, [120 * 94, 94 * 94, 126 * 190, 126 * 157, 70 * 178 + 56 * 94]);
        let unknown: Vec<_> = data.names.keys().filter(|name| Charset::find(name.as_bytes()).is_none()).collect();
        assert_eq!(unknown, Vec::<&&str>::new());
        let unknown: Vec<_> = data.labels.keys().filter(|name| Charset::labelled(name.as_bytes()).is_none()).collect();
        assert_eq!(unknown, Vec::<&&str>::new());
    }
}
